"""Backtests, floor prices, hits and evidence over the API."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import require
from pricing_guard import policies
from pricing_guard.api.filters import HitFilter
from pricing_guard.api.job_serializers import (
    BacktestHitOut,
    BacktestIn,
    BacktestOut,
    FloorFaultOut,
    FloorsIn,
    FloorsOut,
    HitOut,
    PackOut,
    ReviewIn,
)
from pricing_guard.api.policies import own_shop
from pricing_guard.models import Backtest, EvidencePack, FloorImport, GuardHit
from pricing_guard.queries import incidents, jobs
from pricing_guard.services import backtests, floors, reviewing
from pricing_guard.services.incidents import evidence


class Job(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """What every family of jobs shares."""

    read_scope = "price_guard:read"
    write_scope = "price_guard:write"
    lookup_value_regex = "[0-9]{1,18}"

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        require(policies.may_look(self.actor))


@extend_schema(tags=["Price guard"])
class Backtests(Job):
    """Thresholds tried on the shop's own past, compared, or recommended from it."""

    serializer_class = BacktestOut
    queryset = Backtest._default_manager.none()

    def get_queryset(self) -> QuerySet[Backtest]:
        return jobs.backtests_visible_to(self.actor).select_related("merchant")

    @extend_schema(request=BacktestIn, responses={202: BacktestOut})
    def create(self, request: Request) -> Response:
        """Put a backtest, a comparison or a recommendation in line."""
        told = BacktestIn(data=request.data)
        told.is_valid(raise_exception=True)
        asked = backtests.Asked(**told.validated_data)
        made = backtests.ask(merchant_id=own_shop(self.actor), asked=asked, actor=self.actor, at=timezone.now())
        return Response(BacktestOut(made).data, status=202)

    @extend_schema(request=None, responses=BacktestOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Call a backtest off."""
        done = backtests.cancel(backtest_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return Response(BacktestOut(done).data)

    @extend_schema(responses=BacktestHitOut(many=True), filters=False)
    @action(detail=True)
    def hits(self, request: Request, pk: str) -> Response:
        """List what a backtest objected to, catches first."""
        page = self.paginate_queryset(jobs.hits_of(self.get_object()).order_by())
        return self.get_paginated_response(BacktestHitOut(page, many=True).data)


@extend_schema(tags=["Price guard"])
class FloorPrices(Job):
    """Floor prices in bulk: all rows or none."""

    serializer_class = FloorsOut
    queryset = FloorImport._default_manager.none()

    def get_queryset(self) -> QuerySet[FloorImport]:
        return jobs.floors_visible_to(self.actor).select_related("merchant")

    @extend_schema(request=FloorsIn, responses={201: FloorsOut})
    def create(self, request: Request) -> Response:
        """Set up to 2,000 floors; a blank floor takes one away. One faulty row and nothing is applied."""
        told = FloorsIn(data=request.data)
        told.is_valid(raise_exception=True)
        rows = [(each["sku"], each["floor_price"] or "") for each in told.validated_data["rows"]]
        done = floors.set_table(
            merchant_id=own_shop(self.actor),
            rows=rows,
            actor=self.actor,
            at=timezone.now(),
            is_dry_run=told.validated_data["is_dry_run"],
        )
        return Response(FloorsOut(done).data, status=201)

    @extend_schema(request=None, responses=FloorsOut)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take a change of floors back within a day."""
        done = floors.undo(import_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return Response(FloorsOut(done).data)

    @extend_schema(responses=FloorFaultOut(many=True), filters=False)
    @action(detail=True)
    def faults(self, request: Request, pk: str) -> Response:
        """List what is wrong, row by row."""
        page = self.paginate_queryset(jobs.faults_of(self.get_object()).order_by())
        return self.get_paginated_response(FloorFaultOut(page, many=True).data)


@extend_schema(tags=["Price guard"])
class Hits(Job):
    """Every live price the guard objected to, in shadow too."""

    serializer_class = HitOut
    filterset_class = HitFilter
    queryset = GuardHit._default_manager.none()

    def get_queryset(self) -> QuerySet[GuardHit]:
        return incidents.hits_visible_to(self.actor).select_related("listing", "merchant")

    @extend_schema(request=ReviewIn, responses=HitOut)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str) -> Response:
        """Say of a hit that it was right, or a false alarm."""
        found = self.get_object()
        told = ReviewIn(data=request.data)
        told.is_valid(raise_exception=True)
        done = reviewing.review(hit_id=found.pk, actor=self.actor, at=timezone.now(), **told.validated_data)
        return Response(HitOut(done).data)


@extend_schema(tags=["Price guard"])
class EvidencePacks(Job):
    """Evidence files of incidents, each under its own SHA-256."""

    serializer_class = PackOut
    queryset = EvidencePack._default_manager.none()

    def get_queryset(self) -> QuerySet[EvidencePack]:
        return jobs.packs_visible_to(self.actor).select_related("merchant")

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True)
    def file(self, request: Request, pk: str) -> Any:
        """Download the file; one that no longer verifies is refused."""
        row = self.get_object()
        response = HttpResponse(evidence.read(row), content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{row.digest}.zip"'
        response["X-Content-Type-Options"] = "nosniff"
        return response
