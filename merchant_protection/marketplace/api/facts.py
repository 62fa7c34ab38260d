"""The shop's facts for programs: orders, listings, promotions, buyers, after-sales, received events."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.marketplace.api import fact_filters as filters
from merchant_protection.marketplace.api import fact_serializers as serializers
from merchant_protection.marketplace.api.privacy import PersonalData
from merchant_protection.marketplace.api.reading import Readable
from merchant_protection.marketplace.models import AfterSale, Buyer, InboxEvent, Listing, Order, PricePoint, Promotion
from merchant_protection.marketplace.queries import inbox, listings, orders


@extend_schema_view(retrieve=extend_schema(responses=serializers.OrderDetailOut))
class Orders(PersonalData, Readable):
    """Orders; one with its lines and history."""

    read_scope = "orders:read"
    queryset = Order._default_manager.none()
    serializer_class = serializers.OrderOut
    filterset_class = filters.OrderFilter

    def get_queryset(self) -> QuerySet[Order]:
        return orders.visible_to(self.actor)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        order = self.get_object()
        parts = {"lines": orders.lines_of(order), "history": orders.history_of(order)}
        return Response(serializers.OrderDetailOut(order, context=parts).data)


class Listings(Readable):
    """Listings, and the prices they asked."""

    read_scope = "listings:read"
    queryset = Listing._default_manager.none()
    serializer_class = serializers.ListingOut
    filterset_class = filters.ListingFilter

    def get_queryset(self) -> QuerySet[Listing]:
        return listings.visible_to(self.actor)

    @extend_schema(responses=serializers.PriceOut(many=True), filters=False)
    @action(detail=True, filterset_class=None)
    def prices(self, request: Request, pk: str) -> Response:
        rows: QuerySet[PricePoint] = listings.prices_of(self.get_object()).order_by()
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(serializers.PriceOut(page, many=True).data)


class Promotions(Readable):
    """Promotions."""

    read_scope = "listings:read"
    queryset = Promotion._default_manager.none()
    serializer_class = serializers.PromotionOut
    filterset_class = filters.PromotionFilter

    def get_queryset(self) -> QuerySet[Promotion]:
        return listings.promotions_visible_to(self.actor)


class Buyers(Readable):
    """Buyers, masked."""

    read_scope = "orders:read"
    queryset = Buyer._default_manager.none()
    serializer_class = serializers.BuyerOut
    filterset_class = filters.BuyerFilter

    def get_queryset(self) -> QuerySet[Buyer]:
        return orders.buyers_visible_to(self.actor)


class AfterSales(Readable):
    """After-sales."""

    read_scope = "orders:read"
    queryset = AfterSale._default_manager.none()
    serializer_class = serializers.AfterSaleOut
    filterset_class = filters.AfterSaleFilter

    def get_queryset(self) -> QuerySet[AfterSale]:
        return orders.after_sales_visible_to(self.actor)


@extend_schema_view(retrieve=extend_schema(responses=serializers.ReceivedEventDetailOut))
class ReceivedEvents(Readable):
    """The log of received events; one with its data, personal data left out."""

    read_scope = "events:read"
    queryset = InboxEvent._default_manager.none()
    serializer_class = serializers.ReceivedEventOut
    filterset_class = filters.EventFilter

    def get_queryset(self) -> QuerySet[InboxEvent]:
        return inbox.events_visible_to(self.actor)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(serializers.ReceivedEventDetailOut(self.get_object()).data)
