"""What the API takes and gives of policies and windows."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from merchant_protection.foundation.api.fields import Amount, Flag, Moment, Text, Whole
from pricing_guard.models import ApprovedWindow, GuardPolicy, PolicyVersion
from pricing_guard.queries import policies as queries

MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 4}
NAMES: dict[str, Any] = {"required": False, "default": list, "max_length": 2_000}


class VersionOut(serializers.ModelSerializer):
    """One version of a policy; it never changes."""

    class Meta:
        model = PolicyVersion
        fields = [
            *("number", "categories", "skus", "thresholds", "ladder", "grace_minutes", "note"),
            *("saved_at", "saved_by"),
        ]
        read_only_fields = fields


class PolicyOut(serializers.ModelSerializer):
    """One policy: where it holds, how far it goes by itself, which version is live."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)

    class Meta:
        model = GuardPolicy
        fields = [
            *("id", "merchant", "name", "scope", "categories", "skus", "mode", "live_number", "published_at"),
            *("watched_since", "statistics_proven_at", "version", "created_at", "updated_at"),
        ]
        read_only_fields = fields


class PolicyDetailOut(PolicyOut):
    """A policy with its last fifty versions."""

    versions = serializers.SerializerMethodField()

    class Meta(PolicyOut.Meta):
        fields = [*PolicyOut.Meta.fields, "versions"]
        read_only_fields = fields

    @extend_schema_field(VersionOut(many=True))
    def get_versions(self, policy: GuardPolicy) -> Any:
        return VersionOut(queries.versions_of(policy)[:50], many=True).data


class PolicyIn(serializers.Serializer):
    """Thresholds by name (blank or left out means not set), steps by severity, where it holds."""

    name = Text(max_length=80)
    scope = serializers.ChoiceField(choices=GuardPolicy.Scope.choices)
    categories = serializers.ListField(child=Text(max_length=120), **NAMES)
    skus = serializers.ListField(child=Text(max_length=80), **NAMES)
    thresholds = serializers.DictField(child=serializers.JSONField(allow_null=True))
    ladder = serializers.DictField(child=Text(max_length=30), required=False)
    grace_minutes = Whole(min_value=0, max_value=1440, required=False, allow_null=True)
    note = Text(max_length=300, required=False, allow_blank=True, default="")


class PublishIn(serializers.Serializer):
    """Which version is to hold; `version` is the policy as it was read, so that no change since is passed over."""

    number = Whole(min_value=1, max_value=2**31 - 1)
    is_acknowledged = Flag(required=False, default=False)
    version = Whole(min_value=0, max_value=2**31 - 1, required=False, allow_null=True)


class ModeIn(serializers.Serializer):
    """How far a policy may go by itself."""

    mode = serializers.ChoiceField(choices=GuardPolicy.Mode.choices)
    is_acknowledged = Flag(required=False, default=False)
    version = Whole(min_value=0, max_value=2**31 - 1, required=False, allow_null=True)


class CheckCountOut(serializers.Serializer):
    """How often one check objected."""

    check_name = serializers.CharField()
    hits = serializers.IntegerField()


class ShadowReportOut(serializers.Serializer):
    """What a policy objected to, and how often people found it right."""

    hits = serializers.IntegerField()
    right = serializers.IntegerField()
    false = serializers.IntegerField()
    unreviewed = serializers.IntegerField()
    precision = serializers.FloatField(allow_null=True)
    by_check = CheckCountOut(many=True)


class WindowOut(serializers.ModelSerializer):
    """One window of meant prices."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)

    class Meta:
        model = ApprovedWindow
        fields = [
            *("id", "merchant", "reason", "note", "skus", "categories", "lowest_price", "starts_at", "ends_at"),
            *("status", "worth", "asked_at", "asked_by", "decided_at", "decided_by"),
        ]
        read_only_fields = fields


class WindowIn(serializers.Serializer):
    """A window somebody asks for."""

    reason = serializers.ChoiceField(choices=ApprovedWindow.Reason.choices)
    starts_at = Moment()
    ends_at = Moment()
    skus = serializers.ListField(child=Text(max_length=80), **NAMES)
    categories = serializers.ListField(child=Text(max_length=120), **NAMES)
    lowest_price = Amount(required=False, allow_null=True, **MONEY)
    note = Text(max_length=300, required=False, allow_blank=True, default="")


class GuardSettingsOut(serializers.Serializer):
    """What holds for all windows of a shop."""

    second_person_above = serializers.DecimalField(allow_null=True, **MONEY)


class GuardSettingsIn(serializers.Serializer):
    """From which amount on a window needs a second person; null asks for nobody."""

    second_person_above = Amount(allow_null=True, **MONEY)
