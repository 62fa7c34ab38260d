"""Restrictions of buyers, mis-hit appeals, and disputes of counts over shops, for programs."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api import fields
from merchant_protection.foundation.api.fields import Text, Whole
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.foundation.masking import masked
from merchant_protection.risk import policies, queries
from merchant_protection.risk.models import Appeal, Restriction, SignalDispute
from merchant_protection.risk.services import appealing, counting, restricting

IDS: dict[str, Any] = {"min_value": 1, "max_value": 2**63 - 1}


class RestrictionOut(serializers.ModelSerializer[Restriction]):
    """What a buyer may not do in a shop, why, and until when."""

    buyer = serializers.SerializerMethodField()
    limits = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Restriction
        fields: tuple[str, ...] = (
            *("id", "buyer", "buyer_id", "limits", "payment_minutes", "reason", "status", "made_at", "made_by"),
            *("review_due_at", "reviewed_at", "ends_at", "ended_at", "note"),
        )
        read_only_fields = fields

    def get_buyer(self, restriction: Restriction) -> str:
        return masked(restriction.buyer.ref)


class RestrictionIn(serializers.Serializer[Any]):
    """Restrict a buyer in the key's own shop."""

    buyer_id = Whole(**IDS)
    limits = serializers.ListField(child=serializers.ChoiceField(choices=Restriction.Limit.choices), min_length=1)
    payment_minutes = Whole(required=False, allow_null=True, min_value=5, max_value=60)
    days = Whole(min_value=1, max_value=180)
    reason = Text(max_length=500)
    warning_id = Whole(required=False, allow_null=True, **IDS)


class LiftIn(serializers.Serializer[Any]):
    """Why a buyer is let go."""

    note = Text(max_length=300, required=False, allow_blank=True, default="")


class RestrictionFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=Restriction.Status.choices)

    class Meta:
        model = Restriction
        fields: tuple[str, ...] = ()


@extend_schema(tags=["Warnings"])
class Restrictions(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Buyers who may do less in a shop."""

    read_scope = "warnings:read"
    write_scope = "warnings:write"
    queryset = Restriction._default_manager.none()
    serializer_class = RestrictionOut
    filterset_class = RestrictionFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Restriction]:
        return queries.restrictions_visible_to(self.actor)

    @extend_schema(request=RestrictionIn, responses={201: RestrictionOut})
    def create(self, request: Request) -> Response:
        """Restrict a buyer at once; staff review it within a day."""
        told = RestrictionIn(data=request.data)
        told.is_valid(raise_exception=True)
        shop = self.actor.merchant_id or 0
        made = restricting.restrict(merchant_id=shop, actor=self.actor, at=timezone.now(), **told.validated_data)
        return Response(RestrictionOut(made).data, status=201)

    @extend_schema(request=LiftIn, responses=RestrictionOut)
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        """Let the buyer go."""
        found = self.get_object()
        told = LiftIn(data=request.data)
        told.is_valid(raise_exception=True)
        done = restricting.lift(
            restriction_id=found.pk, actor=self.actor, at=timezone.now(), note=told.validated_data["note"]
        )
        return Response(RestrictionOut(done).data)


class AppealOut(serializers.ModelSerializer[Appeal]):
    """Somebody says that the wrong buyer was hit."""

    class Meta:
        model = Appeal
        fields: tuple[str, ...] = (
            *("id", "reference", "source", "order_number", "decision_id", "words", "status"),
            *("opened_at", "due_at", "answered_at", "answer_note"),
        )
        read_only_fields = fields


class AppealIn(serializers.Serializer[Any]):
    """An appeal; the platform names the shop by its number, a shop's key means its own."""

    merchant = Whole(required=False, **IDS)
    reference = Text(max_length=80)
    words = Text(max_length=2000)
    order_number = Text(max_length=80, required=False, allow_blank=True, default="")
    buyer_ref = Text(max_length=80, required=False, allow_blank=True, default="")
    decision_id = fields.Text(max_length=80, required=False, allow_blank=True, default="")


class AppealFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=Appeal.Status.choices)
    reference = django_filters.CharFilter(field_name="reference")

    class Meta:
        model = Appeal
        fields: tuple[str, ...] = ()


@extend_schema(tags=["Warnings"])
class Appeals(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Mis-hit appeals; a person answers each within its clock."""

    read_scope = "warnings:read"
    write_scope = "warnings:write"
    queryset = Appeal._default_manager.none()
    serializer_class = AppealOut
    filterset_class = AppealFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Appeal]:
        return queries.appeals_visible_to(self.actor)

    @extend_schema(request=AppealIn, responses={201: AppealOut})
    def create(self, request: Request) -> Response:
        """Appeal; the same reference again is the same appeal."""
        told = AppealIn(data=request.data)
        told.is_valid(raise_exception=True)
        values = dict(told.validated_data)
        shop = values.pop("merchant", None)
        shop = shop if policies.speaks_for_buyers(self.actor) and shop else self.actor.merchant_id or 0
        if not accounts.merchants_visible_to(self.actor).filter(pk=shop).exists():
            raise Invalid(fields={"merchant": [_("Say which shop it is about.")]})
        complaint = appealing.Complaint(merchant_id=shop, **values)
        made = appealing.appeal(complaint, actor=self.actor, at=timezone.now())
        return Response(AppealOut(made).data, status=201)


class DisputeOut(serializers.ModelSerializer[SignalDispute]):
    """A buyer disputes what is counted over shops."""

    class Meta:
        model = SignalDispute
        fields: tuple[str, ...] = ("id", "kind", "status", "words", "opened_at", "due_at", "answered_at", "answer_note")
        read_only_fields = fields


class DisputeIn(serializers.Serializer[Any]):
    """The buyer, by the platform's reference, and what is wrong."""

    buyer_ref = Text(max_length=80)
    words = Text(max_length=2000)


@extend_schema(tags=["Warnings"])
class Disputes(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Disputes of counts over shops, by the platform in a buyer's name; the count is hidden meanwhile."""

    read_scope = "warnings:read"
    write_scope = "warnings:write"
    queryset = SignalDispute._default_manager.none()
    serializer_class = DisputeOut
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[SignalDispute]:
        return queries.disputes_visible_to(self.actor)

    @extend_schema(request=DisputeIn, responses={201: DisputeOut})
    def create(self, request: Request) -> Response:
        """Dispute a count."""
        require(policies.speaks_for_buyers(self.actor))
        told = DisputeIn(data=request.data)
        told.is_valid(raise_exception=True)
        made = counting.dispute(actor=self.actor, at=timezone.now(), **told.validated_data)
        return Response(DisputeOut(made).data, status=201)
