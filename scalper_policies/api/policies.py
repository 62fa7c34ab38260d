"""Scalper policies over the API: written, changed, and moved through their life by the same commands as the page's."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import NotFound, require
from scalper_policies import policies
from scalper_policies.api.inputs import ChangeIn, EnforceIn, NoteIn, PolicyIn, SendBackIn, SnoozeIn, TryOutIn
from scalper_policies.api.serializers import PolicyOut, SnoozeOut, VersionOut
from scalper_policies.models import Policy, PolicyVersion, Snooze
from scalper_policies.queries import policies as queries
from scalper_policies.services import noting, versions


class Family(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """What every family of addresses about policies shares."""

    read_scope = policies.READ
    write_scope = policies.WRITE
    lookup_value_regex = "[0-9]{1,18}"

    def own_shop(self) -> int:
        """Return the shop a person or key acts for; nobody else has anything to write here."""
        require(self.actor.merchant_id is not None)
        return int(self.actor.merchant_id)

    def given(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """Return what was sent, checked."""
        told = kind(data=self.request.data)
        told.is_valid(raise_exception=True)
        return dict(told.validated_data)

    def by_now(self) -> dict[str, Any]:
        """Return who acts, and when."""
        return {"actor": self.actor, "at": timezone.now()}


@extend_schema(tags=["Scalper policies"])
class Policies(Family):
    """A shop's scalper policies with their versions."""

    serializer_class = PolicyOut
    queryset = queries.no_policies()

    def get_queryset(self) -> QuerySet[Policy]:
        return queries.with_versions(queries.visible_to(self.actor))

    @extend_schema(request=PolicyIn, responses={201: VersionOut})
    def create(self, request: Request) -> Response:
        """Write the first draft of a new policy."""
        told = self.given(PolicyIn)
        plain = told.pop("terms")
        made = versions.create(merchant_id=self.own_shop(), plain=plain, **told, **self.by_now())
        return Response(VersionOut(made).data, status=201)

    @extend_schema(request=ChangeIn, responses=VersionOut)
    @action(detail=True, methods=["post"])
    def revise(self, request: Request, pk: str) -> Response:
        """Change the draft, or begin the next version where the last one is a draft no more."""
        found = self.get_object()
        told = self.given(ChangeIn)
        made = versions.revise(policy_id=found.pk, plain=told.pop("terms"), **told, **self.by_now())
        return Response(VersionOut(made).data)


@extend_schema(tags=["Scalper policies"])
class Versions(Family):
    """Versions of policies, and the moves of their life: draft, approved, shadow, canary, enforcing, over."""

    serializer_class = VersionOut
    queryset = queries.no_versions()

    def get_queryset(self) -> QuerySet[PolicyVersion]:
        return queries.versions_visible_to(self.actor)

    @extend_schema(request=NoteIn, responses=VersionOut)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Put a version before somebody who may approve it."""
        return self._moved(versions.submit, NoteIn)

    @extend_schema(request=NoteIn, responses=VersionOut)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve a version, as a person who may: no key does. Its text never changes again."""
        return self._moved(versions.approve, NoteIn)

    @extend_schema(request=SendBackIn, responses=VersionOut)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, pk: str) -> Response:
        """Give a version back to its author, as a person who may approve it."""
        return self._moved(versions.send_back, SendBackIn)

    @extend_schema(request=NoteIn, responses=VersionOut)
    @action(detail=True, methods=["post"])
    def watch(self, request: Request, pk: str) -> Response:
        """Put a version in shadow: it looks at every order and changes no answer."""
        return self._moved(versions.watch, NoteIn)

    @extend_schema(request=TryOutIn, responses=VersionOut)
    @action(detail=True, methods=["post"], url_path="try-out")
    def try_out(self, request: Request, pk: str) -> Response:
        """Let a version act for a share of the buyers, the same ones every time."""
        return self._moved(versions.try_out, TryOutIn)

    @extend_schema(request=EnforceIn, responses=VersionOut)
    @action(detail=True, methods=["post"])
    def enforce(self, request: Request, pk: str) -> Response:
        """Put a version in force in the place of the one before it."""
        return self._moved(versions.enforce, EnforceIn)

    @extend_schema(request=NoteIn, responses=VersionOut)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Take a version out of use for good."""
        return self._moved(versions.retire, NoteIn)

    def _moved(self, command: Callable[..., PolicyVersion], kind: type[serializers.Serializer[Any]]) -> Response:
        found = self.get_object()
        return Response(VersionOut(command(version_id=found.pk, **self.given(kind), **self.by_now())).data)


@extend_schema(tags=["Scalper policies"])
class Snoozes(Family):
    """Rules left aside for single buyers until a date."""

    serializer_class = SnoozeOut
    queryset = queries.no_snoozes()

    def get_queryset(self) -> QuerySet[Snooze]:
        return queries.snoozes_visible_to(self.actor)

    @extend_schema(request=SnoozeIn, responses={201: SnoozeOut})
    def create(self, request: Request) -> Response:
        """Leave one rule aside for the buyer of an answered order; again, and the new date holds."""
        told = self.given(SnoozeIn)
        if not queries.visible_to(self.actor).filter(pk=told["policy_id"], merchant_id=self.own_shop()).exists():
            raise NotFound
        return Response(SnoozeOut(noting.snooze(**told, **self.by_now())).data, status=201)
