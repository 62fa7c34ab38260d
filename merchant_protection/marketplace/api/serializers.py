"""What the API takes and gives of desired states and actions."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from merchant_protection.foundation.api.fields import Text, Whole
from merchant_protection.foundation.lifecycle import moves_from
from merchant_protection.marketplace.lifecycle import ACTION_MOVES, SENDING_ACTIONS, ActionStatus
from merchant_protection.marketplace.models import ActionEvent, ActionTarget, PlatformAction
from merchant_protection.marketplace.queries import actions as queries

OF_PEOPLE = ("approve", "decline", "retry")


class TargetOut(serializers.ModelSerializer):
    """One aspect of one thing on the platform: what is wanted, and what was last seen."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)

    class Meta:
        model = ActionTarget
        fields = [
            *("id", "merchant", "kind", "ref", "aspect", "desired", "actual", "actual_at"),
            *("desired_generation", "is_latched", "release_at", "updated_at"),
        ]
        read_only_fields = fields


class EventOut(serializers.ModelSerializer):
    """One line of an action's history."""

    to_status = serializers.CharField(read_only=True)

    class Meta:
        model = ActionEvent
        fields = ["at", "move", "from_status", "to_status", "actor_name", "note"]
        read_only_fields = fields


class ActionOut(serializers.ModelSerializer):
    """One change asked of the platform."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)
    kind = serializers.CharField(source="target.kind", read_only=True)
    ref = serializers.CharField(source="target.ref", read_only=True)
    aspect = serializers.CharField(source="target.aspect", read_only=True)

    class Meta:
        model = PlatformAction
        fields = [
            *("id", "merchant", "kind", "ref", "aspect", "verb", "value", "undo", "status", "review_reason"),
            *("feature", "rule", "rule_version", "cause", "reason", "is_automatic", "approved_by", "actor_name"),
            *("decided_at", "expires_at", "sent_at", "finished_at", "attempts", "last_error", "desired_generation"),
        ]
        read_only_fields = fields


class ActionDetailOut(ActionOut):
    """An action with its history, and what a person may do with it now."""

    history = serializers.SerializerMethodField()
    moves = serializers.SerializerMethodField()

    class Meta(ActionOut.Meta):
        fields = [*ActionOut.Meta.fields, "history", "moves"]
        read_only_fields = fields

    @extend_schema_field(EventOut(many=True))
    def get_history(self, action: PlatformAction) -> Any:
        return EventOut(queries.history_of(action), many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, action: PlatformAction) -> list[str]:
        legal = [name for name in moves_from(ACTION_MOVES, action.status) if name in OF_PEOPLE]
        is_undoable = action.status in (*SENDING_ACTIONS, ActionStatus.CONFIRMED) and action.undo is not None
        return [*legal, "undo"] if is_undoable else legal


class ActionIn(serializers.Serializer):
    """What a person asks of the platform by hand."""

    merchant = Whole(required=False, min_value=1, max_value=2**63 - 1)
    verb = serializers.ChoiceField(choices=PlatformAction.Verb.choices)
    ref = Text(max_length=120)
    value = serializers.JSONField(required=False, allow_null=True)
    release_after = serializers.DurationField(required=False, allow_null=True)
    reason = Text(max_length=300, required=False, allow_blank=True)


class NoteIn(serializers.Serializer):
    """Why a person decided so."""

    note = Text(max_length=300, required=False, allow_blank=True, default="")
