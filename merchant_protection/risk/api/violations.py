"""Violations and penalty points for programs: the marketplace's record them, a shop's read them."""

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
from merchant_protection.foundation.api.fields import Moment, Text, Whole
from merchant_protection.foundation.api.filters import MomentFilter
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import require
from merchant_protection.risk import policies, queries
from merchant_protection.risk.models import Relief, Violation
from merchant_protection.risk.models.violations import MOST_POINTS
from merchant_protection.risk.services import violations


class ReliefOut(serializers.ModelSerializer[Relief]):
    """Points that were taken off, by which policy and for what."""

    class Meta:
        model = Relief
        fields: tuple[str, ...] = ("id", "points", "policy", "subject", "at")
        read_only_fields = fields


class ViolationOut(serializers.ModelSerializer[Violation]):
    """A rule of the marketplace that the shop broke, its points, and what relieved them."""

    left = serializers.IntegerField(read_only=True)
    reliefs = ReliefOut(many=True, read_only=True)

    class Meta:
        model = Violation
        fields: tuple[str, ...] = (
            *("id", "merchant", "reference", "kind", "reason", "points", "relieved", "left", "happened_at", "ends_at"),
            *("recorded_at", "withdrawn_at", "withdrawn_note", "reliefs"),
        )
        read_only_fields = fields


class ViolationIn(serializers.Serializer[Any]):
    """What a shop did, and what it costs; the same reference again is the same violation."""

    merchant = Whole(min_value=1, max_value=2**63 - 1)
    reference = Text(max_length=80)
    kind = serializers.ChoiceField(choices=Violation.Kind.choices)
    reason = Text(max_length=300)
    points = Whole(min_value=1, max_value=MOST_POINTS)
    happened_at = Moment()
    ends_at = Moment(required=False, allow_null=True, default=None)


class WithdrawIn(serializers.Serializer[Any]):
    """Why it is taken back."""

    reason = Text(max_length=200)


class ViolationFilter(django_filters.FilterSet):
    kind = django_filters.MultipleChoiceFilter(choices=Violation.Kind.choices)
    reference = django_filters.CharFilter(field_name="reference")
    happened_from = MomentFilter(field_name="happened_at", lookup_expr="gte")

    class Meta:
        model = Violation
        fields: tuple[str, ...] = ()


@extend_schema(tags=["Warnings"])
class Violations(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Rules that shops broke, with their penalty points."""

    read_scope = "warnings:read"
    write_scope = "warnings:write"
    queryset = Violation._default_manager.none()
    serializer_class = ViolationOut
    filterset_class = ViolationFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Violation]:
        return queries.violations_visible_to(self.actor)

    @extend_schema(request=ViolationIn, responses={201: ViolationOut})
    def create(self, request: Request) -> Response:
        """Record a violation; only the marketplace does."""
        require(policies.can_record_violations(self.actor))
        told = ViolationIn(data=request.data)
        told.is_valid(raise_exception=True)
        values = dict(told.validated_data)
        made = violations.record(actor=self.actor, merchant_id=values.pop("merchant"), at=timezone.now(), **values)
        return Response(ViolationOut(made).data, status=201)

    @extend_schema(request=WithdrawIn, responses=ViolationOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take a violation back, with all its points; only the marketplace does."""
        found = self.get_object()
        told = WithdrawIn(data=request.data)
        told.is_valid(raise_exception=True)
        reason = told.validated_data["reason"]
        done = violations.withdraw(actor=self.actor, violation_id=found.pk, reason=reason, at=timezone.now())
        return Response(ViolationOut(done).data)
