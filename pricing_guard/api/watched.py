"""Watched products over the API: the floor of each, its open incident, and what holds for it and why."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import require
from pricing_guard import policies
from pricing_guard.api.filters import WatchedFilter
from pricing_guard.forms import wording
from pricing_guard.models import GuardPolicy, ListingGuard
from pricing_guard.queries import overview
from pricing_guard.services.watching import holding


class HeldOut(serializers.Serializer):
    """One threshold that holds, and what sets it: OWN_FLOOR of the product, a POLICY, or the platform's BASELINE."""

    name = serializers.CharField()
    value = serializers.CharField()
    set_by = serializers.CharField()
    policy_id = serializers.IntegerField(allow_null=True)
    policy = serializers.CharField()
    words = serializers.CharField()


class HoldingOut(serializers.Serializer):
    """What holds for a product: the leading policy (by LISTINGS, CATEGORY, SHOP or PLATFORM) says what is done."""

    policy_id = serializers.IntegerField(allow_null=True)
    policy = serializers.CharField()
    scope = serializers.CharField()
    mode = serializers.ChoiceField(choices=GuardPolicy.Mode.choices)
    why = serializers.CharField()
    passed_over = serializers.ListField(child=serializers.CharField())
    watching = serializers.ListField(child=serializers.CharField())
    thresholds = HeldOut(many=True)


class WatchedOut(serializers.ModelSerializer):
    """One product the guard watches."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)
    sku = serializers.CharField(source="listing.sku", read_only=True)
    title = serializers.CharField(source="listing.title", read_only=True)
    category = serializers.CharField(source="listing.category", read_only=True)
    currency = serializers.CharField(source="listing.currency", read_only=True)
    incident_id = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = ListingGuard
        fields = [
            *("id", "merchant", "sku", "title", "category", "currency", "price", "floor_price", "trusted_price"),
            *("judged_at", "incident_id"),
        ]
        read_only_fields = fields


class WatchedDetailOut(WatchedOut):
    """A product with what holds for it."""

    holds = serializers.SerializerMethodField()

    class Meta(WatchedOut.Meta):
        fields = [*WatchedOut.Meta.fields, "holds"]
        read_only_fields = fields

    @extend_schema_field(HoldingOut)
    def get_holds(self, guard: ListingGuard) -> dict[str, Any]:
        found = holding.of(guard.listing, guard)
        currency = guard.listing.currency
        each = [
            vars(one) | {"value": str(one.value), "words": wording.value(one.name, one.value, currency)}
            for one in found.thresholds
        ]
        said = vars(found) | {"thresholds": each, "why": wording.why_it_leads(found.policy, found.scope, found.mode)}
        return dict(HoldingOut(said).data)


@extend_schema(tags=["Price guard"])
class Watched(mixins.ListModelMixin, ForPrograms, Resource):
    """Every product the guard watches, with what holds for it."""

    read_scope = "price_guard:read"
    serializer_class = WatchedOut
    filterset_class = WatchedFilter
    queryset = ListingGuard._default_manager.none()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[ListingGuard]:
        require(policies.may_look(self.actor))
        return overview.watched_by(self.actor)

    @extend_schema(responses=WatchedDetailOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a product with each threshold that holds for it, the policy it comes from, and which one leads."""
        return Response(WatchedDetailOut(self.get_object()).data)
