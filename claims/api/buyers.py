"""What the selling platform passes on for its buyers, and which moves a complaint allows now."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims import lifecycle
from claims.models import Appeal, Claim
from claims.queries import claims as queries
from claims.services import appealing
from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.fields import Pattern
from merchant_protection.foundation.api.views import Endpoint

PARTIES = (lifecycle.MERCHANT, lifecycle.BUYER, lifecycle.REVIEWER, lifecycle.SENIOR_REVIEWER, lifecycle.CLOCK)


class BuyerAppealIn(serializers.Serializer[Any]):
    """The buyer's ground and words."""

    ground = serializers.ChoiceField(choices=Appeal.Ground.choices)
    text = Pattern(r"[^\x00]*\S[^\x00]*", max_length=4000)


class AppealOut(serializers.ModelSerializer[Appeal]):
    """An appeal as it was filed."""

    class Meta:
        model = Appeal
        fields = ("id", "claim_id", "party", "ground", "text", "filed_at", "answered_at")
        read_only_fields = fields


class MovesOut(serializers.Serializer[Any]):
    """Which moves are legal now, and for whom."""

    status = serializers.ChoiceField(choices=Claim.Status.choices)
    moves = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


@extend_schema(tags=["Complaints"])
class BuyerAppeals(ForPrograms, Endpoint):
    """The buyer appeals against a decision, once and in time, by the platform's own program."""

    read_scope = "claims:write"
    write_scope = "claims:write"
    serializer_class = BuyerAppealIn

    @extend_schema(request=BuyerAppealIn, responses={201: AppealOut})
    def post(self, request: Request, pk: int) -> Response:
        """File the buyer's appeal."""
        claim = get_object_or_404(queries.visible_to(self.actor), pk=pk)
        said = BuyerAppealIn(data=request.data)
        said.is_valid(raise_exception=True)
        appeal = appealing.appeal_for_buyer(
            claim_id=claim.pk, actor=self.actor, at=timezone.now(), **said.validated_data
        )
        return Response(AppealOut(appeal).data, status=201)


@extend_schema(tags=["Complaints"])
class LegalMoves(ForPrograms, Endpoint):
    """Which moves a complaint allows now, for whom."""

    read_scope = "claims:read"
    serializer_class = MovesOut

    @extend_schema(responses=MovesOut)
    def get(self, request: Request, pk: int) -> Response:
        """Return the moves that are legal now, by party."""
        claim = get_object_or_404(queries.visible_to(self.actor), pk=pk)
        moves = {party: lifecycle.legal_moves(claim.status, party=party) for party in PARTIES}
        return Response(MovesOut({"status": claim.status, "moves": moves}).data)
