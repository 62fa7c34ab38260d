"""Launch policies, their immutable versions, and where each version acts."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from scalper_policies.lifecycle import LIVE, VersionStatus
from scalper_policies.rules.policy import Verdict


class Policy(models.Model):
    """A launch policy (黄牛防控策略) of one shop: a name, and versions that say who may buy how much.

    One of them, without a name or versions of its own, stands for the platform's baseline rules: what they count in
    this shop is kept under it.
    """

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=120)
    created_at = models.DateTimeField(_("created"))
    created_by = models.CharField(_("by"), max_length=200)
    changed_at = models.DateTimeField(_("last change"))
    is_baseline = models.BooleanField(_("stands for the baseline rules"), default=False, db_default=False)

    class Meta:
        verbose_name = _("scalper policy")
        verbose_name_plural = _("scalper policies")
        indexes = [models.Index(fields=["merchant", "-changed_at", "-id"], name="scalper_policy_recent")]
        constraints = [
            tenancy.TenantRows(name="scalper_policy_tenant"),
            models.UniqueConstraint(fields=["merchant", "name"], name="scalper_policy_name"),
            models.UniqueConstraint(fields=["merchant", "id"], name="scalper_policy_key"),
            models.UniqueConstraint(
                fields=["merchant"], condition=models.Q(is_baseline=True), name="scalper_policy_one_baseline"
            ),
            models.CheckConstraint(
                condition=models.Q(is_baseline=False) | models.Q(name=""), name="scalper_policy_baseline_is_nameless"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Written(models.Model):
    """Terms that somebody wrote, with who approved them and since when they watched and acted."""

    terms = models.JSONField(_("terms"))
    revision = models.PositiveIntegerField(default=1)
    author = models.CharField(_("author"), max_length=200)
    author_id = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"))
    changed_at = models.DateTimeField(_("changed"))
    approved_by = models.CharField(_("approved by"), max_length=200, blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    watched_since = models.DateTimeField(_("in shadow since"), null=True, blank=True)
    acts_since = models.DateTimeField(_("acts since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        abstract = True


class PolicyVersion(Written):
    """One version of a policy; once it is approved the database refuses another text for it."""

    class Status(models.TextChoices):
        DRAFT = VersionStatus.DRAFT, _("Draft")
        SUBMITTED = VersionStatus.SUBMITTED, _("Waits for approval")
        APPROVED = VersionStatus.APPROVED, _("Approved")
        SHADOW = VersionStatus.SHADOW, _("Shadow")
        CANARY = VersionStatus.CANARY, _("Canary")
        ENFORCING = VersionStatus.ENFORCING, _("Enforcing")
        EXPIRED = VersionStatus.EXPIRED, _("Expired")
        RETIRED = VersionStatus.RETIRED, _("Retired")

    class Answer(models.TextChoices):
        ALLOW = Verdict.ALLOW.value, _("Allow")
        VERIFY = Verdict.VERIFY.value, _("Check")
        HOLD = Verdict.HOLD.value, _("Hold")
        REVIEW = Verdict.REVIEW.value, pgettext_lazy("answer about an order", "Review")
        REJECT = Verdict.REJECT.value, _("Reject")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(_("version"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    when_we_fail = models.CharField(_("when we fail"), max_length=6, choices=Answer)
    harshest = models.CharField(_("harshest answer"), max_length=6, choices=Answer)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    canary_percent = models.PositiveSmallIntegerField(_("share of buyers"), default=0)

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        indexes = [
            models.Index(
                fields=["ends_at"],
                condition=models.Q(status__in=[VersionStatus.APPROVED, *LIVE], ends_at__isnull=False),
                name="scalper_version_expiry",
            ),
            models.Index(fields=["merchant", "status"], name="scalper_version_status"),
        ]
        constraints = [
            tenancy.TenantRows(name="scalper_version_tenant"),
            tenancy.SameMerchant(field="policy", name="scalper_version_policy"),
            models.UniqueConstraint(fields=["merchant", "policy", "number"], name="scalper_version_number"),
            models.UniqueConstraint(fields=["merchant", "id"], name="scalper_version_key"),
            models.UniqueConstraint(
                fields=["merchant", "policy"],
                condition=models.Q(status=VersionStatus.ENFORCING),
                name="scalper_version_one_enforcing",
            ),
            models.UniqueConstraint(
                fields=["merchant", "policy"],
                condition=models.Q(status__in=[VersionStatus.SHADOW, VersionStatus.CANARY]),
                name="scalper_version_one_candidate",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["DRAFT", "SUBMITTED", "RETIRED"]) | models.Q(approved_at__isnull=False),
                name="scalper_version_approval_is_dated",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="scalper_version_window",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} v{self.number}"


class VersionMove(models.Model):
    """One line of a version's history, append-only."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="history", db_index=False)
    move = models.CharField(_("move"), max_length=20)
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(_("status"), max_length=10, choices=PolicyVersion.Status)
    at = models.DateTimeField(_("at"))
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(_("by"), max_length=200)
    note = models.CharField(_("note"), max_length=300, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("policy history")
        verbose_name_plural = _("policy history")
        indexes = [models.Index(fields=["merchant", "version", "id"], name="scalper_move_of")]
        constraints = [
            tenancy.TenantRows(name="scalper_move_tenant"),
            tenancy.SameMerchant(field="version", name="scalper_move_version"),
            tenancy.AppendOnly(name="scalper_move_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.move}"


class Reach(models.Model):
    """A listing that a live version is about; an empty SKU means every listing. What applies is found by this alone."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+", db_index=False)
    sku = models.CharField(_("SKU"), max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["merchant", "version"], name="scalper_reach_of")]
        constraints = [
            tenancy.TenantRows(name="scalper_reach_tenant"),
            tenancy.SameMerchant(field="version", name="scalper_reach_version"),
            models.UniqueConstraint(fields=["merchant", "sku", "version"], name="scalper_reach_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.sku or '*'}"


class Snooze(models.Model):
    """One rule of a policy left aside for one buyer until a date."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="snoozes", db_index=False)
    rule = models.CharField(_("rule"), max_length=60)
    dimension = models.CharField(_("what is matched"), max_length=20)
    key = models.CharField(max_length=64)
    shown = models.CharField(_("entry"), max_length=80, blank=True)
    until = models.DateTimeField(pgettext_lazy("stretch of time", "until"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("added"))
    created_by = models.CharField(_("by"), max_length=200)

    class Meta:
        verbose_name = _("snooze")
        verbose_name_plural = _("snoozes")
        constraints = [
            tenancy.TenantRows(name="scalper_snooze_tenant"),
            tenancy.SameMerchant(field="policy", name="scalper_snooze_policy"),
            models.UniqueConstraint(
                fields=["merchant", "policy", "dimension", "key", "rule"], name="scalper_snooze_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.rule}"
