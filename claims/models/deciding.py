"""Decisions, appeals, and what is written on a case."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims.models.claims import Claim, ClaimLine
from merchant_protection.accounts.models import Merchant, User
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models.listings import MONEY
from merchant_protection.marketplace.models.orders import SAME_MERCHANT


class Decision(models.Model):
    """What was decided and why, append-only: never edited, only overridden by a later one that points to it.

    A proposal is what the first of two people wants; `approves` points from the decision to it.
    """

    class Result(models.TextChoices):
        UPHELD = "UPHELD", _("Upheld")
        PARTLY_UPHELD = "PARTLY_UPHELD", _("Partly upheld")
        REJECTED = "REJECTED", _("Not upheld")

    class Stage(models.TextChoices):
        REVIEW = "REVIEW", pgettext_lazy("stage", "Review")
        PROPOSAL = "PROPOSAL", _("Proposed to a second person")
        SECOND_APPROVAL = "SECOND_APPROVAL", _("Second approval")
        FAST_TRACK = "FAST_TRACK", _("Fast track")
        OVERDUE = "OVERDUE", _("Deadline passed")
        APPEAL = "APPEAL", pgettext_lazy("stage", "On appeal")
        OVERRIDE = "OVERRIDE", _("Override")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="decisions", **SAME_MERCHANT)
    result = models.CharField(_("result"), max_length=14, choices=Result)
    stage = models.CharField(_("stage"), max_length=16, choices=Stage)
    reason_codes = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("reasons"))
    # The reasons in words as they stood then: [{"code", "name_en", "name_zh", "text_…", "clause_…", "basis_…"}].
    reasons = models.JSONField(default=list)
    note = models.TextField(_("in the reviewer's words"), blank=True)
    buyer_note = models.TextField(_("to the buyer"), blank=True)
    internal_note = models.TextField(_("for the desk"), blank=True)
    amount_upheld = models.DecimalField(_("upheld"), default=0, **MONEY)
    remedies = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("remedies"))
    override_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    approves = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_by_name = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [
            models.Index(fields=["merchant", "claim", "id"], name="claims_decision_of"),
            models.Index(fields=["at"], name="claims_decision_at"),
        ]
        constraints = [
            tenancy.TenantRows(name="claims_decision_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_decision_claim"),
            tenancy.SameMerchant(field="override_of", name="claims_decision_override"),
            tenancy.SameMerchant(field="approves", name="claims_decision_approves"),
            tenancy.AppendOnly(name="claims_decision_append_only"),
            models.UniqueConstraint(fields=["merchant", "id"], name="claims_decision_key"),
            models.CheckConstraint(
                condition=~models.Q(stage="OVERRIDE") | models.Q(override_of__isnull=False),
                name="claims_decision_override_points",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.result} {self.claim_id}"


class DecisionLine(models.Model):
    """What a decision says of one line, append-only."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="lines", **SAME_MERCHANT)
    ordinal = models.PositiveIntegerField(_("line"))
    result = models.CharField(_("result"), max_length=8, choices=ClaimLine.Result)
    amount = models.DecimalField(_("amount"), default=0, **MONEY)

    class Meta:
        verbose_name = _("line of a decision")
        verbose_name_plural = _("lines of a decision")
        constraints = [
            tenancy.TenantRows(name="claims_decisionline_tenant"),
            tenancy.SameMerchant(field="decision", name="claims_decisionline_decision"),
            tenancy.AppendOnly(name="claims_decisionline_append_only"),
            models.UniqueConstraint(fields=["merchant", "decision", "ordinal"], name="claims_decisionline_once"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id}/{self.ordinal} {self.result}"


class Appeal(models.Model):
    """One side says that a decision is wrong; each side may once (申诉)."""

    class Party(models.TextChoices):
        MERCHANT = "MERCHANT", _("Merchant")
        BUYER = "BUYER", _("Buyer")

    class Ground(models.TextChoices):
        NEW_EVIDENCE = "NEW_EVIDENCE", _("There is new evidence")
        FACTS_WRONG = "FACTS_WRONG", _("The facts were read wrongly")
        RULE_WRONG = "RULE_WRONG", _("The wrong rule was applied")
        AMOUNT_WRONG = "AMOUNT_WRONG", _("The amount is wrong")
        OTHER = "OTHER", pgettext_lazy("ground", "Another ground")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="appeals", **SAME_MERCHANT)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="+", **SAME_MERCHANT)
    party = models.CharField(_("by"), max_length=8, choices=Party)
    ground = models.CharField(_("ground"), max_length=12, choices=Ground)
    text = models.TextField(_("text"))
    filed_at = models.DateTimeField(_("filed"))
    filed_by_name = models.CharField(_("by"), max_length=200, blank=True)
    answer = models.ForeignKey(Decision, models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints = [
            tenancy.TenantRows(name="claims_appeal_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_appeal_claim"),
            tenancy.SameMerchant(field="decision", name="claims_appeal_decision"),
            tenancy.SameMerchant(field="answer", name="claims_appeal_answer"),
            models.UniqueConstraint(fields=["merchant", "claim", "party"], name="claims_appeal_once"),
            models.UniqueConstraint(fields=["merchant", "id"], name="claims_appeal_key"),
        ]

    def __str__(self) -> str:
        return f"{self.party} on {self.claim_id}"


class Message(models.Model):
    """What the merchant and the desk write to each other on a case, append-only."""

    class Side(models.TextChoices):
        MERCHANT = "MERCHANT", _("Merchant")
        DESK = "DESK", _("Desk")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="messages", **SAME_MERCHANT)
    side = models.CharField(_("from"), max_length=8, choices=Side)
    author_id = models.BigIntegerField(null=True, blank=True)
    author_name = models.CharField(_("by"), max_length=200)
    body = models.TextField(_("text"))
    template = models.CharField(_("canned text"), max_length=40, blank=True)
    # What the merchant is asked for, and until when; empty when nothing is asked.
    asks_for = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("asks for"))
    answer_until = models.DateTimeField(_("until"), null=True, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [models.Index(fields=["merchant", "claim", "id"], name="claims_message_of")]
        constraints = [
            tenancy.TenantRows(name="claims_message_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_message_claim"),
            tenancy.AppendOnly(name="claims_message_append_only"),
            models.UniqueConstraint(fields=["merchant", "id"], name="claims_message_key"),
        ]

    def __str__(self) -> str:
        return f"{self.side} on {self.claim_id}"


class InternalNote(models.Model):
    """What reviewers tell each other about a case, append-only; no side ever reads it."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="notes", **SAME_MERCHANT)
    author_id = models.BigIntegerField(null=True, blank=True)
    author_name = models.CharField(_("by"), max_length=200)
    body = models.TextField(_("text"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")
        indexes = [models.Index(fields=["merchant", "claim", "id"], name="claims_internalnote_of")]
        constraints = [
            tenancy.TenantRows(name="claims_internalnote_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_internalnote_claim"),
            tenancy.AppendOnly(name="claims_internalnote_append_only"),
        ]

    def __str__(self) -> str:
        return f"note on {self.claim_id}"
