"""A merchant's complaint about a buyer, with its lines and its history."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims import lifecycle
from claims.models.kinds import ClaimKind
from claims.models.queues import Priority, Queue, Risk
from merchant_protection.accounts.models import Merchant, User
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import AfterSale, Buyer, Order
from merchant_protection.marketplace.models.listings import MONEY
from merchant_protection.marketplace.models.orders import SAME_MERCHANT
from merchant_protection.risk.models import Warning

TAKEABLE = models.Q(status__in=sorted(lifecycle.UNTAKEN), reviewer__isnull=True)
OPEN = models.Q(status__in=sorted(lifecycle.UNDECIDED | lifecycle.UNDER_APPEAL))


class RemedyKind(models.TextChoices):
    """What the merchant wants, and what a decision for it can bring (救济措施)."""

    STOP_REFUND = "STOP_REFUND", _("Stop the refund")
    HIDE_REVIEW = "HIDE_REVIEW", _("Hide the review")
    EXEMPT_ORDER = "EXEMPT_ORDER", _("Leave the order out of my figures")
    RESTRICT_BUYER = "RESTRICT_BUYER", _("Restrict the buyer")
    COMPENSATION = "COMPENSATION", _("Compensation")
    REPORT_TO_AUTHORITY = "REPORT_TO_AUTHORITY", _("Prepare a report to the authority")


class Claim(models.Model):
    """A complaint about a malicious claim (投诉): what happened, what is at stake, where it stands."""

    class Status(models.TextChoices):
        DRAFT = lifecycle.DRAFT, _("Draft")
        SUBMITTED = lifecycle.SUBMITTED, _("Submitted")
        IN_REVIEW = lifecycle.IN_REVIEW, _("In review")
        AWAITING_EVIDENCE = lifecycle.AWAITING_EVIDENCE, _("Evidence needed")
        HELD = lifecycle.HELD, _("Second approval")
        UPHELD = lifecycle.UPHELD, _("Upheld")
        PARTLY_UPHELD = lifecycle.PARTLY_UPHELD, _("Partly upheld")
        REJECTED = lifecycle.REJECTED, _("Not upheld")
        WITHDRAWN = lifecycle.WITHDRAWN, _("Withdrawn")
        EXPIRED = lifecycle.EXPIRED, pgettext_lazy("complaint", "Expired")
        APPEALED = lifecycle.APPEALED, _("Appealed")
        APPEAL_REVIEW = lifecycle.APPEAL_REVIEW, _("Appeal in review")
        FINAL = lifecycle.FINAL, pgettext_lazy("complaint", "Final")

    class Channel(models.TextChoices):
        PLATFORM_CHAT = "PLATFORM_CHAT", _("Chat of the platform")
        PHONE = "PHONE", _("Phone")
        WECHAT = "WECHAT", _("WeChat or another messenger")
        REVIEW = "REVIEW", _("Review")
        AFTER_SALE = "AFTER_SALE", _("After-sale request")
        AUTHORITY = "AUTHORITY", _("Complaint to an authority")
        OTHER = "OTHER", pgettext_lazy("channel", "Another way")

    class Source(models.TextChoices):
        WEB = "WEB", _("Pages")
        API = "API", "API"
        CSV = "CSV", _("File")
        WARNING = "WARNING", _("Warning")
        AFTER_SALE = "AFTER_SALE", _("After-sale")
        ORDER = "ORDER", _("Order")
        SYSTEM = "SYSTEM", _("Recognised by the system")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    kind = models.ForeignKey(ClaimKind, models.PROTECT, related_name="+", verbose_name=_("kind"))
    kind_code = models.CharField(_("kind"), max_length=40)
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="claims", **SAME_MERCHANT)
    order_number = models.CharField(_("order number"), max_length=80, blank=True)
    after_sale = models.ForeignKey(AfterSale, models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    warning = models.ForeignKey(Warning, models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    buyer = models.ForeignKey(Buyer, models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    buyer_key = models.CharField(max_length=64, blank=True)
    status = models.CharField(_("status"), max_length=18, choices=Status, default=Status.DRAFT)
    source = models.CharField(_("filed by"), max_length=10, choices=Source, default=Source.WEB)
    batch = models.CharField(_("file"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    amount = models.DecimalField(_("at stake"), default=0, **MONEY)
    amount_demanded = models.DecimalField(_("demanded"), null=True, blank=True, **MONEY)
    amount_upheld = models.DecimalField(_("upheld"), null=True, blank=True, **MONEY)
    story = models.TextField(_("what happened"), blank=True)
    happened_at = models.DateTimeField(_("when it happened"), null=True, blank=True)
    demand_channel = models.CharField(_("how the demand came"), max_length=16, choices=Channel, blank=True)
    is_buyer_contacted = models.BooleanField(_("you contacted the buyer"), null=True, blank=True)
    review_ref = models.CharField(_("review number"), max_length=120, blank=True)
    desired_remedies = ArrayField(
        models.CharField(max_length=20, choices=RemedyKind), default=list, blank=True, verbose_name=_("what you want")
    )
    completeness = models.PositiveSmallIntegerField(_("completeness"), default=0)
    is_complete = models.BooleanField(_("evidence complete"), default=False)
    filed_by_id = models.BigIntegerField(null=True, blank=True)
    filed_by_name = models.CharField(_("filed by"), max_length=200, blank=True)
    # Where it lies at the desk.
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    routed_by = models.CharField(_("routed by"), max_length=80, blank=True)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority, default=Priority.NORMAL)
    tier = models.CharField(_("merchant's tier"), max_length=20, default="STANDARD")
    risk = models.CharField(_("risk"), max_length=6, choices=Risk, default=Risk.LOW)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # Who decided it before: an appeal or a second approval never comes to them.
    deciders = ArrayField(models.BigIntegerField(), default=list, blank=True)
    due_at = models.DateTimeField(_("next deadline"), null=True, blank=True)
    is_paused = models.BooleanField(default=False)
    is_overdue = models.BooleanField(_("overdue"), default=False)
    # When what.
    created_at = models.DateTimeField(_("drafted"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    opened_at = models.DateTimeField(_("clock started"), null=True, blank=True)
    first_response_at = models.DateTimeField(_("first response"), null=True, blank=True)
    evidence_due_at = models.DateTimeField(_("evidence until"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    appeal_until = models.DateTimeField(_("appeal until"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"))
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        indexes = [
            models.Index(fields=["merchant", "-created_at", "-id"], name="claims_claim_recent"),
            models.Index(fields=["merchant", "status", "due_at", "-id"], name="claims_claim_status"),
            models.Index(fields=["merchant", "buyer"], name="claims_claim_buyer"),
            models.Index(fields=["buyer_key"], condition=~models.Q(buyer_key=""), name="claims_claim_buyer_key"),
            models.Index(fields=["queue", "due_at", "-amount", "id"], condition=TAKEABLE, name="claims_claim_takeable"),
            models.Index(fields=["due_at", "-amount", "id"], condition=OPEN, name="claims_claim_open"),
            models.Index(fields=["queue", "status", "due_at", "id"], condition=OPEN, name="claims_claim_lane"),
            models.Index(fields=["due_at", "id"], condition=models.Q(is_overdue=True), name="claims_claim_overdue"),
            models.Index(
                fields=["reviewer", "due_at"],
                condition=models.Q(reviewer__isnull=False),
                name="claims_claim_reviewer",
            ),
            models.Index(
                fields=["evidence_due_at"],
                condition=models.Q(status=lifecycle.AWAITING_EVIDENCE),
                name="claims_claim_expiring",
            ),
            models.Index(
                fields=["appeal_until"],
                condition=models.Q(status__in=sorted(lifecycle.DECIDED)),
                name="claims_claim_finalising",
            ),
            models.Index(
                fields=["decided_at"], condition=models.Q(decided_at__isnull=False), name="claims_claim_decided"
            ),
            models.Index(
                fields=["submitted_at"], condition=models.Q(submitted_at__isnull=False), name="claims_claim_arrived"
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="claims_claim_tenant"),
            tenancy.SameMerchant(field="order", name="claims_claim_order"),
            tenancy.SameMerchant(field="after_sale", name="claims_claim_after_sale"),
            tenancy.SameMerchant(field="warning", name="claims_claim_warning"),
            tenancy.SameMerchant(field="buyer", name="claims_claim_buyer_same"),
            models.UniqueConstraint(fields=["merchant", "id"], name="claims_claim_key"),
            models.UniqueConstraint(
                fields=["merchant", "order", "kind_code"],
                condition=~models.Q(status__in=[lifecycle.WITHDRAWN, lifecycle.EXPIRED]),
                name="claims_claim_once",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[lifecycle.DRAFT, lifecycle.WITHDRAWN])
                | models.Q(submitted_at__isnull=False, opened_at__isnull=False),
                name="claims_claim_submission_is_dated",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=sorted(lifecycle.DECIDED)) | models.Q(decided_at__isnull=False),
                name="claims_claim_decision_is_dated",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=lifecycle.AWAITING_EVIDENCE) | models.Q(evidence_due_at__isnull=False),
                name="claims_claim_wait_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewer__isnull=True)
                | models.Q(status__in=sorted(lifecycle.WITH_REVIEWER | {lifecycle.HELD})),
                name="claims_claim_reviewer_has_case",
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="claims_claim_amount"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number that people and programs call it by."""
        return f"CL{self.pk or 0:08d}"


class ClaimLine(models.Model):
    """One line of the order that the complaint is about, and what was decided for it."""

    class Result(models.TextChoices):
        UPHELD = "UPHELD", _("Upheld")
        REJECTED = "REJECTED", _("Not upheld")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="lines", **SAME_MERCHANT)
    ordinal = models.PositiveIntegerField(_("line"))
    sku = models.CharField(_("SKU"), max_length=80)
    title = models.CharField(_("title"), max_length=300, blank=True)
    quantity = models.IntegerField(_("quantity"), default=1)
    amount = models.DecimalField(_("amount"), default=0, **MONEY)
    result = models.CharField(_("result"), max_length=8, choices=Result, blank=True)

    class Meta:
        verbose_name = _("line of a complaint")
        verbose_name_plural = _("lines of a complaint")
        constraints = [
            tenancy.TenantRows(name="claims_claimline_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_claimline_claim"),
            models.UniqueConstraint(fields=["merchant", "claim", "ordinal"], name="claims_claimline_once"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id}/{self.ordinal}"


class JoinedOrder(models.Model):
    """A further order of the same buyer that a complaint tells of: it shows a pattern, and is not decided on."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    claim = models.ForeignKey(Claim, models.CASCADE, related_name="joined", **SAME_MERCHANT)
    order = models.ForeignKey(Order, models.PROTECT, related_name="+", **SAME_MERCHANT)

    class Meta:
        verbose_name = _("further order of a complaint")
        verbose_name_plural = _("further orders of complaints")
        constraints = [
            tenancy.TenantRows(name="claims_joinedorder_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_joinedorder_claim"),
            tenancy.SameMerchant(field="order", name="claims_joinedorder_order"),
            models.UniqueConstraint(fields=["merchant", "claim", "order"], name="claims_joinedorder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} with {self.claim_id}"


class ClaimMove(models.Model):
    """One line of a complaint's history, append-only: who moved it from where to where, and when."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="history", **SAME_MERCHANT)
    move = models.CharField(_("move"), max_length=30)
    from_status = models.CharField(max_length=18, blank=True)
    status = models.CharField(_("status"), max_length=18, choices=Claim.Status)
    at = models.DateTimeField(_("at"))
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(_("by"), max_length=200)
    # For the desk's eyes only; what the merchant reads stands in decisions and messages.
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("history of a complaint")
        verbose_name_plural = _("history of a complaint")
        indexes = [models.Index(fields=["merchant", "claim", "id"], name="claims_claimmove_of")]
        constraints = [
            tenancy.TenantRows(name="claims_claimmove_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_claimmove_claim"),
            tenancy.AppendOnly(name="claims_claimmove_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.move} {self.claim_id}"
