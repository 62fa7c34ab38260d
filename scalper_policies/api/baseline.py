"""The platform's baseline rules and what staff overruled: read by shops and programs, made by staff."""

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import Invalid, require
from scalper_policies import policies
from scalper_policies.api.inputs import AnswerOverrideIn, ReasonIn, RuleOverrideIn
from scalper_policies.api.policies import Family
from scalper_policies.api.serializers import BaselineOut, OverrideOut
from scalper_policies.models import BaselineVersion, Override
from scalper_policies.queries import baseline, overrides
from scalper_policies.services import overruling


@extend_schema(tags=["Scalper policies"])
class BaselineRules(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """The platform's own rules, which hold in every shop, version by version."""

    read_scope = policies.READ
    serializer_class = BaselineOut
    queryset = baseline.no_versions()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[BaselineVersion]:
        return baseline.visible_to(self.actor)


class OverrideFilter(django_filters.FilterSet):
    """What was overruled, by kind, and whether it is in effect now."""

    standing = django_filters.BooleanFilter(method="of_now")

    class Meta:
        model = Override
        fields = ["kind"]

    def of_now(self, rows: QuerySet[Override], name: str, value: bool) -> QuerySet[Override]:
        now = timezone.now()
        standing = overrides.standing(rows, at=now)
        return standing if value else rows.exclude(pk__in=standing.values("pk"))


@extend_schema(tags=["Scalper policies"])
class Overrides(Family):
    """What staff overruled: one answer, or a rule in one shop, each until its end."""

    people_only = frozenset({"answers", "rules", "end"})
    serializer_class = OverrideOut
    filterset_class = OverrideFilter
    queryset = overrides.no_overrides()

    def get_queryset(self) -> QuerySet[Override]:
        return overrides.visible_to(self.actor)

    @extend_schema(request=AnswerOverrideIn, responses={201: OverrideOut})
    @action(detail=False, methods=["post"], filterset_class=None)
    def answers(self, request: Request) -> Response:
        """Put another answer in the place of ours for one order: people of the staff, no key."""
        require(policies.can_override(self.actor))
        told = self.given(AnswerOverrideIn)
        made = overruling.overrule_answer(**told | {"verdict": told["verdict"].upper()}, **self.by_now())
        return Response(OverrideOut(made).data, status=201)

    @extend_schema(request=RuleOverrideIn, responses={201: OverrideOut})
    @action(detail=False, methods=["post"], filterset_class=None)
    def rules(self, request: Request) -> Response:
        """Let a rule say nothing in one shop for a time: people of the staff, no key."""
        require(policies.can_override(self.actor))
        told = self.given(RuleOverrideIn)
        shop = accounts.merchants_visible_to(self.actor).filter(code=told.pop("merchant")).first()
        if shop is None:
            raise Invalid(fields={"merchant": ["There is no such shop."]})
        made = overruling.overrule_rule(merchant_id=shop.pk, **{"policy_id": None, **told}, **self.by_now())
        return Response(OverrideOut(made).data, status=201)

    @extend_schema(request=ReasonIn, responses=OverrideOut)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End an overruling before its time: people of the staff, no key."""
        found = self.get_object()
        return Response(OverrideOut(overruling.end(override_id=found.pk, **self.given(ReasonIn), **self.by_now())).data)
