"""Who receives an order, legal holds and erasure over the API."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.foundation.api.fields import Text
from merchant_protection.marketplace.services import privacy


class ReasonIn(serializers.Serializer[Any]):
    """Why, for whoever reads the activity log."""

    reason = Text(min_length=privacy.SHORTEST_REASON, max_length=privacy.LONGEST_REASON)


class RecipientOut(serializers.Serializer[Any]):
    """Who receives an order, in plain words."""

    name = serializers.CharField(read_only=True)
    phone = serializers.CharField(read_only=True)
    address = serializers.CharField(read_only=True)


class HoldOut(serializers.Serializer[Any]):
    """What is kept of an order's personal data."""

    legal_hold = serializers.BooleanField(read_only=True)
    personal_erased_at = serializers.DateTimeField(read_only=True, allow_null=True)


class PersonalData:
    """What orders answer about the personal data in them; each answer is written down."""

    write_scope = "recipients:read"
    people_only = frozenset({"hold", "release_hold", "erase"})
    repeatable = frozenset({"recipient"})  # each look is written down, and no answer is kept

    @extend_schema(request=ReasonIn, responses=RecipientOut, filters=False)
    @action(detail=True, methods=["post"])
    def recipient(self, request: Request, pk: str) -> Response:
        """Show who receives the order, for a reason that is written down; at most 60 an hour."""
        response = Response(RecipientOut(self._do(privacy.show_recipient, request)).data)
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(request=ReasonIn, responses=HoldOut, filters=False)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: str) -> Response:
        """Keep the order's personal data whatever its age."""
        return Response(HoldOut(self._do(privacy.hold, request)).data)

    @extend_schema(request=ReasonIn, responses=HoldOut, filters=False)
    @action(detail=True, methods=["post"], url_path="release-hold")
    def release_hold(self, request: Request, pk: str) -> Response:
        """Let the order's personal data be erased again."""
        return Response(HoldOut(self._do(privacy.release_hold, request)).data)

    @extend_schema(request=ReasonIn, responses=HoldOut, filters=False)
    @action(detail=True, methods=["post"])
    def erase(self, request: Request, pk: str) -> Response:
        """Erase the order's personal data for good; refused under a legal hold."""
        return Response(HoldOut(self._do(privacy.erase, request)).data)

    def _do(self, command: Any, request: Request) -> Any:
        view: Any = self
        order = view.get_object()
        asked = ReasonIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return command(order_id=order.pk, actor=view.actor, at=timezone.now(), reason=asked.validated_data["reason"])
