"""Webhooks for programs: which of the shop's systems are told what, and how each telling went."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.fields import Moment, Text
from merchant_protection.foundation.api.filters import MomentFilter
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import require
from merchant_protection.notices import policies
from merchant_protection.notices.models import Attempt, Dispatch, Endpoint
from merchant_protection.notices.queries import webhooks as queries
from merchant_protection.notices.services import endpoints
from merchant_protection.notices.services import webhooks as services


class EndpointOut(serializers.ModelSerializer[Endpoint]):
    """One of the shop's systems, and what it is told; its secrets are never shown."""

    kinds = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Endpoint
        fields: tuple[str, ...] = (
            *("id", "name", "url", "kinds", "state", "reason", "failures", "rests_until"),
            *("succeeded_at", "failed_at", "created_at"),
        )
        read_only_fields = fields


class EndpointIn(serializers.Serializer[Any]):
    """An endpoint of the key's own shop."""

    name = Text(max_length=80)
    url = Text(max_length=500)
    kinds = serializers.ListField(child=Text(max_length=60), min_length=1, max_length=100)


class EndpointChangeIn(serializers.Serializer[Any]):
    """What changes of an endpoint."""

    name = Text(max_length=80, required=False)
    url = Text(max_length=500, required=False)
    kinds = serializers.ListField(child=Text(max_length=60), min_length=1, max_length=100, required=False)


class SecretOut(serializers.Serializer[Any]):
    """A new secret to check signatures with, told this once."""

    secret = serializers.CharField(read_only=True)


class SinceIn(serializers.Serializer[Any]):
    """From when on what was given up is sent again."""

    since = Moment()


class CountOut(serializers.Serializer[Any]):
    """How many messages are sent again."""

    count = serializers.IntegerField(read_only=True)


class DeliveryOut(serializers.ModelSerializer[Dispatch]):
    """A message on its way to an endpoint."""

    message_id = serializers.CharField(source="message.public_id", read_only=True)
    endpoint_id = serializers.IntegerField(read_only=True)

    class Meta:
        model = Dispatch
        fields: tuple[str, ...] = (
            *("id", "endpoint_id", "message_id", "kind", "status", "attempts", "answer", "last_error"),
            *("created_at", "due_at", "tried_at", "finished_at"),
        )
        read_only_fields = fields


class TryOut(serializers.ModelSerializer[Attempt]):
    """One call of an endpoint, and what it answered."""

    class Meta:
        model = Attempt
        fields: tuple[str, ...] = ("number", "at", "took_ms", "status", "error", "answer")
        read_only_fields = fields


class DeliveryWithTriesOut(DeliveryOut):
    """A message, what it says, and every try to tell it."""

    body = serializers.SerializerMethodField()
    tries = serializers.SerializerMethodField()

    class Meta(DeliveryOut.Meta):
        fields: tuple[str, ...] = (*DeliveryOut.Meta.fields, "body", "tries")
        read_only_fields = fields

    def get_body(self, dispatch: Dispatch) -> dict[str, Any]:
        return services.body_of(dispatch.message, merchant_code=dispatch.merchant.code)

    @extend_schema_field(TryOut(many=True))
    def get_tries(self, dispatch: Dispatch) -> list[dict[str, Any]]:
        return list(TryOut(queries.tries_of(dispatch.pk), many=True).data)


class EndpointFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=Endpoint.State.choices)

    class Meta:
        model = Endpoint
        fields: tuple[str, ...] = ()


class DeliveryFilter(django_filters.FilterSet):
    endpoint = django_filters.NumberFilter(field_name="endpoint_id", min_value=1, max_value=2**63 - 1)
    kind = django_filters.CharFilter(field_name="kind")
    status = django_filters.MultipleChoiceFilter(choices=Dispatch.Status.choices)
    created_from = MomentFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = Dispatch
        fields: tuple[str, ...] = ()


class Family(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """What both families of addresses share."""

    read_scope = policies.READ_WEBHOOKS
    write_scope = policies.WRITE_WEBHOOKS
    lookup_value_regex = "[0-9]{1,18}"

    def by_now(self) -> dict[str, Any]:
        """Return who acts, and when."""
        return {"actor": self.actor, "at": timezone.now()}


@extend_schema(tags=["Webhooks"])
class Endpoints(Family):
    """The shop's own systems that are told what happens."""

    repeatable = frozenset({"rotate"})  # its answer is a secret, which is not kept
    queryset = Endpoint._default_manager.none()
    serializer_class = EndpointOut
    filterset_class = EndpointFilter

    def get_queryset(self) -> QuerySet[Endpoint]:
        return queries.endpoints_visible_to(self.actor)

    @extend_schema(request=EndpointIn, responses={201: EndpointOut})
    def create(self, request: Request) -> Response:
        """Add an endpoint; fetch its secret by `rotate`."""
        require(self.actor.merchant_id is not None)
        told = EndpointIn(data=request.data)
        told.is_valid(raise_exception=True)
        made, _secret = endpoints.add(merchant_id=self.actor.merchant_id, **told.validated_data, **self.by_now())
        return Response(EndpointOut(made).data, status=201)

    @extend_schema(request=EndpointChangeIn, responses=EndpointOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change an endpoint's name, address or kinds."""
        found = self.get_object()
        told = EndpointChangeIn(data=request.data)
        told.is_valid(raise_exception=True)
        return Response(EndpointOut(endpoints.edit(endpoint_id=found.pk, **told.validated_data, **self.by_now())).data)

    @extend_schema(request=None, responses=SecretOut)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """Get a new secret; for a day messages are signed with the old one too."""
        found = self.get_object()
        response = Response({"secret": endpoints.rotate(endpoint_id=found.pk, **self.by_now())})
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(request=None, responses=EndpointOut)
    @action(detail=True, methods=["post"], url_path="end-old-secret")
    def end_old_secret(self, request: Request, pk: str) -> Response:
        """Sign with the newest secret only."""
        return self._moved(endpoints.end_old_secret)

    @extend_schema(request=None, responses=EndpointOut)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Tell it nothing for a while; what happens meanwhile waits for it."""
        return self._moved(endpoints.pause)

    @extend_schema(request=None, responses=EndpointOut)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Tell it again."""
        return self._moved(endpoints.resume)

    @extend_schema(request=None, responses=EndpointOut)
    @action(detail=True, methods=["post"], url_path="switch-off")
    def switch_off(self, request: Request, pk: str) -> Response:
        """Tell it nothing more."""
        return self._moved(endpoints.switch_off)

    @extend_schema(request=None, responses={202: DeliveryOut})
    @action(detail=True, methods=["post"], url_path="test")
    def send_test(self, request: Request, pk: str) -> Response:
        """Send it a test."""
        found = self.get_object()
        return Response(DeliveryOut(endpoints.send_test(endpoint_id=found.pk, **self.by_now())).data, status=202)

    @extend_schema(request=SinceIn, responses={202: CountOut})
    @action(detail=True, methods=["post"], url_path="replay-failed")
    def replay_failed(self, request: Request, pk: str) -> Response:
        """Send again all that was given up since a moment."""
        found = self.get_object()
        told = SinceIn(data=request.data)
        told.is_valid(raise_exception=True)
        count = endpoints.replay_failed(endpoint_id=found.pk, **told.validated_data, **self.by_now())
        return Response({"count": count}, status=202)

    def _moved(self, command: Callable[..., Endpoint]) -> Response:
        found = self.get_object()
        return Response(EndpointOut(command(endpoint_id=found.pk, **self.by_now())).data)


@extend_schema(tags=["Webhooks"])
class Deliveries(Family):
    """What endpoints were told, or are to be told."""

    queryset = Dispatch._default_manager.none()
    serializer_class = DeliveryOut
    filterset_class = DeliveryFilter

    def get_queryset(self) -> QuerySet[Dispatch]:
        return queries.dispatches_visible_to(self.actor).select_related("message", "merchant")

    @extend_schema(responses=DeliveryWithTriesOut)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Show a message, what it says, and every try to tell it."""
        return Response(DeliveryWithTriesOut(self.get_object()).data)

    @extend_schema(request=None, responses={202: DeliveryOut})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """Send it again under the same id."""
        found = self.get_object()
        return Response(DeliveryOut(endpoints.replay(dispatch_id=found.pk, **self.by_now())).data, status=202)
