"""Exempt and deny lists, backtests and draws over the API."""

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation import tables
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import Invalid, NotFound, require
from scalper_policies import policies
from scalper_policies.api.inputs import BacktestIn, DrawEntryIn, DrawIn, EntryIn, ListFileIn
from scalper_policies.api.policies import Family
from scalper_policies.api.serializers import (
    BacktestOut,
    DrawEntryOut,
    DrawOut,
    EnteredOut,
    ListEntryOut,
    ListFileOut,
)
from scalper_policies.models import BacktestRun, Draw, Kind, ListEntry, ListFile
from scalper_policies.outside import kept_files
from scalper_policies.queries import backtests, draws, lists
from scalper_policies.queries import policies as policy_queries
from scalper_policies.services import backtests as backtesting
from scalper_policies.services import draws as drawing
from scalper_policies.services import lists as listing

WHICH = OpenApiParameter("kind", {"type": "string", "enum": list(Kind.values)}, required=False)
HEADS = ("entry", "dimension", "shown", "reason", "expires_at", "created_by")


@extend_schema(tags=["Scalper policies"])
class ListEntries(mixins.DestroyModelMixin, Family):
    """Who is exempt and who is denied."""

    serializer_class = ListEntryOut
    queryset = lists.no_entries()

    def get_queryset(self) -> QuerySet[ListEntry]:
        return lists.visible_to(self.actor)

    @extend_schema(request=EntryIn, responses={201: ListEntryOut})
    def create(self, request: Request) -> Response:
        """Put one buyer, device or place on a list until a date."""
        told = self.given(EntryIn)
        return Response(
            ListEntryOut(listing.add(merchant_id=self.own_shop(), **told, **self.by_now())).data, status=201
        )

    def perform_destroy(self, instance: ListEntry) -> None:
        """Take an entry off its list."""
        listing.remove(entry_id=instance.pk, **self.by_now())

    @extend_schema(parameters=[WHICH], responses={(200, "text/csv"): OpenApiTypes.STR}, filters=False)
    @action(detail=False, pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        """Take a list away as CSV; entries go as keys, which can be loaded again."""
        rows = self.get_queryset().filter(merchant_id=self.own_shop()).order_by("-pk")
        if (kind := request.query_params.get("kind")) is not None:
            if kind not in Kind.values:
                raise Invalid(fields={"kind": [_("There is no such list.")]})
            rows = rows.filter(kind=kind)
        return tables.csv_response(tables.Table(rows, HEADS, _cells).lines(), name="list.csv")


@extend_schema(tags=["Scalper policies"])
class ListFiles(Family):
    """Files of entries: read in the background, with what was added, known and refused."""

    serializer_class = ListFileOut
    queryset = lists.no_files()
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> QuerySet[ListFile]:
        return lists.files_visible_to(self.actor)

    @extend_schema(request={"multipart/form-data": ListFileIn}, responses={202: ListFileOut})
    def create(self, request: Request) -> Response:
        """Put a file of entries in line; ask again to see how far it is."""
        shop = self.own_shop()
        require(policies.can_write(self.actor, shop))
        told = self.given(ListFileIn)
        sent = told.pop("file")
        path = kept_files.keep(sent.chunks(), folder=lists.folder())
        made = listing.take_file(merchant_id=shop, path=str(path), file_name=sent.name, **told, **self.by_now())
        return Response(ListFileOut(made).data, status=202)


@extend_schema(tags=["Scalper policies"])
class Backtests(Family):
    """Policies tried on past orders."""

    serializer_class = BacktestOut
    queryset = backtests.no_runs()

    def get_queryset(self) -> QuerySet[BacktestRun]:
        return backtests.visible_to(self.actor)

    @extend_schema(request=BacktestIn, responses={202: BacktestOut})
    def create(self, request: Request) -> Response:
        """Put a backtest of a version in line; asked again while one like it waits, it is that one."""
        told = self.given(BacktestIn)
        if not policy_queries.versions_visible_to(self.actor).filter(pk=told["version_id"]).exists():
            raise NotFound
        return Response(BacktestOut(backtesting.ask(**told, **self.by_now())).data, status=202)

    @extend_schema(request=None, responses=BacktestOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop a backtest."""
        return Response(BacktestOut(backtesting.cancel(run_id=self.get_object().pk, **self.by_now())).data)


@extend_schema(tags=["Scalper policies"])
class Draws(Family):
    """Draws with a committed seed."""

    serializer_class = DrawOut
    queryset = draws.no_draws()

    def get_queryset(self) -> QuerySet[Draw]:
        return draws.visible_to(self.actor)

    @extend_schema(request=DrawIn, responses={201: DrawOut})
    def create(self, request: Request) -> Response:
        """Begin a draw: its seed is made and sealed, and only its commitment is published."""
        told, shop = self.given(DrawIn), self.own_shop()
        mine = policy_queries.visible_to(self.actor).filter(merchant_id=shop)
        if told.get("policy_id") and not mine.filter(pk=told["policy_id"]).exists():
            raise NotFound
        return Response(DrawOut(drawing.commit(merchant_id=shop, **told, **self.by_now())).data, status=201)

    @extend_schema(request=None, responses=DrawOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Call a draw off while entries are open."""
        return Response(DrawOut(drawing.cancel(draw_id=self.get_object().pk, **self.by_now())).data)

    @extend_schema(responses=DrawEntryOut(many=True), filters=False)
    @action(detail=True)
    def entries(self, request: Request, pk: str) -> Response:
        """List who entered, by which anybody can recompute the winners once the seed is out."""
        page = self.paginate_queryset(draws.entries_of(self.get_object()).order_by())
        return self.get_paginated_response(DrawEntryOut(page, many=True).data)


@extend_schema(tags=["Scalper policies"])
class DrawEntries(ForPrograms, Resource):
    """The platform enters buyers into draws."""

    read_scope = policies.READ
    write_scope = policies.ASK
    repeatable = frozenset({"create"})  # entering twice is entering once
    serializer_class = EnteredOut
    queryset = draws.no_draws()

    @extend_schema(request=DrawEntryIn, responses={201: EnteredOut})
    def create(self, request: Request) -> Response:
        """Enter a buyer while entries are open."""
        told = DrawEntryIn(data=request.data)
        told.is_valid(raise_exception=True)
        draw = draws.visible_to(self.actor).filter(pk=told.validated_data["draw_id"]).first()
        if draw is None:
            raise NotFound
        entry = drawing.enter(draw_id=draw.pk, buyer=told.validated_data["buyer"], actor=self.actor, at=timezone.now())
        return Response({"draw_id": draw.pk, "entered": True, "entry": entry}, status=201)


def _cells(entry: ListEntry) -> list[object]:
    ends = entry.expires_at.isoformat() if entry.expires_at else ""
    return [f"key:{entry.key}", entry.dimension, entry.shown, entry.reason, ends, entry.created_by]
