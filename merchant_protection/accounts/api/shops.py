"""Shops over the API: the platform's programs take them in and keep their settings."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts import queries
from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.accounts.models import Merchant
from merchant_protection.accounts.services import merchants
from merchant_protection.foundation.api.fields import Pattern, Text, Whole
from merchant_protection.foundation.api.views import Resource

NUMBER = "[A-Za-z0-9][A-Za-z0-9._-]*"


class ShopOut(serializers.ModelSerializer[Merchant]):
    """A shop and its settings."""

    contact_email = serializers.CharField(read_only=True)  # may be empty

    class Meta:
        model = Merchant
        fields: tuple[str, ...] = (
            *("id", "code", "name", "category", "currency", "time_zone", "language", "contact_email", "contact_phone"),
            *("is_active", "version", "created_at"),
        )
        read_only_fields = fields


class ShopIn(serializers.Serializer[Any]):
    """A shop to be taken in."""

    code = Pattern(NUMBER, max_length=40)
    name = Text(max_length=120)
    category = Text(max_length=80, allow_blank=True, default="")
    currency = Pattern("[A-Z]{3}", default="CNY")
    time_zone = Text(max_length=60, default="Asia/Shanghai")
    language = Text(max_length=10, default="zh-hans")


class ShopChangeIn(serializers.Serializer[Any]):
    """Settings that change, with the version they were read at."""

    version = Whole(min_value=1, max_value=2_000_000_000)
    name = Text(max_length=120, required=False)
    category = Text(max_length=80, allow_blank=True, required=False)
    time_zone = Text(max_length=60, required=False)
    language = Text(max_length=10, required=False)
    contact_email = Text(max_length=254, allow_blank=True, required=False)
    contact_phone = Text(max_length=40, allow_blank=True, required=False)


@extend_schema(tags=["Shops"])
class Shops(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """The shops that the actor may see: a person's own, or all for the platform's programs."""

    read_scope = "merchants:write"
    write_scope = "merchants:write"
    queryset = Merchant._default_manager.none()
    serializer_class = ShopOut
    filterset_fields = ("code",)
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Merchant]:
        return queries.merchants_visible_to(self.actor)

    @extend_schema(request=ShopIn, responses={201: ShopOut})
    def create(self, request: Request) -> Response:
        """Take a shop in; one that is known by this number already is returned as it is."""
        asked = ShopIn(data=request.data)
        asked.is_valid(raise_exception=True)
        shop = merchants.open_shop(actor=self.actor, at=timezone.now(), **asked.validated_data)
        return Response(ShopOut(shop).data, status=201)

    @extend_schema(request=ShopChangeIn, responses=ShopOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a shop's settings; refused when somebody changed them since they were read."""
        shop = self.get_object()
        asked = ShopChangeIn(data=request.data)
        asked.is_valid(raise_exception=True)
        changed = merchants.update(actor=self.actor, merchant_id=shop.pk, at=timezone.now(), **asked.validated_data)
        return Response(ShopOut(changed).data)
