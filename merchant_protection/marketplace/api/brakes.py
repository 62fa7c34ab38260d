"""Kill switches and paused rules over the API: what stands still, stopping, and going on."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.accounts.views import step_up
from merchant_protection.foundation.api.fields import Text
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.models import RulePause, Switch
from merchant_protection.marketplace.queries import guards as queries
from merchant_protection.marketplace.services import switches


class SwitchOut(serializers.ModelSerializer):
    """One kill switch: what it stops, since when and why."""

    class Meta:
        model = Switch
        fields = ["id", "scope", "rule", "is_stopped", "reason", "changed_at", "changed_by", "resume_asked_at"]
        read_only_fields = fields


class RulePauseOut(serializers.ModelSerializer):
    """One rule that was paused in the shop, and how it went on."""

    class Meta:
        model = RulePause
        fields = [
            *("id", "feature", "rule", "reason", "paused_at", "paused_by"),
            *("resume_asked_at", "resumed_at", "resumed_by"),
        ]
        read_only_fields = fields


class StopIn(serializers.Serializer):
    """Why nothing may leave."""

    reason = Text(max_length=300)


class ResumeIn(serializers.Serializer):
    """Why it may go on."""

    reason = Text(max_length=300, required=False, allow_blank=True, default="")


@extend_schema(tags=["Actions"])
class KillSwitches(mixins.ListModelMixin, ForPrograms, Resource):
    """The shop's own kill switch: stopped, no action of the shop leaves any more."""

    read_scope = "actions:read"  # to stop and to go on is for people, so no scope writes
    serializer_class = SwitchOut
    queryset = Switch._default_manager.none()

    def get_queryset(self) -> QuerySet[Switch]:
        require(policies.may_look_at_actions(self.actor))
        return queries.switches(self.actor)

    @extend_schema(request=StopIn, responses=SwitchOut)
    @action(detail=False, methods=["post"])
    def stop(self, request: Request) -> Response:
        """Stop every action of the shop from leaving, within two seconds."""
        told = StopIn(data=request.data)
        told.is_valid(raise_exception=True)
        return self._turned(switches.stop(**self._shop(), **told.validated_data))

    @extend_schema(request=ResumeIn, responses=SwitchOut)
    @action(detail=False, methods=["post"])
    def resume(self, request: Request) -> Response:
        """Let actions leave again; the owner proves again who they are."""
        told = ResumeIn(data=request.data)
        told.is_valid(raise_exception=True)
        proof = step_up.proved_again(request._request)
        return self._turned(switches.resume(**self._shop(), **told.validated_data, proved_again=proof))

    def _shop(self) -> dict[str, Any]:
        if self.actor.merchant_id is None:
            raise Invalid(fields={"merchant": ["Act for one shop."]})
        shop = {"scope": Switch.Scope.MERCHANT, "merchant_id": self.actor.merchant_id}
        return shop | {"actor": self.actor, "at": timezone.now()}

    def _turned(self, switch: Switch) -> Response:
        return Response(SwitchOut(switch).data)


@extend_schema(tags=["Actions"])
class RulePauses(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Rules that a budget or a person stopped in the shop; only people let them go on."""

    read_scope = "actions:read"
    serializer_class = RulePauseOut
    queryset = RulePause._default_manager.none()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[RulePause]:
        require(policies.may_look_at_actions(self.actor))
        return queries.pauses(self.actor)

    @extend_schema(request=None, responses=RulePauseOut)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Let a rule go on: one person asks, a second agrees; who is alone, ten minutes later with a second factor."""
        done = switches.resume_rule(
            pause_id=self.get_object().pk,
            actor=self.actor,
            at=timezone.now(),
            proved_again=step_up.gave_second_factor(request._request),
        )
        return Response(RulePauseOut(done).data)
