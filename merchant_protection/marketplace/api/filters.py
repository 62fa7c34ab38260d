"""How the lists of actions and desired states can be narrowed."""

import django_filters

from merchant_protection.foundation.api.filters import MomentFilter
from merchant_protection.marketplace.models import ActionTarget, PlatformAction


class ActionFilter(django_filters.FilterSet):
    """Actions by state, what they do, what they do it to, and who asked."""

    kind = django_filters.ChoiceFilter(field_name="target__kind", choices=ActionTarget.Kind.choices)
    ref = django_filters.CharFilter(field_name="target__ref")
    decided_after = MomentFilter(field_name="decided_at", lookup_expr="gte")

    class Meta:
        model = PlatformAction
        fields = ["status", "verb", "feature", "rule", "cause", "review_reason"]


class TargetFilter(django_filters.FilterSet):
    """Desired states by what they are about."""

    class Meta:
        model = ActionTarget
        fields = ["kind", "ref", "aspect", "is_latched"]
