"""What the marketplace's staff overruled: one answer, or a rule in one shop, for a time."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from scalper_policies.models.decisions import OrderDecision
from scalper_policies.models.policies import Policy, PolicyVersion


class Override(models.Model):
    """One overruling (人工改判): with its reason, and an end that comes by itself; the answer it overrules stays.

    Of a rule: the rule says nothing in this shop until the end; no rule named means every rule of its policy. The
    baseline rules stand under the shop's policy of that kind.
    """

    class Kind(models.TextChoices):
        DECISION = "DECISION", _("One answer")
        RULE = "RULE", _("A rule in one shop")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(_("what is overruled"), max_length=8, choices=Kind)
    decision = models.ForeignKey(
        OrderDecision, models.PROTECT, null=True, blank=True, related_name="overrides", db_index=False
    )
    verdict = models.CharField(_("answer instead"), max_length=6, choices=PolicyVersion.Answer, blank=True)
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    rule = models.CharField(_("rule"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    starts_at = models.DateTimeField(pgettext_lazy("stretch of time", "from"))
    ends_at = models.DateTimeField(pgettext_lazy("stretch of time", "until"))
    made_by = models.CharField(_("by"), max_length=200)
    made_by_id = models.BigIntegerField(null=True, blank=True)
    ended_at = models.DateTimeField(_("ended early"), null=True, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("overruling")
        verbose_name_plural = _("overrulings")
        indexes = [
            models.Index(fields=["merchant", "kind", "ends_at"], name="scalper_override_standing"),
            models.Index(fields=["merchant", "decision"], name="scalper_override_of"),
        ]
        constraints = [
            tenancy.TenantRows(name="scalper_override_tenant"),
            tenancy.SameMerchant(field="decision", name="scalper_override_decision"),
            tenancy.SameMerchant(field="policy", name="scalper_override_policy"),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="scalper_override_ends"),
            models.CheckConstraint(
                condition=models.Q(kind="DECISION", decision__isnull=False, policy__isnull=True) & ~models.Q(verdict="")
                | models.Q(kind="RULE", decision__isnull=True, policy__isnull=False, verdict=""),
                name="scalper_override_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | ~models.Q(ended_by=""), name="scalper_override_ended_by"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.decision_id or self.policy_id} {self.rule}"
