"""The platform asks about an order in the checkout's own request; programs read what was answered."""

from typing import Any

import django_filters
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts import loading
from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api import problems
from merchant_protection.foundation.api.filters import MomentFilter
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import Invalid, NotFound, require
from scalper_policies import policies
from scalper_policies.api import reading
from scalper_policies.api.serializers import AnswerOut, DecisionOut, LateAnswersOut, answer
from scalper_policies.models import OrderDecision, PolicyVersion
from scalper_policies.queries import decisions as queries
from scalper_policies.services import deciding, failing
from scalper_policies.services.reserving import Crowded


class Untouched(BaseParser):
    """Leaves the body as it came: a compiled reader takes it."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the body's bytes."""
        return bytes(stream.read(reading.LARGEST_BATCH + 1))


class DecisionFilter(django_filters.FilterSet):
    """Answers by order, verdict, rule and time."""

    number = django_filters.CharFilter(field_name="number")
    verdict = django_filters.ChoiceFilter(
        choices=[(value.lower(), label) for value, label in PolicyVersion.Answer.choices], method="of_verdict"
    )
    rule = django_filters.CharFilter(method="of_rule")
    decided_after = MomentFilter(field_name="decided_at", lookup_expr="gte")

    class Meta:
        model = OrderDecision
        fields = ["source"]

    def of_verdict(self, rows: QuerySet[OrderDecision], name: str, value: str) -> QuerySet[OrderDecision]:
        return rows.filter(verdict=value.upper())

    def of_rule(self, rows: QuerySet[OrderDecision], name: str, value: str) -> QuerySet[OrderDecision]:
        return rows.filter(rules__contains=[value])


@extend_schema(tags=["Order decisions"])
class OrderDecisions(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Answers about orders."""

    read_scope = policies.READ
    write_scope = policies.ASK
    repeatable = frozenset({"create", "batch"})  # the same order again gets the same answer
    serializer_class = DecisionOut
    filterset_class = DecisionFilter
    queryset = queries.no_decisions()
    lookup_value_regex = "[0-9]{1,18}"
    parser_classes = (Untouched,)

    def get_queryset(self) -> QuerySet[OrderDecision]:
        require(policies.can_read(self.actor))
        return queries.with_overrides(queries.visible_to(self.actor))

    @extend_schema(request={"application/json": reading.schema()}, responses={200: AnswerOut}, filters=False)
    def create(self, request: Request) -> HttpResponse:
        """Answer whether an order may pass; the same order again gets the same answer.

        The units it takes of limits are kept with the answer, and given back when the order is cancelled, ends
        unpaid or is not placed until `expires_at`.
        """
        try:
            asked = reading.one(request.data if isinstance(request.data, bytes) else b"")
        except reading.Unreadable as fault:
            errors = [{"field": fault.field, "message": fault.detail}] if fault.status == 422 else None
            return problems.respond(fault.status, detail=fault.detail, errors=errors)
        now = timezone.now()
        try:
            decision = deciding.decide(asked=asked, actor=self.actor, at=now)
            presented = loading.presented(request._request)
            failing.remember(presented=presented, actor=self.actor, decision=decision, code=asked.merchant, at=now)
        except (OperationalError, InterfaceError, Crowded):
            # Nothing was kept; where an answer must be given nevertheless, `middleware` gives it.
            return problems.unavailable()
        return Response(answer(decision))

    @extend_schema(
        request={"application/json": reading.schema_of_many()}, responses={200: LateAnswersOut}, filters=False
    )
    @action(detail=False, methods=["post"], filterset_class=None)
    def batch(self, request: Request) -> HttpResponse:
        """Answer orders that were placed before anybody could ask, each by what was there at its own time.

        Each is answered and kept by itself: one that cannot be read holds up no other.
        """
        try:
            questions = reading.many(request.data if isinstance(request.data, bytes) else b"")
        except reading.Unreadable as fault:
            return problems.respond(fault.status, detail=fault.detail)
        results, now = [], timezone.now()
        for index, question in enumerate(questions):
            try:
                asked = reading.one(question)
                late = OrderDecision.Source.LATE
                decision = deciding.decide(asked=asked, actor=self.actor, at=now, source=late)
                results.append({"index": index, "answer": answer(decision)})
            except reading.Unreadable as fault:
                results.append({"index": index, "fault": fault.detail, "field": fault.field})
            except Invalid as refusal:
                results.append({"index": index, "fault": refusal.message, "field": next(iter(refusal.fields), "")})
            except NotFound:
                results.append({"index": index, "fault": "There is no such shop.", "field": "merchant"})
            except (OperationalError, InterfaceError, Crowded):
                return problems.unavailable()
        return Response({"results": results})
