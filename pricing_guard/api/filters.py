"""How the lists of the guard can be narrowed."""

import django_filters

from pricing_guard.models import Incident, PriceCheck


class PriceCheckFilter(django_filters.FilterSet):
    """Price checks by SKU and answer."""

    class Meta:
        model = PriceCheck
        fields = ["sku", "verdict"]


class IncidentFilter(django_filters.FilterSet):
    """Incidents by state, cause, check and listing."""

    sku = django_filters.CharFilter(field_name="listing__sku")
    opened_after = django_filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="gte")

    class Meta:
        model = Incident
        fields = ["status", "source", "cause", "check_name"]
