"""Scalper policies over the API."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import require
from scalper_policies import policies
from scalper_policies.api.serializers import BacktestOut, DrawOut, ListEntryOut, PolicyOut
from scalper_policies.models import BacktestRun, Draw, ListEntry, Policy
from scalper_policies.queries import backtests, draws, lists
from scalper_policies.queries import policies as queries


@extend_schema(tags=["Scalper policies"])
class Policies(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """A shop's scalper policies with their versions."""

    read_scope = policies.READ
    serializer_class = PolicyOut
    queryset = queries.no_policies()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Policy]:
        require(policies.can_read(self.actor))
        return queries.with_versions(queries.visible_to(self.actor))


@extend_schema(tags=["Scalper policies"])
class Backtests(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Policies tried on past orders."""

    read_scope = policies.READ
    serializer_class = BacktestOut
    queryset = backtests.no_runs()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[BacktestRun]:
        require(policies.can_read(self.actor))
        return backtests.visible_to(self.actor)


@extend_schema(tags=["Scalper policies"])
class ListEntries(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Who is exempt and who is denied."""

    read_scope = policies.READ
    serializer_class = ListEntryOut
    queryset = lists.no_entries()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[ListEntry]:
        require(policies.can_read(self.actor))
        return lists.visible_to(self.actor)


@extend_schema(tags=["Scalper policies"])
class Draws(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Draws with a committed seed."""

    read_scope = policies.READ
    serializer_class = DrawOut
    queryset = draws.no_draws()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Draw]:
        require(policies.can_read(self.actor))
        return draws.visible_to(self.actor)
