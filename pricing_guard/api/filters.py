"""How the lists of the guard can be narrowed."""

import django_filters

from merchant_protection.foundation.api.filters import MomentFilter
from pricing_guard.models import GuardHit, Incident, ListingGuard, PriceCheck


class PriceCheckFilter(django_filters.FilterSet):
    """Price checks by SKU and answer."""

    class Meta:
        model = PriceCheck
        fields = ["sku", "verdict"]


class IncidentFilter(django_filters.FilterSet):
    """Incidents by state, cause, check and listing."""

    sku = django_filters.CharFilter(field_name="listing__sku")
    opened_after = MomentFilter(field_name="opened_at", lookup_expr="gte")

    class Meta:
        model = Incident
        fields = ["status", "source", "cause", "check_name"]


class HitFilter(django_filters.FilterSet):
    """Hits by policy, mode, check and what people said."""

    sku = django_filters.CharFilter(field_name="listing__sku")
    policy = django_filters.NumberFilter(field_name="policy_id", min_value=1, max_value=2**63 - 1)

    class Meta:
        model = GuardHit
        fields = ["mode", "check_name", "review"]


class WatchedFilter(django_filters.FilterSet):
    """Watched products by SKU and category."""

    sku = django_filters.CharFilter(field_name="listing__sku")
    category = django_filters.CharFilter(field_name="listing__category")

    class Meta:
        model = ListingGuard
        fields: list[str] = []
