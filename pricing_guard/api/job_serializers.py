"""What the API takes and gives of backtests, floors, hits, evidence and affected orders."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from merchant_protection.foundation.api.fields import Flag, Moment, Text, Whole
from pricing_guard.api.serializers import FindingOut, findings
from pricing_guard.models import AffectedOrder, Backtest, BacktestHit, EvidencePack, FloorFault, FloorImport, GuardHit
from pricing_guard.rules import stored, words


class BacktestOut(serializers.ModelSerializer):
    """One backtest with how far it is and what it found."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)

    class Meta:
        model = Backtest
        fields = [
            *("id", "merchant", "kind", "policy_id", "status", "thresholds", "against", "ladder", "since", "until"),
            *("done", "total", "result", "asked_at", "asked_by", "finished_at"),
        ]
        read_only_fields = fields


class BacktestIn(serializers.Serializer):
    """What is to be tried on the past."""

    kind = serializers.ChoiceField(choices=Backtest.Kind.choices)
    thresholds = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False, allow_null=True)
    against = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False, allow_null=True)
    since = Moment(required=False, allow_null=True)
    until = Moment(required=False, allow_null=True)
    policy_id = Whole(required=False, allow_null=True, min_value=1, max_value=2**63 - 1)


class BacktestHitOut(serializers.ModelSerializer):
    """One trigger of a backtest."""

    words = serializers.SerializerMethodField()

    class Meta:
        model = BacktestHit
        fields = [
            *("id", "side", "sku", "at", "price", "reference_price", "severity", "check_name", "words"),
            *("was_kept", "units_held", "money_spared"),
        ]
        read_only_fields = fields

    def get_words(self, hit: BacktestHit) -> str:
        return words.tell(stored.reason_in(hit.reason), gettext)


class FloorsOut(serializers.ModelSerializer):
    """One change of floors, applied whole or refused."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)

    class Meta:
        model = FloorImport
        fields = [
            *("id", "merchant", "file_name", "status", "is_dry_run", "rows", "faulty", "changed"),
            *("asked_at", "asked_by", "applied_at", "undone_at"),
        ]
        read_only_fields = fields


class FloorIn(serializers.Serializer):
    """One floor; blank or null takes it away."""

    sku = Text(max_length=80)
    floor_price = Text(max_length=80, allow_blank=True, allow_null=True)


class FloorsIn(serializers.Serializer):
    """Floors to be set together."""

    rows = serializers.ListField(child=FloorIn(), min_length=1, max_length=2_000)
    is_dry_run = Flag(required=False, default=False)


class FloorFaultOut(serializers.ModelSerializer):
    """What is wrong with one row."""

    words = serializers.SerializerMethodField()

    class Meta:
        model = FloorFault
        fields = ["id", "row", "field", "value", "words"]
        read_only_fields = fields

    def get_words(self, fault: FloorFault) -> str:
        return words.tell(stored.reason_in(fault.reason), gettext)


class HitOut(serializers.ModelSerializer):
    """One objection to a live price, with what a person said of it."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)
    sku = serializers.CharField(source="listing.sku", read_only=True)
    reasons = serializers.SerializerMethodField()

    class Meta:
        model = GuardHit
        fields = [
            *("id", "merchant", "sku", "incident_id", "policy_id", "policy_number", "mode", "severity", "check_name"),
            *("rung", "would_do", "price", "reference_price", "currency", "at", "review", "reviewed_at", "reasons"),
        ]
        read_only_fields = fields

    @extend_schema_field(FindingOut(many=True))
    def get_reasons(self, hit: GuardHit) -> list[dict[str, Any]]:
        return findings(hit.findings)


class ReviewIn(serializers.Serializer):
    """Whether a hit was right."""

    verdict = serializers.ChoiceField(choices=[GuardHit.Review.RIGHT, GuardHit.Review.FALSE])


class PackOut(serializers.ModelSerializer):
    """One evidence file with the fingerprint of each part."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)

    class Meta:
        model = EvidencePack
        fields = ["id", "merchant", "incident_id", "digest", "size", "manifest", "made_at", "made_by"]
        read_only_fields = fields


class AffectedOrderOut(serializers.ModelSerializer):
    """One order an incident touches."""

    number = serializers.CharField(source="order.number", read_only=True)
    order_status = serializers.CharField(source="order.status", read_only=True)

    class Meta:
        model = AffectedOrder
        fields = [
            *("id", "number", "order_status", "quantity", "unit_paid", "reference", "currency", "placed_at"),
            *("is_settled", "is_held", "choice", "chosen_at", "chosen_by", "draft"),
        ]
        read_only_fields = fields


class ChooseIn(serializers.Serializer):
    """What becomes of affected orders: those named, or all that are undecided."""

    choice = serializers.ChoiceField(choices=["HONOUR", "CANCEL", "CONTACT"])
    orders = serializers.ListField(
        child=Whole(min_value=1, max_value=2**63 - 1),
        required=False,
        allow_null=True,
        min_length=1,
        max_length=5_000,
    )
    note = Text(max_length=300, required=False, allow_blank=True, default="")


class LeftOut(serializers.Serializer):
    """An order that was left, and why."""

    order = serializers.IntegerField()
    why = serializers.CharField()


class ChosenOut(serializers.Serializer):
    """What a choice came to."""

    done = serializers.ListField(child=serializers.IntegerField())
    left = LeftOut(many=True)


class ExemptIn(serializers.Serializer):
    """Which evidence goes to the platform, for which orders; those to be cancelled when none is named."""

    pack = Whole(min_value=1, max_value=2**63 - 1)
    orders = serializers.ListField(
        child=Whole(min_value=1, max_value=2**63 - 1),
        required=False,
        allow_null=True,
        min_length=1,
        max_length=5_000,
    )


class ExemptedOut(serializers.Serializer):
    """The platform actions that carry the evidence."""

    actions = serializers.ListField(child=serializers.IntegerField())
