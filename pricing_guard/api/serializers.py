"""What the API takes and gives of price checks and incidents."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from merchant_protection.foundation.api.fields import Amount, Moment, Pattern, Text
from pricing_guard.models import ApprovedWindow, Incident, IncidentMove, IncidentStep, PriceCheck
from pricing_guard.queries import hand_overs
from pricing_guard.queries import incidents as queries
from pricing_guard.rules import stored
from pricing_guard.rules.findings import Severity

MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 4}
CONFIRMING = ("OWNER", "OPERATOR")
MOMENT = serializers.DateTimeField()


class PriceCheckIn(serializers.Serializer):
    """A price that is about to be published; the platform names the shop, a shop's own key need not."""

    merchant = Text(max_length=40, required=False)
    sku = Text(max_length=80)
    price = Amount(min_value=0, **MONEY)
    currency = Pattern("[A-Z]{3}", required=False)
    list_price = Amount(min_value=0, required=False, allow_null=True, **MONEY)
    cost = Amount(min_value=0, required=False, allow_null=True, **MONEY)
    category = Text(max_length=120, required=False, allow_blank=True)
    by = Text(max_length=80, required=False, allow_blank=True)


class FindingOut(serializers.Serializer):
    """One objection: which check, how bad, in words of the caller's language, and against which reference."""

    check = serializers.CharField()
    severity = serializers.ChoiceField(choices=[one.name for one in Severity])
    words = serializers.CharField()
    params = serializers.DictField(child=serializers.CharField(allow_blank=True))
    reference_kind = serializers.CharField(allow_blank=True)
    reference = serializers.CharField(allow_null=True)


class PriceCheckOut(serializers.ModelSerializer):
    """The answer: allow, confirm (by whom) or block, with reasons in words."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)
    reasons = serializers.SerializerMethodField()
    confirm_by = serializers.SerializerMethodField()

    class Meta:
        model = PriceCheck
        fields = [
            *("id", "merchant", "sku", "price", "currency", "verdict", "reasons", "confirm_by"),
            *("policy_id", "policy_number", "mode", "at"),
        ]
        read_only_fields = fields

    @extend_schema_field(FindingOut(many=True))
    def get_reasons(self, check: PriceCheck) -> list[dict[str, Any]]:
        return findings(check.findings)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_confirm_by(self, check: PriceCheck) -> list[str]:
        return list(CONFIRMING) if check.verdict == PriceCheck.Verdict.CONFIRM else []


def told(check: PriceCheck) -> dict[str, Any]:
    """Return an answer as `PriceCheckOut` does; written by hand, since whoever publishes a price waits for it."""
    return {
        "id": check.pk,
        "merchant": check.merchant.code,
        "sku": check.sku,
        "price": str(check.price),
        "currency": check.currency,
        "verdict": check.verdict,
        "reasons": findings(check.findings),
        "confirm_by": list(CONFIRMING) if check.verdict == PriceCheck.Verdict.CONFIRM else [],
        "policy_id": check.policy_id,
        "policy_number": check.policy_number,
        "mode": check.mode,
        "at": MOMENT.to_representation(check.at),
    }


def findings(kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return findings as they are sent, each with its sentence."""
    return [
        {
            "check": one["check"],
            "severity": one["severity"],
            "words": stored.told(one, gettext),
            "params": one["reason"]["params"],
            "reference_kind": (one["reference"] or {}).get("kind", ""),
            "reference": (one["reference"] or {}).get("amount"),
        }
        for one in kept
    ]


class MoveOut(serializers.ModelSerializer):
    """One line of an incident's history."""

    class Meta:
        model = IncidentMove
        fields = ["at", "move", "status", "actor_name", "note", "facts"]
        read_only_fields = fields


class StepOut(serializers.ModelSerializer):
    """One step of the ladder: proposed, asked, held back or taken back, with the platform action if any."""

    class Meta:
        model = IncidentStep
        fields = ["rung", "status", "ref", "action_id", "at"]
        read_only_fields = fields


class IncidentOut(serializers.ModelSerializer):
    """One incident."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)
    sku = serializers.CharField(source="listing.sku", read_only=True)
    reasons = serializers.SerializerMethodField()

    class Meta:
        model = Incident
        fields = [
            *("id", "merchant", "sku", "status", "severity", "source", "cause", "check_name", "mode", "price"),
            *("effective_price", "reference_price", "revert_price", "currency", "policy_id", "policy_number"),
            *("since", "opened_at", "due_at", "tripped_at", "answered_at", "answered_by", "finished_at", "reasons"),
            *("sale_asked_at", "sale_fault"),
        ]
        read_only_fields = fields

    @extend_schema_field(FindingOut(many=True))
    def get_reasons(self, incident: Incident) -> list[dict[str, Any]]:
        return findings(incident.findings)


class HandOverOut(serializers.Serializer):
    """How far the evidence is with the platform, counted by the orders that are to be cancelled."""

    orders = serializers.IntegerField()
    taken = serializers.IntegerField()
    on_its_way = serializers.IntegerField()
    refused = serializers.IntegerField()
    left = serializers.IntegerField()
    promised = serializers.BooleanField()


class IncidentDetailOut(IncidentOut):
    """An incident with its history, its steps and the moves that are legal now."""

    history = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()
    moves = serializers.SerializerMethodField()
    hand_over = serializers.SerializerMethodField()

    class Meta(IncidentOut.Meta):
        fields = [*IncidentOut.Meta.fields, "history", "steps", "moves", "hand_over"]
        read_only_fields = fields

    @extend_schema_field(MoveOut(many=True))
    def get_history(self, incident: Incident) -> Any:
        return MoveOut(queries.history_of(incident), many=True).data

    @extend_schema_field(StepOut(many=True))
    def get_steps(self, incident: Incident) -> Any:
        return StepOut(queries.steps_of(incident), many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, incident: Incident) -> list[str]:
        return queries.moves_of(incident)

    @extend_schema_field(HandOverOut)
    def get_hand_over(self, incident: Incident) -> Any:
        return HandOverOut(hand_overs.state_of(incident)).data


class NoteIn(serializers.Serializer):
    """Why a person decided so."""

    note = Text(max_length=300, required=False, allow_blank=True, default="")


class MeantIn(NoteIn):
    """Why a price is meant, and until when the checks that objected keep quiet."""

    reason = serializers.ChoiceField(choices=ApprovedWindow.Reason.choices)
    until = Moment(required=False, allow_null=True)


class RestoreIn(NoteIn):
    """At which price it is sold again: the good one, one named with its amount, or as it was before the stop."""

    price = serializers.ChoiceField(choices=["good", "named", "before"], required=False, default="good")
    amount = Amount(min_value=0, required=False, allow_null=True, **MONEY)
