"""`POST /price-checks`: the selling platform asks before each price it publishes."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.views import Resource
from merchant_protection.foundation.errors import Invalid, require
from pricing_guard import policies
from pricing_guard.api.filters import PriceCheckFilter
from pricing_guard.api.serializers import PriceCheckIn, PriceCheckOut
from pricing_guard.models import PriceCheck
from pricing_guard.queries import incidents as queries
from pricing_guard.services import checks


@extend_schema(tags=["Price guard"])
class PriceChecks(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Whether a price may be published: allow, confirm or block, with reasons in words."""

    read_scope = "price_guard:read"
    write_scope = "price_guard:read"  # a question changes nothing of the shop's
    repeatable = frozenset({"create"})
    serializer_class = PriceCheckOut
    filterset_class = PriceCheckFilter
    queryset = PriceCheck._default_manager.none()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[PriceCheck]:
        require(policies.may_look(self.actor))
        return queries.checks_visible_to(self.actor).select_related("merchant")

    @extend_schema(request=PriceCheckIn, responses={201: PriceCheckOut})
    def create(self, request: Request) -> Response:
        """Ask about one price; the answer is kept."""
        require(policies.may_look(self.actor))
        asked = PriceCheckIn(data=request.data)
        asked.is_valid(raise_exception=True)
        facts: dict[str, Any] = dict(asked.validated_data)
        code, own = facts.pop("merchant", None), self.actor.merchant_id
        if code is None and own is None:
            raise Invalid(fields={"merchant": ["Name the shop."]})
        question = checks.Question(**facts)
        answer = checks.check(code=code, merchant_id=own, question=question, actor=self.actor, at=timezone.now())
        return Response(PriceCheckOut(answer).data, status=201)
