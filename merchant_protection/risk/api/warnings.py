"""Risk warnings for programs; buyers are masked."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.fields import Moment, Text
from merchant_protection.foundation.api.filters import MomentFilter
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.masking import masked
from merchant_protection.risk import queries
from merchant_protection.risk.models import Warning
from merchant_protection.risk.services import warnings as services


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
    raised_from = MomentFilter(field_name="raised_at", lookup_expr="gte")

    class Meta:
        model = Warning
        fields: tuple[str, ...] = ()


class AnswerIn(serializers.Serializer[Any]):
    """A note to go with an answer."""

    note = Text(max_length=300, required=False, allow_blank=True, default="")


class NormalIn(AnswerIn):
    """Verified normal, with a date until which the kind says nothing about the buyer."""

    snooze_until = Moment(required=False, allow_null=True, default=None)


@extend_schema(tags=["Warnings"])
class Warnings(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """The shop's warnings: what waits, why it warns, and the answers."""

    read_scope = "warnings:read"
    write_scope = "warnings:write"
    queryset = Warning._default_manager.none()
    serializer_class = WarningOut
    filterset_class = WarningFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Warning]:
        return queries.visible_to(self.actor)

    @extend_schema(request=None, responses=WarningOut)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Say that somebody has seen it; it stays to be answered."""
        return self._answer(services.acknowledge)

    @extend_schema(request=None, responses=WarningOut)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Take an acknowledgement back."""
        return self._answer(services.reopen)

    @extend_schema(request=NormalIn, responses=WarningOut)
    @action(detail=True, methods=["post"])
    def mark_normal(self, request: Request, pk: str) -> Response:
        """Say that there is nothing wrong; the order is labelled, and the kind can be silent about the buyer."""
        self.get_object()
        told = NormalIn(data=request.data)
        told.is_valid(raise_exception=True)
        return self._answer(services.mark_normal, **told.validated_data)

    @extend_schema(request=None, responses=WarningOut)
    @action(detail=True, methods=["post"])
    def hold_shipment(self, request: Request, pk: str) -> Response:
        """Ask the platform to keep the order from being shipped."""
        return self._answer(services.hold_shipment)

    @extend_schema(request=None, responses=WarningOut)
    @action(detail=True, methods=["post"])
    def release_shipment(self, request: Request, pk: str) -> Response:
        """Ask the platform to let the order be shipped after all."""
        return self._answer(services.release_shipment)

    def _answer(self, command: Callable[..., object], **told: Any) -> Response:
        warning = self.get_object()
        command(actor=self.actor, warning_id=warning.pk, at=timezone.now(), **told)
        return Response(WarningOut(self.get_object()).data)
