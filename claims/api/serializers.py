"""Complaints as programs send and read them; buyers are masked."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from claims import lifecycle
from claims.models import Appeal, Attachment, Claim, Evidence, EvidenceType, Message, RemedyKind
from claims.queries import claims as queries
from claims.queries import evidence as evidence_queries
from claims.rules.filing import LONGEST_STORY
from claims.services import filing, joining
from claims.services.attaching import MOST
from merchant_protection.files import wording as file_wording
from merchant_protection.foundation.api.fields import Amount, Flag, Moment, Text, Whole
from merchant_protection.foundation.masking import masked

MONEY: dict[str, Any] = {"max_digits": 10, "decimal_places": 2}


class SaidIn(serializers.Serializer[Any]):
    """What a complaint says; each part may be sent later."""

    amount = Amount(min_value=0, required=False, **MONEY)
    amount_demanded = Amount(min_value=0, required=False, allow_null=True, **MONEY)
    happened_at = Moment(required=False, allow_null=True)
    demand_channel = serializers.ChoiceField(choices=Claim.Channel.choices, required=False)
    is_buyer_contacted = Flag(required=False, allow_null=True)
    story = Text(max_length=LONGEST_STORY, required=False, allow_blank=True)
    review_ref = Text(max_length=120, required=False, allow_blank=True)
    desired_remedies = serializers.ListField(
        child=serializers.ChoiceField(choices=RemedyKind.choices), required=False, max_length=len(RemedyKind)
    )
    lines = serializers.ListField(child=Whole(min_value=1, max_value=100_000), required=False)
    joined_orders = serializers.ListField(child=Text(max_length=80), required=False, max_length=joining.MOST)


class ClaimIn(SaidIn):
    """A complaint about an order of the shop, of one kind."""

    order = Text(max_length=80)
    kind = Text(max_length=40)


class ChangeIn(SaidIn):
    """Changes of a draft; `version` is that of the complaint as it was read."""

    kind = Text(max_length=40, required=False)
    version = Whole(min_value=1, max_value=2_000_000_000, required=False)


class EvidenceIn(serializers.Serializer[Any]):
    """One file and what it shows."""

    file = serializers.FileField(max_length=255)
    type = serializers.ChoiceField(choices=EvidenceType.choices)
    note = Text(max_length=300, required=False, allow_blank=True)


class MessageIn(serializers.Serializer[Any]):
    """Words to the reviewer."""

    body = Text(max_length=4000)


class MessageWithFilesIn(MessageIn):
    """Words to the reviewer, and up to five files that go with them."""

    files = serializers.ListField(child=serializers.FileField(max_length=255), required=False, max_length=MOST)


class SentIn(serializers.Serializer[Any]):
    """Words that go with the evidence that was asked for."""

    body = Text(max_length=4000, required=False, allow_blank=True)


class AppealIn(serializers.Serializer[Any]):
    """Why the decision is wrong."""

    ground = serializers.ChoiceField(choices=Appeal.Ground.choices)
    text = Text(max_length=4000)


class EvidenceOut(serializers.ModelSerializer[Evidence]):
    """One file of a complaint: its state, its fingerprint, and why it was not taken."""

    name = serializers.CharField(source="file.name", read_only=True)
    status = serializers.CharField(source="file.status", read_only=True)
    sha256 = serializers.CharField(source="file.digest", read_only=True)
    size = serializers.IntegerField(source="file.bytes_expected", read_only=True)
    reason = serializers.SerializerMethodField()

    class Meta:
        model = Evidence
        fields: tuple[str, ...] = ("id", "type", "note", "name", "status", "reason", "sha256", "size", "added_at")
        read_only_fields = fields

    def get_reason(self, piece: Evidence) -> str:
        return file_wording.reason(piece.file.reason) if piece.file.reason else ""


class AttachmentOut(serializers.ModelSerializer[Attachment]):
    """A file that went with a message: its state, its fingerprint, and why it was not taken."""

    name = serializers.CharField(source="file.name", read_only=True)
    status = serializers.CharField(source="file.status", read_only=True)
    sha256 = serializers.CharField(source="file.digest", read_only=True)
    size = serializers.IntegerField(source="file.bytes_expected", read_only=True)
    reason = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields: tuple[str, ...] = ("id", "name", "status", "reason", "sha256", "size")
        read_only_fields = fields

    def get_reason(self, row: Attachment) -> str:
        return file_wording.reason(row.file.reason) if row.file.reason else ""


class MessageOut(serializers.ModelSerializer[Message]):
    """What one side wrote, with the files that went with it."""

    files = AttachmentOut(source="attachments", many=True, read_only=True)

    class Meta:
        model = Message
        fields: tuple[str, ...] = ("id", "side", "author_name", "body", "asks_for", "answer_until", "at", "files")
        read_only_fields = fields


class ClaimOut(serializers.ModelSerializer[Claim]):
    """A complaint: what it says, where it stands, and what the shop can do now."""

    kind = serializers.CharField(source="kind_code", read_only=True)
    buyer = serializers.SerializerMethodField()
    moves = serializers.SerializerMethodField()
    demand_channel = serializers.CharField(read_only=True)  # empty until it is said
    joined_orders = serializers.SerializerMethodField()

    class Meta:
        model = Claim
        fields: tuple[str, ...] = (
            *("id", "number", "kind", "order_number", "buyer", "status", "source", "currency", "amount"),
            *("amount_demanded", "amount_upheld", "story", "happened_at", "demand_channel", "is_buyer_contacted"),
            *("review_ref", "desired_remedies", "completeness", "due_at", "is_overdue", "evidence_due_at"),
            *("created_at", "submitted_at", "decided_at", "appeal_until", "closed_at", "version", "moves"),
            "joined_orders",
        )
        read_only_fields = fields

    def get_buyer(self, claim: Claim) -> str:
        return masked(claim.buyer.ref) if claim.buyer else ""

    def get_joined_orders(self, claim: Claim) -> list[str]:
        """Return the numbers of further orders of the same buyer that the complaint tells of."""
        return sorted(each.order.number for each in claim.joined.all())

    def get_moves(self, claim: Claim) -> list[str]:
        return lifecycle.legal_moves(claim.status, party=lifecycle.MERCHANT)


class MissingOut(serializers.Serializer[Any]):
    """A type of evidence that would help, and an example of it."""

    type = serializers.CharField()
    is_required = serializers.BooleanField()
    example = serializers.CharField()


class ClaimDetailOut(ClaimOut):
    """A complaint with its evidence, what is missing, and why it cannot be handed in yet."""

    evidence = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()
    obstacles = serializers.SerializerMethodField()
    decision = serializers.SerializerMethodField()

    class Meta(ClaimOut.Meta):
        fields = (*ClaimOut.Meta.fields, "evidence", "missing", "obstacles", "decision")
        read_only_fields = fields

    @extend_schema_field(EvidenceOut(many=True))
    def get_evidence(self, claim: Claim) -> Any:
        return EvidenceOut(evidence_queries.of_claim(claim), many=True).data

    @extend_schema_field(MissingOut(many=True))
    def get_missing(self, claim: Claim) -> list[dict[str, Any]]:
        found = evidence_queries.completeness_of(claim)
        return [
            {"type": each.type, "is_required": is_required, "example": each.example}
            for missing, is_required in ((found.missing_required, True), (found.missing_helpful, False))
            for each in missing
        ]

    def get_obstacles(self, claim: Claim) -> dict[str, str]:
        return filing.faults_of(claim, at=timezone.now()) if claim.status == lifecycle.DRAFT else {}

    def get_decision(self, claim: Claim) -> dict[str, Any] | None:
        decision = queries.decision_in_force(claim)
        if decision is None:
            return None
        lines = {str(line.ordinal): line.result for line in decision.lines.all()}
        return {
            "result": decision.result,
            "at": decision.at.isoformat(),
            "reasons": decision.reasons,
            "note": decision.note,
            "amount_upheld": str(decision.amount_upheld),
            "lines": lines,
        }
