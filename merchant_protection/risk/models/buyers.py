"""What a shop does about a buyer, and how a buyer or the platform objects."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Buyer, Order
from merchant_protection.risk.lifecycle import IN_FORCE, AppealStatus, RestrictionStatus
from merchant_protection.risk.models.warnings import Warning


class Restriction(models.Model):
    """A buyer may do less in one shop for a while; staff review it within a day, and it ends on appeal."""

    class Limit(models.TextChoices):
        NO_ORDERS = "NO_ORDERS", _("No orders")
        NO_CASH_ON_DELIVERY = "NO_CASH_ON_DELIVERY", _("No cash on delivery")
        SHORT_PAYMENT = "SHORT_PAYMENT", _("Shorter time to pay")

    class Status(models.TextChoices):
        IN_REVIEW = RestrictionStatus.IN_REVIEW, _("In force, in review")
        CONFIRMED = RestrictionStatus.CONFIRMED, _("In force")
        LIFTED = RestrictionStatus.LIFTED, _("Lifted")
        REJECTED = RestrictionStatus.REJECTED, _("Lifted by review")
        LAPSED = RestrictionStatus.LAPSED, _("Ended")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    buyer = models.ForeignKey(Buyer, models.PROTECT, related_name="restrictions")
    warning = models.ForeignKey(Warning, models.PROTECT, null=True, blank=True, related_name="+")
    limits = ArrayField(models.CharField(max_length=20, choices=Limit))
    payment_minutes = models.PositiveSmallIntegerField(_("minutes to pay"), null=True, blank=True)
    reason = models.TextField(_("reason"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.IN_REVIEW)
    made_at = models.DateTimeField(_("made"))
    made_by = models.CharField(_("by"), max_length=200)
    review_due_at = models.DateTimeField(_("to be reviewed by"))
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    reviewed_by = models.CharField(_("reviewed by"), max_length=200, blank=True)
    ends_at = models.DateTimeField(_("ends"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        indexes = [
            models.Index(fields=["merchant", "-made_at", "-id"], name="risk_restriction_recent"),
            models.Index(
                fields=["review_due_at"],
                condition=models.Q(status=RestrictionStatus.IN_REVIEW),
                name="risk_restriction_review",
            ),
            models.Index(fields=["ends_at"], condition=models.Q(status__in=IN_FORCE), name="risk_restriction_end"),
        ]
        constraints = [
            tenancy.TenantRows(name="risk_restriction_tenant"),
            tenancy.SameMerchant(field="buyer", name="risk_restriction_buyer"),
            tenancy.SameMerchant(field="warning", name="risk_restriction_warning"),
            models.UniqueConstraint(
                fields=["merchant", "buyer"], condition=models.Q(status__in=IN_FORCE), name="risk_restriction_one"
            ),
            models.UniqueConstraint(fields=["merchant", "id"], name="risk_restriction_key"),
            models.CheckConstraint(
                condition=models.Q(status__in=IN_FORCE, ended_at__isnull=True)
                | (~models.Q(status__in=IN_FORCE) & models.Q(ended_at__isnull=False)),
                name="risk_restriction_end_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"restriction of {self.buyer_id}"

    @property
    def is_in_force(self) -> bool:
        """Whether the buyer is restricted now."""
        return self.status in IN_FORCE


class RestrictionMove(models.Model):
    """One line of a restriction's history, append-only."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    restriction = models.ForeignKey(Restriction, models.PROTECT, related_name="history")
    move = models.CharField(max_length=20)
    status = models.CharField(max_length=9, choices=Restriction.Status)
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=200)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            tenancy.TenantRows(name="risk_restrictionmove_tenant"),
            tenancy.SameMerchant(field="restriction", name="risk_restrictionmove_of"),
            tenancy.AppendOnly(name="risk_restrictionmove_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.move} {self.restriction_id}"


class Appeal(models.Model):
    """Somebody says that a hold, a rejection or a restriction hit the wrong buyer (误伤申诉)."""

    class Source(models.TextChoices):
        PLATFORM = "PLATFORM", _("The buyer, through the platform")
        MERCHANT = "MERCHANT", _("The shop")

    class Status(models.TextChoices):
        OPEN = AppealStatus.OPEN, _("Waits for an answer")
        UPHELD = AppealStatus.UPHELD, _("Upheld")
        DISMISSED = AppealStatus.DISMISSED, _("Dismissed")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    reference = models.CharField(_("appeal number"), max_length=80)
    source = models.CharField(_("from"), max_length=8, choices=Source)
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="+")
    order_number = models.CharField(_("order number"), max_length=80, blank=True)
    buyer = models.ForeignKey(Buyer, models.PROTECT, null=True, blank=True, related_name="+")
    restriction = models.ForeignKey(Restriction, models.PROTECT, null=True, blank=True, related_name="appeals")
    decision_id = models.CharField(_("order decision"), max_length=80, blank=True)
    words = models.TextField(_("what is said"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.CharField(_("opened by"), max_length=200)
    due_at = models.DateTimeField(_("to be answered by"))
    overdue_told_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.CharField(_("by"), max_length=200, blank=True)
    answer_note = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("mis-hit appeal")
        verbose_name_plural = _("mis-hit appeals")
        indexes = [
            models.Index(fields=["merchant", "-opened_at", "-id"], name="risk_appeal_recent"),
            models.Index(fields=["due_at"], condition=models.Q(status=AppealStatus.OPEN), name="risk_appeal_due"),
        ]
        constraints = [
            tenancy.TenantRows(name="risk_appeal_tenant"),
            tenancy.SameMerchant(field="order", name="risk_appeal_order"),
            tenancy.SameMerchant(field="buyer", name="risk_appeal_buyer"),
            tenancy.SameMerchant(field="restriction", name="risk_appeal_restriction"),
            models.UniqueConstraint(fields=["merchant", "reference"], name="risk_appeal_once"),
            models.CheckConstraint(
                condition=models.Q(status=AppealStatus.OPEN, answered_at__isnull=True)
                | (~models.Q(status=AppealStatus.OPEN) & models.Q(answered_at__isnull=False)),
                name="risk_appeal_answer_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class BuyerSignal(models.Model):
    """How many shops a buyer lately claimed against: a count without names, kept by the keyed hash of the buyer.

    It has no merchant: no shop's rows can be found from it. It is shown from three shops up, fades with
    age, and is not shown while the buyer disputes it.
    """

    class Kind(models.TextChoices):
        CLAIMS = "CLAIMS", _("Claims for money")

    key = models.CharField(max_length=64)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    shops = models.PositiveIntegerField(_("shops"))
    cases = models.PositiveIntegerField(_("cases"))
    weight = models.FloatField(_("weight"))
    newest_at = models.DateTimeField(_("newest"))
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("count over shops")
        verbose_name_plural = _("counts over shops")
        constraints = [models.UniqueConstraint(fields=["key", "kind"], name="risk_buyersignal_once")]

    def __str__(self) -> str:
        return f"{self.kind} in {self.shops} shops"


class SignalDispute(models.Model):
    """A buyer disputes what is counted over shops; until a person answers it is shown to nobody."""

    class Status(models.TextChoices):
        OPEN = AppealStatus.OPEN, _("Waits for an answer")
        UPHELD = AppealStatus.UPHELD, _("Upheld")
        DISMISSED = AppealStatus.DISMISSED, _("Dismissed")

    key = models.CharField(max_length=64)
    kind = models.CharField(_("kind"), max_length=8, choices=BuyerSignal.Kind)
    words = models.TextField(_("what is said"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.CharField(_("opened by"), max_length=200)
    due_at = models.DateTimeField(_("to be answered by"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.CharField(_("by"), max_length=200, blank=True)
    answer_note = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("dispute of a count")
        verbose_name_plural = _("disputes of counts")
        constraints = [
            models.UniqueConstraint(
                fields=["key", "kind"],
                condition=models.Q(status=AppealStatus.OPEN),
                name="risk_signaldispute_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"dispute {self.pk}"
