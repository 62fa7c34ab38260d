"""Actions and desired states over the API."""

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
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.api.filters import ActionFilter, TargetFilter
from merchant_protection.marketplace.api.serializers import ActionDetailOut, ActionIn, ActionOut, NoteIn, TargetOut
from merchant_protection.marketplace.models import ActionTarget, PlatformAction
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.rules.wishes import Wish
from merchant_protection.marketplace.services import actions as services


@extend_schema(tags=["Actions"])
class Actions(mixins.ListModelMixin, ForPrograms, Resource):
    """What was asked of the selling platform, and what became of it."""

    read_scope = "actions:read"  # to change anything is for people, so no scope writes
    serializer_class = ActionOut
    filterset_class = ActionFilter
    queryset = queries.no_actions()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[PlatformAction]:
        require(policies.may_look_at_actions(self.actor))
        return queries.visible_to(self.actor)

    @extend_schema(responses=ActionDetailOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return an action with its history and the moves that a person may make."""
        return Response(ActionDetailOut(self.get_object()).data)

    @extend_schema(request=ActionIn, responses={201: ActionDetailOut})
    def create(self, request: Request) -> Response:
        """Ask for a state by hand."""
        asked = ActionIn(data=request.data)
        asked.is_valid(raise_exception=True)
        wish = _wish(asked.validated_data, merchant_id=self.actor.merchant_id)
        made = services.ask_by_person(wish, actor=self.actor, at=timezone.now())
        return Response(ActionDetailOut(made).data, status=201)

    @extend_schema(request=NoteIn, responses=ActionDetailOut)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Let an action that waits be sent."""
        return self._decide(services.approve, request)

    @extend_schema(request=NoteIn, responses=ActionDetailOut)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """Do not send an action that waits."""
        return self._decide(services.decline, request)

    @extend_schema(request=NoteIn, responses=ActionDetailOut)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Try a failed action again."""
        return self._decide(services.retry, request)

    @extend_schema(request=NoteIn, responses=ActionDetailOut)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Set the target back to what it was; the action that does so is returned."""
        return self._decide(services.undo, request)

    def _decide(self, command: Any, request: Request) -> Response:
        found = self.get_object()
        note = NoteIn(data=request.data)
        note.is_valid(raise_exception=True)
        done = command(action_id=found.pk, actor=self.actor, at=timezone.now(), note=note.validated_data["note"])
        return Response(ActionDetailOut(done).data)


@extend_schema(tags=["Actions"])
class DesiredStates(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """What we want of the platform, target by target, beside what it was last seen to show."""

    read_scope = "actions:read"
    serializer_class = TargetOut
    filterset_class = TargetFilter
    queryset = queries.no_targets()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[ActionTarget]:
        require(policies.may_look_at_actions(self.actor))
        return queries.targets_visible_to(self.actor)


def _wish(asked: dict[str, Any], *, merchant_id: int | None) -> Wish:
    return Wish(
        merchant_id=asked.get("merchant") or merchant_id or 0,
        verb=asked["verb"],
        ref=asked["ref"],
        value=asked.get("value"),
        release_after=asked.get("release_after"),
        reason=asked.get("reason", ""),
        feature="by_hand",
    )
