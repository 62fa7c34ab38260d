"""Incidents over the API: look, stop, mean, restore, close, take an answer back."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import require
from pricing_guard import policies
from pricing_guard.api.filters import IncidentFilter
from pricing_guard.api.job_serializers import AffectedOrderOut, ChooseIn, ChosenOut, ExemptedOut, ExemptIn, PackOut
from pricing_guard.api.serializers import IncidentDetailOut, IncidentOut, MeantIn, NoteIn, RestoreIn
from pricing_guard.models import Incident
from pricing_guard.queries import incidents as queries
from pricing_guard.services.incidents import answering, choosing, evidence, handing, taking_back


@extend_schema(tags=["Price guard"])
class Incidents(mixins.ListModelMixin, ForPrograms, Resource):
    """Prices that looked wrong, and what was done about each."""

    read_scope = "price_guard:read"
    write_scope = "price_guard:write"
    serializer_class = IncidentOut
    filterset_class = IncidentFilter
    queryset = Incident._default_manager.none()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Incident]:
        require(policies.may_look(self.actor))
        return queries.visible_to(self.actor).select_related("listing", "merchant")

    @extend_schema(responses=IncidentDetailOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return an incident with its history, its steps and what may be answered now."""
        return Response(IncidentDetailOut(self.get_object()).data)

    @extend_schema(request=NoteIn, responses=IncidentDetailOut)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """It is wrong: stop the listing now."""
        return self._answer(answering.stop, NoteIn, request)

    @extend_schema(request=MeantIn, responses=IncidentDetailOut)
    @action(detail=True, methods=["post"])
    def mean(self, request: Request, pk: str) -> Response:
        """It is meant: quiet the checks that objected, learn the price, sell it again."""
        return self._answer(answering.mean, MeantIn, request)

    @extend_schema(request=RestoreIn, responses=IncidentDetailOut)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Sell a stopped listing again.

        At the good price it stays stopped until the platform has set it (`sale_asked_at`), and sells then by itself.
        Where no good price is known (`revert_price`) and the present one is in doubt, 422 says so: name a price
        (`price`: `named`, with `amount`) that the guard lets pass, or set it on the platform first.
        """
        return self._answer(answering.restore, RestoreIn, request)

    @extend_schema(request=NoteIn, responses=IncidentDetailOut)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Be done with an incident whose orders are all decided."""
        return self._answer(answering.close, NoteIn, request)

    @extend_schema(request=NoteIn, responses=IncidentDetailOut)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Take an answer back that was a mistake: a stop, or "it is meant". The price is in doubt as before."""
        return self._answer(taking_back.take_back, NoteIn, request)

    @extend_schema(responses=AffectedOrderOut(many=True), filters=False)
    @action(detail=True)
    def orders(self, request: Request, pk: str) -> Response:
        """List the orders an incident touches."""
        page = self.paginate_queryset(queries.orders_of(self.get_object()).order_by())
        return self.get_paginated_response(AffectedOrderOut(page, many=True).data)

    @extend_schema(request=ChooseIn, responses=ChosenOut)
    @action(detail=True, methods=["post"])
    def choose(self, request: Request, pk: str) -> Response:
        """Decide about affected orders: honour, draft a cancellation, contact; never cancelled by itself."""
        found = self.get_object()
        told = ChooseIn(data=request.data)
        told.is_valid(raise_exception=True)
        report = choosing.choose(
            incident_id=found.pk,
            choice=told.validated_data["choice"],
            order_ids=told.validated_data.get("orders"),
            note=told.validated_data["note"],
            actor=self.actor,
            at=timezone.now(),
        )
        left = [{"order": order, "why": why} for order, why in report.left.items()]
        return Response(ChosenOut({"done": report.done, "left": left}).data)

    @extend_schema(request=None, responses={201: PackOut})
    @action(detail=True, methods=["post"])
    def pack(self, request: Request, pk: str) -> Response:
        """Make the evidence file of an incident."""
        made = evidence.pack(incident_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return Response(PackOut(made).data, status=201)

    @extend_schema(request=NoteIn, responses=IncidentDetailOut)
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, pk: str) -> Response:
        """Hand the evidence to the platform for every order to be cancelled that it has not taken, within a minute."""
        return self._answer(handing.ask, NoteIn, request)

    @extend_schema(request=ExemptIn, responses=ExemptedOut)
    @action(detail=True, methods=["post"])
    def exempt(self, request: Request, pk: str) -> Response:
        """Hand the evidence to the platform, so that the orders leave the shop's figures."""
        found = self.get_object()
        told = ExemptIn(data=request.data)
        told.is_valid(raise_exception=True)
        asked = evidence.exempt(
            incident_id=found.pk,
            pack_id=told.validated_data["pack"],
            order_ids=told.validated_data.get("orders"),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(ExemptedOut({"actions": asked}).data)

    def _answer(self, command: Any, parse: Any, request: Request) -> Response:
        found = self.get_object()
        told = parse(data=request.data)
        told.is_valid(raise_exception=True)
        done = command(incident_id=found.pk, actor=self.actor, at=timezone.now(), **told.validated_data)
        return Response(IncidentDetailOut(done).data)
