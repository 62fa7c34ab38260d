"""Complaints over the API: everything a merchant can do on the pages."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.buyers import AppealOut
from claims.api.serializers import (
    AppealIn,
    ChangeIn,
    ClaimDetailOut,
    ClaimIn,
    ClaimOut,
    EvidenceIn,
    EvidenceOut,
    MessageIn,
    MessageOut,
    MessageWithFilesIn,
    SentIn,
)
from claims.models import Claim
from claims.queries import claims as queries
from claims.queries import evidence as evidence_queries
from claims.services import appealing, attaching, conversing, drafting, evidence, filing
from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.files.rules.limits import EVIDENCE
from merchant_protection.files.services import uploads
from merchant_protection.foundation.api.filters import MomentFilter
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import Invalid, NotAllowed, NotFound
from merchant_protection.marketplace.queries import orders


class ClaimFilter(django_filters.FilterSet):
    """Which complaints."""

    status = django_filters.MultipleChoiceFilter(choices=Claim.Status.choices)
    kind = django_filters.CharFilter(field_name="kind_code")
    order = django_filters.CharFilter(field_name="order_number")
    created_from = MomentFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = Claim
        fields: tuple[str, ...] = ()


@extend_schema(tags=["Complaints"])
class Complaints(mixins.ListModelMixin, ForPrograms, Resource):
    """The shop's complaints about malicious claims."""

    read_scope = "claims:read"
    write_scope = "claims:write"
    queryset = Claim._default_manager.none()
    serializer_class = ClaimOut
    filterset_class = ClaimFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_parsers(self) -> list[Any]:
        """Files come as forms, everything else as JSON."""
        name = getattr(self, "action", None) or self.action_map.get(str(self.request.method).lower(), "")
        if name == "add_evidence":
            return [MultiPartParser()]
        return [JSONParser(), MultiPartParser()] if name == "write_message" else [JSONParser()]

    def get_queryset(self) -> QuerySet[Claim]:
        return queries.visible_to(self.actor).prefetch_related("joined__order")

    @extend_schema(responses=ClaimDetailOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a complaint with its evidence, what is missing, the decision and the moves open to the shop."""
        return Response(ClaimDetailOut(self.get_object()).data)

    @extend_schema(request=ClaimIn, responses={201: ClaimDetailOut})
    def create(self, request: Request) -> Response:
        """Begin a draft about an order; the same order and kind again is the same complaint."""
        asked = ClaimIn(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        number, kind = said.pop("order"), said.pop("kind")
        if self.actor.merchant_id is None:
            raise NotAllowed
        order = orders.visible_to(self.actor).filter(merchant_id=self.actor.merchant_id, number=number).first()
        if order is None:
            raise NotFound
        claim = filing.draft(
            merchant_id=order.merchant_id,
            kind_code=kind,
            order_id=order.pk,
            actor=self.actor,
            at=timezone.now(),
            source=Claim.Source.API,
        )
        if said and claim.status == Claim.Status.DRAFT:
            claim = self._say(claim, said)
        return Response(ClaimDetailOut(claim).data, status=201)

    @extend_schema(request=ChangeIn, responses=ClaimDetailOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say more in a draft; 409 when somebody else changed it since `version`."""
        claim = self.get_object()
        asked = ChangeIn(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        kind = said.pop("kind", None)
        return Response(ClaimDetailOut(self._say(claim, said, kind_code=kind)).data)

    def _say(self, claim: Claim, said: dict[str, Any], **more: Any) -> Claim:
        """Keep what was said; further orders come by their numbers, and one that is no order of the shop is refused."""
        numbers = said.pop("joined_orders", None)
        if numbers is not None:
            known = orders.visible_to(self.actor).filter(merchant_id=claim.merchant_id, number__in=numbers)
            ids = dict(known.values_list("number", "pk"))
            if set(numbers) - set(ids):
                raise Invalid(fields={"joined_orders": [_("Choose orders of the same buyer in your shop.")]})
            more["joined"] = list(ids.values())
        return drafting.say(claim_id=claim.pk, actor=self.actor, at=timezone.now(), **said, **more)

    @extend_schema(request=None, responses=ClaimDetailOut)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Hand the draft in; 422 names what is missing. Handing in twice is handing in once."""
        done = filing.submit(claim_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return Response(ClaimDetailOut(done).data)

    @extend_schema(request=None, responses=ClaimDetailOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take a complaint back, or drop a draft."""
        done = filing.withdraw(claim_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return Response(ClaimDetailOut(done).data)

    @extend_schema(responses=EvidenceOut(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def evidence(self, request: Request, pk: str) -> Response:
        """Return the files of a complaint."""
        return Response(EvidenceOut(evidence_queries.of_claim(self.get_object()), many=True).data)

    @extend_schema(request={"multipart/form-data": EvidenceIn}, responses={201: EvidenceOut})
    @evidence.mapping.post
    def add_evidence(self, request: Request, pk: str) -> Response:
        """Show one more file; it is checked within seconds, and its state can be asked for."""
        claim, at = self.get_object(), timezone.now()
        asked = EvidenceIn(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data["file"]
        file = uploads.take_in(
            actor=self.actor,
            merchant_id=claim.merchant_id,
            purpose=EVIDENCE,
            name=sent.name,
            stream=sent,
            size=sent.size,
            at=at,
        )
        piece = evidence.add(
            claim_id=claim.pk,
            actor=self.actor,
            at=at,
            file_id=file.pk,
            type=asked.validated_data["type"],
            note=asked.validated_data.get("note", ""),
        )
        return Response(EvidenceOut(piece).data, status=201)

    @extend_schema(request=SentIn, responses=ClaimDetailOut)
    @action(detail=True, methods=["post"], url_path="evidence-sent")
    def evidence_sent(self, request: Request, pk: str) -> Response:
        """Say that the evidence that was asked for is there: the case goes back to the desk."""
        claim = self.get_object()
        said = SentIn(data=request.data)
        said.is_valid(raise_exception=True)
        body = said.validated_data.get("body", "")
        done = conversing.receive_evidence(claim_id=claim.pk, actor=self.actor, at=timezone.now(), body=body)
        return Response(ClaimDetailOut(done).data)

    @extend_schema(responses=MessageOut(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def messages(self, request: Request, pk: str) -> Response:
        """Return what both sides wrote, oldest first."""
        return Response(MessageOut(queries.messages_with_files(self.get_object()), many=True).data)

    @extend_schema(
        request={"application/json": MessageIn, "multipart/form-data": MessageWithFilesIn}, responses={201: MessageOut}
    )
    @messages.mapping.post
    def write_message(self, request: Request, pk: str) -> Response:
        """Write to the reviewer; as a form, up to five files go with it."""
        claim, common = self.get_object(), {"actor": self.actor, "at": timezone.now()}
        is_form = str(request.content_type).startswith("multipart/")
        said = (MessageWithFilesIn if is_form else MessageIn)(data=request.data)
        said.is_valid(raise_exception=True)
        file_ids = attaching.take_in(claim=claim, sent=said.validated_data.get("files", []), **common)
        written = conversing.write_to_desk(
            claim_id=claim.pk, body=said.validated_data["body"], file_ids=file_ids, **common
        )
        return Response(MessageOut(written).data, status=201)

    @extend_schema(request=AppealIn, responses={201: AppealOut})
    @action(detail=True, methods=["post"])
    def appeal(self, request: Request, pk: str) -> Response:
        """Appeal against the decision, once and in time."""
        claim = self.get_object()
        said = AppealIn(data=request.data)
        said.is_valid(raise_exception=True)
        filed: Any = appealing.appeal(claim_id=claim.pk, actor=self.actor, at=timezone.now(), **said.validated_data)
        return Response(AppealOut(filed).data, status=201)
