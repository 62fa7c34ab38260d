"""By what the lists of the API can be narrowed."""

import django_filters
from django.db.models import QuerySet

from merchant_protection.foundation.api.filters import MomentFilter
from merchant_protection.marketplace.models import AfterSale, Buyer, InboxEvent, Listing, Order, Promotion
from merchant_protection.marketplace.queries import listings, orders


class OrderFilter(django_filters.FilterSet):
    number = django_filters.CharFilter(field_name="number")
    buyer = django_filters.CharFilter(field_name="buyer__ref")
    sku = django_filters.CharFilter(method="of_sku")
    status = django_filters.MultipleChoiceFilter(choices=Order.Status.choices)
    placed_from = MomentFilter(field_name="placed_at", lookup_expr="gte")
    placed_until = MomentFilter(field_name="placed_at", lookup_expr="lt")
    search = django_filters.CharFilter(method="of_words")

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()

    def of_sku(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        return rows.filter(skus__contains=[value])

    def of_words(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        return orders.search(rows, value)


class ListingFilter(django_filters.FilterSet):
    sku = django_filters.CharFilter(field_name="sku")
    category = django_filters.CharFilter(field_name="category")
    status = django_filters.MultipleChoiceFilter(choices=Listing.Status.choices)
    search = django_filters.CharFilter(method="of_words")

    class Meta:
        model = Listing
        fields: tuple[str, ...] = ()

    def of_words(self, rows: QuerySet[Listing], name: str, value: str) -> QuerySet[Listing]:
        return listings.search(rows, value)


class PromotionFilter(django_filters.FilterSet):
    code = django_filters.CharFilter(field_name="code")
    sku = django_filters.CharFilter(method="of_sku")
    status = django_filters.MultipleChoiceFilter(choices=Promotion.Status.choices)

    class Meta:
        model = Promotion
        fields: tuple[str, ...] = ()

    def of_sku(self, rows: QuerySet[Promotion], name: str, value: str) -> QuerySet[Promotion]:
        return rows.filter(skus__contains=[value])


class BuyerFilter(django_filters.FilterSet):
    ref = django_filters.CharFilter(field_name="ref")

    class Meta:
        model = Buyer
        fields: tuple[str, ...] = ()


class AfterSaleFilter(django_filters.FilterSet):
    number = django_filters.CharFilter(field_name="number")
    order = django_filters.CharFilter(field_name="order_number")
    buyer = django_filters.CharFilter(field_name="buyer__ref")
    kind = django_filters.MultipleChoiceFilter(choices=AfterSale.Kind.choices)
    status = django_filters.MultipleChoiceFilter(choices=AfterSale.Status.choices)

    class Meta:
        model = AfterSale
        fields: tuple[str, ...] = ()


class EventFilter(django_filters.FilterSet):
    event_id = django_filters.CharFilter(field_name="event_id")
    type = django_filters.CharFilter(field_name="type")
    status = django_filters.MultipleChoiceFilter(choices=InboxEvent.Status.choices)
    received_from = MomentFilter(field_name="received_at", lookup_expr="gte")
    received_until = MomentFilter(field_name="received_at", lookup_expr="lt")

    class Meta:
        model = InboxEvent
        fields: tuple[str, ...] = ()
