"""Policies over the API: versions, publishing, modes; which policy holds for a listing and why."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.accounts.views import step_up
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import Invalid, require
from pricing_guard import policies
from pricing_guard.api.policy_serializers import (
    ModeIn,
    PolicyDetailOut,
    PolicyIn,
    PolicyOut,
    PublishIn,
    ShadowReportOut,
    VersionOut,
    WindowIn,
    WindowOut,
)
from pricing_guard.models import ApprovedWindow, GuardPolicy
from pricing_guard.queries import jobs
from pricing_guard.queries import policies as queries
from pricing_guard.services import policies as services
from pricing_guard.services import windows


@extend_schema(tags=["Price guard"])
class GuardPolicies(mixins.ListModelMixin, ForPrograms, Resource):
    """What a shop has set: thresholds at shop, category and listing level."""

    read_scope = "price_guard:read"
    write_scope = "price_guard:write"
    serializer_class = PolicyOut
    queryset = GuardPolicy._default_manager.none()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[GuardPolicy]:
        require(policies.may_look(self.actor))
        return queries.visible_to(self.actor).select_related("merchant")

    @extend_schema(responses=PolicyDetailOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a policy with its versions, newest first."""
        return Response(PolicyDetailOut(self.get_object()).data)

    @extend_schema(request=PolicyIn, responses={201: PolicyDetailOut})
    def create(self, request: Request) -> Response:
        """Make a policy with its first version, a draft."""
        draft = _draft(request)
        saved = services.save_version(
            merchant_id=own_shop(self.actor), draft=draft, actor=self.actor, at=timezone.now()
        )
        return Response(PolicyDetailOut(saved.policy).data, status=201)

    @extend_schema(request=PolicyIn, responses={201: VersionOut})
    @action(detail=True, methods=["post"])
    def versions(self, request: Request, pk: str) -> Response:
        """Save a further version, a draft; nothing holds until it is published."""
        found = self.get_object()
        saved = services.save_version(
            merchant_id=found.merchant_id,
            policy_id=found.pk,
            draft=_draft(request),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(VersionOut(saved).data, status=201)

    @extend_schema(request=PublishIn, responses=PolicyDetailOut)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Let a version hold from now on; loosening needs a backtest, or the word that it goes without.

        To loosen a policy that acts by itself is for people, who prove again who they are.
        """
        found = self.get_object()
        told = PublishIn(data=request.data)
        told.is_valid(raise_exception=True)
        done = services.publish(
            policy_id=found.pk,
            actor=self.actor,
            at=timezone.now(),
            proved_again=step_up.proved_again(request._request),
            **told.validated_data,
        )
        return Response(PolicyDetailOut(done).data)

    @extend_schema(request=ModeIn, responses=PolicyDetailOut)
    @action(detail=True, methods=["post"])
    def mode(self, request: Request, pk: str) -> Response:
        """Say how far a policy may go by itself; `AUTO` is for people, who prove again who they are."""
        found = self.get_object()
        told = ModeIn(data=request.data)
        told.is_valid(raise_exception=True)
        done = services.set_mode(
            policy_id=found.pk,
            actor=self.actor,
            at=timezone.now(),
            proved_again=step_up.proved_again(request._request),
            **told.validated_data,
        )
        return Response(PolicyDetailOut(done).data)

    @extend_schema(request=None, responses=PolicyDetailOut)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Put a policy away."""
        done = services.retire(policy_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return Response(PolicyDetailOut(done).data)

    @extend_schema(responses=ShadowReportOut)
    @action(detail=True, url_path="shadow-report")
    def shadow_report(self, request: Request, pk: str) -> Response:
        """Return what a policy did or would have done, and what people said of it."""
        return Response(ShadowReportOut(jobs.shadow_report(self.get_object())).data)


@extend_schema(tags=["Price guard"])
class PriceWindows(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Windows in which low prices are meant, each with its reason; they end by themselves."""

    read_scope = "price_guard:read"
    write_scope = "price_guard:write"
    serializer_class = WindowOut
    queryset = ApprovedWindow._default_manager.none()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[ApprovedWindow]:
        require(policies.may_look(self.actor))
        return queries.windows_visible_to(self.actor).select_related("merchant")

    @extend_schema(request=WindowIn, responses={201: WindowOut})
    def create(self, request: Request) -> Response:
        """Ask for a window; above the shop's amount a second person approves it."""
        told = WindowIn(data=request.data)
        told.is_valid(raise_exception=True)
        wanted = windows.Ask(**told.validated_data)
        made = windows.ask(merchant_id=own_shop(self.actor), wanted=wanted, actor=self.actor, at=timezone.now())
        return Response(WindowOut(made).data, status=201)

    @extend_schema(request=None, responses=WindowOut)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve a window as the second person; who is alone in a shop, ten minutes later with a second factor."""
        done = windows.approve(
            window_id=self.get_object().pk,
            actor=self.actor,
            at=timezone.now(),
            proved_again=step_up.gave_second_factor(request._request),
        )
        return Response(WindowOut(done).data)

    @extend_schema(request=None, responses=WindowOut)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """End a window before its time."""
        done = windows.revoke(window_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return Response(WindowOut(done).data)


def _draft(request: Request) -> services.Draft:
    told = PolicyIn(data=request.data)
    told.is_valid(raise_exception=True)
    return services.Draft(**told.validated_data)


def own_shop(actor: Any) -> int:
    """Return the shop a person or key acts for."""
    if actor.merchant_id is None:
        raise Invalid(fields={"merchant": ["Act for one shop."]})
    return int(actor.merchant_id)
