"""What can be filed, and on what grounds it is decided: data that operations edit, each change a new version."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims.rules import kinds as rules
from merchant_protection.accounts.models import User


class EvidenceType(models.TextChoices):
    """What a piece of evidence shows."""

    CHAT_DEMAND = "CHAT_DEMAND", _("Chat with the demand")
    CHAT = "CHAT", _("Chat with the buyer")
    UNBOXING_VIDEO = "UNBOXING_VIDEO", _("Unboxing video in one take")
    PACKING_VIDEO = "PACKING_VIDEO", _("Packing video")
    WEIGHT_RECORD = "WEIGHT_RECORD", _("Weights and scans")
    SERIAL_NUMBERS = "SERIAL_NUMBERS", _("Serial numbers, sent and returned")
    CARRIER_PROOF = "CARRIER_PROOF", _("Carrier's record")
    CARRIER_STATEMENT = "CARRIER_STATEMENT", _("Carrier's written answer")
    RETURN_PHOTOS = "RETURN_PHOTOS", _("Photos of the return")
    LAB_REPORT = "LAB_REPORT", _("Test report")
    QUALITY_CERTIFICATE = "QUALITY_CERTIFICATE", _("Certificate of the goods")
    POLICE_REPORT = "POLICE_REPORT", _("Police report")
    PAYMENT_RECORD = "PAYMENT_RECORD", _("Record of a private payment")
    REVIEW_LINK = "REVIEW_LINK", _("The review")
    ORDER_DATA = "ORDER_DATA", _("What is wrong with the order")
    LINKED_ORDERS = "LINKED_ORDERS", _("Other orders that belong to it")
    COMPLAINT_NOTICE = "COMPLAINT_NOTICE", _("Notice of the complaint against you")
    LISTING_RECORD = "LISTING_RECORD", _("The listing as it stood")
    OTHER = "OTHER", pgettext_lazy("evidence", "Something else")


class Basis(models.TextChoices):
    """The event from which a time for filing is counted."""

    ORDER_PLACED = rules.Basis.ORDER_PLACED, _("the order was placed")
    SHIPPED = rules.Basis.SHIPPED, _("the parcel was shipped")
    DELIVERED = rules.Basis.DELIVERED, _("the parcel was delivered")
    AFTER_SALE_OPENED = rules.Basis.AFTER_SALE_OPENED, _("the after-sale was opened")
    REFUNDED = rules.Basis.REFUNDED, _("the money was refunded")
    HAPPENED = rules.Basis.HAPPENED, _("it happened")


class ClaimKind(models.Model):
    """One version of a kind of claim: its evidence and the time in which it can be filed; claims keep theirs."""

    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveIntegerField(_("version"), default=1)
    name_en = models.CharField(_("name in English"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80)
    hint_en = models.CharField(_("hint in English"), max_length=200, blank=True)
    hint_zh = models.CharField(_("hint in Chinese"), max_length=200, blank=True)
    # Each: {"type", "weight", "or_else": [], "example"}, as `claims.rules.kinds.Evidence` has them.
    required = models.JSONField(_("required evidence"), default=list)
    helpful = models.JSONField(_("helpful evidence"), default=list)
    opens_basis = models.CharField(_("can be filed since"), max_length=20, choices=Basis)
    opens_after = models.DurationField(_("so long after"))
    closes_basis = models.CharField(_("must be filed after"), max_length=20, choices=Basis)
    closes_after = models.DurationField(_("within"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_current = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("since"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("kind of complaint")
        verbose_name_plural = _("kinds of complaint")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="claims_kind_version"),
            models.UniqueConstraint(fields=["code"], condition=models.Q(is_current=True), name="claims_kind_current"),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class ReasonCode(models.Model):
    """One version of a ground of a decision: the rule, its legal basis, and the words both sides read."""

    class Side(models.TextChoices):
        UPHOLD = "UPHOLD", _("For the merchant")
        REJECT = "REJECT", _("Against the merchant")
        EITHER = "EITHER", _("Either way")

    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveIntegerField(_("version"), default=1)
    side = models.CharField(_("for which result"), max_length=8, choices=Side)
    name_en = models.CharField(_("name in English"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120)
    text_en = models.TextField(_("text in English"))
    text_zh = models.TextField(_("text in Chinese"))
    clause_en = models.CharField(_("rule in English"), max_length=200)
    clause_zh = models.CharField(_("rule in Chinese"), max_length=200)
    basis_en = models.CharField(_("legal basis in English"), max_length=200, blank=True)
    basis_zh = models.CharField(_("legal basis in Chinese"), max_length=200, blank=True)
    kinds = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("for these kinds"))
    is_current = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("since"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("reason code")
        verbose_name_plural = _("reason codes")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="claims_reason_version"),
            models.UniqueConstraint(fields=["code"], condition=models.Q(is_current=True), name="claims_reason_current"),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class CannedText(models.Model):
    """Words that reviewers use again and again, in both languages."""

    class Purpose(models.TextChoices):
        ASK = "ASK", _("Ask for evidence")
        UPDATE = "UPDATE", _("Tell how it stands")
        NOTE = "NOTE", _("Explain a decision")

    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveIntegerField(_("version"), default=1)
    purpose = models.CharField(_("purpose"), max_length=8, choices=Purpose)
    title_en = models.CharField(_("title in English"), max_length=80)
    title_zh = models.CharField(_("title in Chinese"), max_length=80)
    body_en = models.TextField(_("text in English"))
    body_zh = models.TextField(_("text in Chinese"))
    is_current = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("since"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("canned text")
        verbose_name_plural = _("canned texts")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="claims_text_version"),
            models.UniqueConstraint(fields=["code"], condition=models.Q(is_current=True), name="claims_text_current"),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"
