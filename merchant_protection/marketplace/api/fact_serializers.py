"""How the shop's facts read in the API; buyers are masked, and what is personal is not there."""

from typing import Any

from rest_framework import serializers

from merchant_protection.foundation.masking import masked
from merchant_protection.marketplace.models import (
    AfterSale,
    Buyer,
    InboxEvent,
    Listing,
    Order,
    OrderLine,
    OrderStatusChange,
    PricePoint,
    Promotion,
)


class BuyerOut(serializers.ModelSerializer[Buyer]):
    ref = serializers.SerializerMethodField()

    class Meta:
        model = Buyer
        fields: tuple[str, ...] = (
            *("id", "ref", "account_created_at", "level", "phone_verified", "real_name_verified"),
            *("paid_orders", "country", "first_order_at", "version", "updated_at"),
        )
        read_only_fields = fields

    def get_ref(self, buyer: Buyer) -> str:
        return masked(buyer.ref)


class OrderOut(serializers.ModelSerializer[Order]):
    buyer = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields: tuple[str, ...] = (
            *("id", "number", "kind", "status", "buyer", "placed_at", "paid_at", "shipped_at", "channel", "currency"),
            *("total", "units", "lines_count", "skus", "country", "address_tags", "version", "updated_at"),
        )
        read_only_fields = fields

    def get_buyer(self, order: Order) -> str:
        return masked(order.buyer.ref) if order.buyer else ""


class LineOut(serializers.ModelSerializer[OrderLine]):
    class Meta:
        model = OrderLine
        fields: tuple[str, ...] = (
            "ordinal",
            "listing_id",
            "sku",
            "title",
            "quantity",
            "unit_price",
            "discount",
            "paid",
            "at",
            "flags",
        )
        read_only_fields = fields


class StepOut(serializers.ModelSerializer[OrderStatusChange]):
    class Meta:
        model = OrderStatusChange
        fields: tuple[str, ...] = ("version", "status", "occurred_at")
        read_only_fields = fields


class OrderDetailOut(OrderOut):
    lines = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()

    class Meta(OrderOut.Meta):
        fields: tuple[str, ...] = (*OrderOut.Meta.fields, "lines", "history")
        read_only_fields = fields

    def get_lines(self, order: Order) -> list[dict[str, Any]]:
        return list(LineOut(self.context["lines"], many=True).data)

    def get_history(self, order: Order) -> list[dict[str, Any]]:
        return list(StepOut(self.context["history"], many=True).data)


class ListingOut(serializers.ModelSerializer[Listing]):
    image_url = serializers.CharField(read_only=True)  # empty when there is none, which a URI may not be

    class Meta:
        model = Listing
        fields: tuple[str, ...] = (
            *("id", "sku", "title", "category", "currency", "list_price", "price", "cost", "stock", "status"),
            *("image_url", "version", "price_version", "price_changed_at", "updated_at"),
        )
        read_only_fields = fields


class PriceOut(serializers.ModelSerializer[PricePoint]):
    class Meta:
        model = PricePoint
        fields: tuple[str, ...] = ("id", "version", "price", "list_price", "cost", "currency", "by", "occurred_at")
        read_only_fields = fields


class PromotionOut(serializers.ModelSerializer[Promotion]):
    class Meta:
        model = Promotion
        fields: tuple[str, ...] = (
            *("id", "code", "title", "kind", "skus", "value", "threshold", "stack_group", "starts_at", "ends_at"),
            *("funding", "status", "version", "updated_at"),
        )
        read_only_fields = fields


class AfterSaleOut(serializers.ModelSerializer[AfterSale]):
    buyer = serializers.SerializerMethodField()

    class Meta:
        model = AfterSale
        fields: tuple[str, ...] = (
            *("id", "number", "order_id", "order_number", "buyer", "kind", "status", "reason", "wording", "amount"),
            *("currency", "opened_at", "pictures", "carrier", "version", "updated_at"),
        )
        read_only_fields = fields

    def get_buyer(self, sale: AfterSale) -> str:
        return masked(sale.buyer.ref) if sale.buyer else ""


class ReceivedEventOut(serializers.ModelSerializer[InboxEvent]):
    class Meta:
        model = InboxEvent
        fields: tuple[str, ...] = (
            *("id", "event_id", "source_id", "type", "schema", "object_version", "occurred_at", "received_at"),
            *("status", "outcome", "decided_at", "attempts", "last_error"),
        )
        read_only_fields = fields


class ReceivedEventDetailOut(ReceivedEventOut):
    body = serializers.SerializerMethodField()

    class Meta(ReceivedEventOut.Meta):
        fields: tuple[str, ...] = (*ReceivedEventOut.Meta.fields, "body")
        read_only_fields = fields

    def get_body(self, event: InboxEvent) -> dict[str, Any]:
        return masked_body(event.body)


def masked_body(body: dict[str, Any]) -> dict[str, Any]:
    """Return an event's data without what is sealed and without keys, the buyer masked."""
    shown = {name: value for name, value in body.items() if name not in ("sealed", "means", "tracking_key")}
    return shown | {name: masked(str(shown[name])) for name in ("buyer", "ref") if name in shown}
