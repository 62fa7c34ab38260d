"""Risk warnings for programs; buyers are masked."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.masking import masked
from merchant_protection.risk import queries
from merchant_protection.risk.models import Warning


class WarningOut(serializers.ModelSerializer[Warning]):
    """Something about an order, a buyer or a listing that the shop should look at."""

    order = serializers.SerializerMethodField()
    buyer = serializers.SerializerMethodField()

    class Meta:
        model = Warning
        fields: tuple[str, ...] = (
            *("id", "kind", "level", "source", "status", "order", "buyer", "facts", "amount", "currency"),
            *("raised_at", "expires_at", "answered_at", "answered_by", "answer_note"),
        )
        read_only_fields = fields

    def get_order(self, warning: Warning) -> str:
        return warning.order.number if warning.order else ""

    def get_buyer(self, warning: Warning) -> str:
        return masked(warning.buyer.ref) if warning.buyer else ""


class WarningFilter(django_filters.FilterSet):
    kind = django_filters.CharFilter(field_name="kind")
    level = django_filters.MultipleChoiceFilter(choices=Warning.Level.choices)
    status = django_filters.MultipleChoiceFilter(choices=Warning.Status.choices)
    order = django_filters.CharFilter(field_name="order__number")
    raised_from = django_filters.IsoDateTimeFilter(field_name="raised_at", lookup_expr="gte")

    class Meta:
        model = Warning
        fields: tuple[str, ...] = ()


@extend_schema(tags=["Warnings"])
class Warnings(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """The shop's warnings; they are answered by people."""

    read_scope = "warnings:read"
    queryset = Warning._default_manager.none()
    serializer_class = WarningOut
    filterset_class = WarningFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Warning]:
        return queries.visible_to(self.actor)
