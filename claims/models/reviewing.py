"""Who has a case, why it lies in its queue, and who is looking at it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims.models.claims import Claim
from claims.rules.routing import Why
from merchant_protection.accounts.models import Merchant, User
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models.orders import SAME_MERCHANT


class QueueReason(models.Model):
    """A reason a case lies in its queue; each is closed by the decision that matches it."""

    class Code(models.TextChoices):
        NEW_CLAIM = Why.NEW_CLAIM, _("New complaint")
        EVIDENCE_RECEIVED = Why.EVIDENCE_RECEIVED, _("Evidence received")
        SECOND_APPROVAL = Why.SECOND_APPROVAL, _("Second approval")
        APPEAL = Why.APPEAL, _("Appeal")
        SAMPLE_REVIEW = Why.SAMPLE_REVIEW, _("Sample for quality")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="reasons", **SAME_MERCHANT)
    code = models.CharField(_("reason"), max_length=20, choices=Code)
    opened_at = models.DateTimeField(_("since"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.CharField(_("closed by"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("reason in a queue")
        verbose_name_plural = _("reasons in a queue")
        constraints = [
            tenancy.TenantRows(name="claims_queuereason_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_queuereason_claim"),
            models.UniqueConstraint(
                fields=["merchant", "claim", "code"],
                condition=models.Q(closed_at__isnull=True),
                name="claims_queuereason_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.code}"


class ReviewLease(models.Model):
    """One reviewer's time with a case: taken, renewed by the open page, given back or run out."""

    class Release(models.TextChoices):
        DECIDED = "DECIDED", pgettext_lazy("release", "Decided")
        ASKED = "ASKED", _("Evidence asked for")
        PUT_BACK = "PUT_BACK", _("Put back")
        HANDED_OVER = "HANDED_OVER", _("Handed over")
        RAN_OUT = "RAN_OUT", _("Ran out")
        CLOSED = "CLOSED", _("Case closed")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="leases", **SAME_MERCHANT)
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    taken_at = models.DateTimeField(_("taken"))
    renewed_at = models.DateTimeField(_("renewed"))
    until = models.DateTimeField(_("until"))
    is_kept = models.BooleanField(_("kept"), default=False)
    released_at = models.DateTimeField(_("given back"), null=True, blank=True)
    release = models.CharField(_("how"), max_length=12, choices=Release, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("time with a case")
        verbose_name_plural = _("time with cases")
        indexes = [
            models.Index(fields=["reviewer"], condition=models.Q(released_at__isnull=True), name="claims_lease_held"),
            models.Index(
                fields=["until"],
                condition=models.Q(released_at__isnull=True, is_kept=False),
                name="claims_lease_ending",
            ),
            models.Index(fields=["merchant", "claim", "id"], name="claims_lease_of"),
            models.Index(fields=["reviewer", "released_at"], name="claims_lease_done"),
        ]
        constraints = [
            tenancy.TenantRows(name="claims_lease_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_lease_claim"),
            models.UniqueConstraint(
                fields=["merchant", "claim"], condition=models.Q(released_at__isnull=True), name="claims_lease_one"
            ),
            models.CheckConstraint(
                condition=models.Q(released_at__isnull=True, release="")
                | (models.Q(released_at__isnull=False) & ~models.Q(release="")),
                name="claims_lease_release_is_told",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} with {self.reviewer_id}"


class Viewer(models.Model):
    """Somebody of the staff who has a case open on the screen."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.CASCADE, related_name="viewers", **SAME_MERCHANT)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            tenancy.TenantRows(name="claims_viewer_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_viewer_claim"),
            models.UniqueConstraint(fields=["merchant", "claim", "user"], name="claims_viewer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.claim_id}"
