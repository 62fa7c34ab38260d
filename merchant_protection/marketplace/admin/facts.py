"""Staff pages: orders, listings, buyers and after-sales of every shop."""

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import masking
from merchant_protection.foundation.staff_admin import REVIEWING, StaffInline, StaffModelAdmin, money
from merchant_protection.marketplace.models import (
    AfterSale,
    Buyer,
    Listing,
    Order,
    OrderLine,
    OrderStatusChange,
    PricePoint,
    Promotion,
)
from merchant_protection.marketplace.queries import listings, orders


class LineInline(StaffInline):
    model = OrderLine
    unit_price_shown = money(OrderLine, "unit_price")
    discount_shown = money(OrderLine, "discount")
    paid_shown = money(OrderLine, "paid")
    fields = ("ordinal", "sku", "title", "quantity", "unit_price_shown", "discount_shown", "paid_shown")
    ordering = ("ordinal",)
    per_page = 50


class StatusInline(StaffInline):
    model = OrderStatusChange
    fields = ("version", "status", "occurred_at", "recorded_at")
    ordering = ("-version",)


@admin.register(Order)
class OrderAdmin(StaffModelAdmin):
    """Orders with their lines and history; buyers masked, recipients sealed."""

    view_roles = REVIEWING
    list_display = ("number", "merchant", "status", "buyer_shown", "units", "total_shown", "placed_at")
    list_select_related = ("merchant", "buyer")
    list_filter = (("status", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    search_fields = ("number__istartswith", "=buyer__ref", "=merchant__code")
    search_help_text = gettext_lazy("The beginning of an order number; a whole buyer or shop number")
    paginator = InfinitePaginator
    fields = (
        *("number", "merchant", "kind", "status", "buyer_shown", "placed_at", "paid_at", "shipped_at"),
        *("channel", "total_shown", "units", "lines_count", "country", "version"),
    )
    inlines = (LineInline, StatusInline)
    total_shown = money(Order, "total")

    def rows(self, actor: Actor) -> QuerySet[Order]:
        return orders.visible_to(actor)

    @display(description=gettext_lazy("Buyer"))
    def buyer_shown(self, order: Order) -> str:
        return masking.masked(order.buyer.ref) if order.buyer else "–"


class PriceInline(StaffInline):
    model = PricePoint
    price_shown = money(PricePoint, "price")
    list_price_shown = money(PricePoint, "list_price")
    cost_shown = money(PricePoint, "cost")
    fields = ("occurred_at", "price_shown", "list_price_shown", "cost_shown", "by", "version")
    ordering = ("-occurred_at", "-version")
    per_page = 50


@admin.register(Listing)
class ListingAdmin(StaffModelAdmin):
    """Listings with the prices they asked."""

    view_roles = REVIEWING
    list_display = ("sku", "title", "merchant", "category", "status", "price_shown", "price_changed_at")
    list_select_related = ("merchant",)
    list_filter = (("status", ChoicesDropdownFilter),)
    search_fields = ("=sku", "title", "=merchant__code")
    paginator = InfinitePaginator
    fields = (
        *("sku", "title", "merchant", "category", "status"),
        *(
            "list_price_shown",
            "price_shown",
            "cost_shown",
            "stock",
            "price_changed_at",
            "updated_at",
            "version",
            "price_version",
        ),
    )
    inlines = (PriceInline,)
    price_shown = money(Listing, "price")
    list_price_shown = money(Listing, "list_price")
    cost_shown = money(Listing, "cost")

    def rows(self, actor: Actor) -> QuerySet[Listing]:
        return listings.visible_to(actor)


@admin.register(Buyer)
class BuyerAdmin(StaffModelAdmin):
    """Buyers as each shop knows them, masked."""

    view_roles = REVIEWING
    list_display = ("ref_shown", "merchant", "level", "account_created_at", "paid_orders", "country", "updated_at")
    list_select_related = ("merchant",)
    search_fields = ("=ref", "=merchant__code")
    paginator = InfinitePaginator
    fields = (
        *("ref_shown", "merchant", "level", "account_created_at", "phone_verified", "real_name_verified"),
        *("paid_orders", "country", "first_order_at", "updated_at"),
    )

    def rows(self, actor: Actor) -> QuerySet[Buyer]:
        return orders.buyers_visible_to(actor)

    @display(description=gettext_lazy("Buyer"))
    def ref_shown(self, buyer: Buyer) -> str:
        return masking.masked(buyer.ref)


@admin.register(AfterSale)
class AfterSaleAdmin(StaffModelAdmin):
    """After-sales of every shop."""

    amount_shown = money(AfterSale, "amount")
    view_roles = REVIEWING
    list_display = ("number", "order_number", "merchant", "kind", "status", "amount_shown", "opened_at")
    list_select_related = ("merchant",)
    list_filter = (("kind", ChoicesDropdownFilter), ("status", ChoicesDropdownFilter))
    search_fields = ("=number", "=order_number", "=merchant__code")
    paginator = InfinitePaginator
    fields = (
        *("number", "merchant", "order_number", "kind", "status", "reason", "wording"),
        *("amount_shown", "opened_at", "carrier", "version", "updated_at"),
    )

    def rows(self, actor: Actor) -> QuerySet[AfterSale]:
        return orders.after_sales_visible_to(actor)


@admin.register(Promotion)
class PromotionAdmin(StaffModelAdmin):
    """Discounts, on what and for how long."""

    value_shown = money(Promotion, "value")
    threshold_shown = money(Promotion, "threshold")
    view_roles = REVIEWING
    list_display = ("code", "title", "merchant", "kind", "value_shown", "status", "starts_at", "ends_at")
    list_select_related = ("merchant",)
    list_filter = (("status", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    search_fields = ("=code", "title", "=merchant__code")
    fields = (
        *(
            "code",
            "title",
            "merchant",
            "kind",
            "value_shown",
            "threshold_shown",
            "stack_group",
            "funding",
            "status",
            "skus",
        ),
        *("starts_at", "ends_at", "updated_at"),
    )

    def rows(self, actor: Actor) -> QuerySet[Promotion]:
        return listings.promotions_visible_to(actor)
