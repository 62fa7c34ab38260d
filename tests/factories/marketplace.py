"""Listings, buyers, orders, promotions and after-sales of a shop."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone

from merchant_protection.foundation import crypto, tenancy
from merchant_protection.marketplace.models import (
    AfterSale,
    Buyer,
    InboundSecret,
    InboundSource,
    Listing,
    Order,
    OrderLine,
    Platform,
    Promotion,
)
from tests.factories.accounts import MerchantFactory
from tests.factories.base import PlatformFactory


class ListingFactory(PlatformFactory):
    """A washing machine at 1,299 yuan."""

    class Meta:
        model = Listing

    class Params:
        delisted = factory.Trait(status=Listing.Status.DELISTED)

    merchant = factory.SubFactory(MerchantFactory)
    sku = factory.Sequence(lambda n: f"SKU-{n}")
    title = factory.Sequence(lambda n: f"全自动洗衣机 {n} 号")
    category = "洗衣机"
    currency = "CNY"
    list_price = Decimal("1599.00")
    price = Decimal("1299.00")
    cost = Decimal("900.00")
    told_price = factory.SelfAttribute("price")
    told_list_price = factory.SelfAttribute("list_price")
    told_cost = factory.SelfAttribute("cost")
    stock = 100
    version = 1
    price_version = 1
    updated_at = factory.LazyFunction(timezone.now)


class BuyerFactory(PlatformFactory):
    """A buyer with an old, verified account."""

    class Meta:
        model = Buyer

    merchant = factory.SubFactory(MerchantFactory)
    ref = factory.Sequence(lambda n: f"buyer-{n}")
    key = factory.LazyAttribute(lambda buyer: crypto.keyed_hash("buyer", buyer.ref))
    account_created_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=800))
    phone_verified = True
    version = 1
    updated_at = factory.LazyFunction(timezone.now)


class OrderFactory(PlatformFactory):
    """A paid order of one washing machine; `lines=n` makes so many lines, each of its own listing."""

    class Meta:
        model = Order

    class Params:
        shipped = factory.Trait(status=Order.Status.SHIPPED, shipped_at=factory.LazyFunction(timezone.now))
        cancelled = factory.Trait(status=Order.Status.CANCELLED)

    merchant = factory.SubFactory(MerchantFactory)
    number = factory.Sequence(lambda n: f"O{n:010}")
    buyer = factory.SubFactory(BuyerFactory, merchant=factory.SelfAttribute("..merchant"))
    status = Order.Status.PAID
    placed_at = factory.LazyFunction(timezone.now)
    paid_at = factory.SelfAttribute("placed_at")
    channel = "app"
    currency = "CNY"
    total = Decimal("1299.00")
    units = 1
    version = 1
    updated_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def lines(self: Any, create: bool, extracted: int | None, **fields: Any) -> None:
        for ordinal in range(1, (1 if extracted is None else extracted) + 1):
            OrderLineFactory(merchant=self.merchant, order=self, buyer=self.buyer, ordinal=ordinal, **fields)


class OrderLineFactory(PlatformFactory):
    """One line of an order."""

    class Meta:
        model = OrderLine

    merchant = factory.SubFactory(MerchantFactory)
    order = factory.SubFactory(OrderFactory, merchant=factory.SelfAttribute("..merchant"), lines=0)
    listing = factory.SubFactory(ListingFactory, merchant=factory.SelfAttribute("..merchant"))
    ordinal = 1
    sku = factory.SelfAttribute("listing.sku")
    title = factory.SelfAttribute("listing.title")
    at = factory.SelfAttribute("order.placed_at")
    quantity = 1
    unit_price = Decimal("1299.00")
    paid = Decimal("1299.00")


class PromotionFactory(PlatformFactory):
    """A coupon of 50 yuan that runs now."""

    class Meta:
        model = Promotion

    merchant = factory.SubFactory(MerchantFactory)
    code = factory.Sequence(lambda n: f"PROMO-{n}")
    title = "满减优惠券"
    kind = Promotion.Kind.COUPON
    value = Decimal("50.00")
    starts_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=1))
    status = Promotion.Status.RUNNING
    version = 1
    updated_at = factory.LazyFunction(timezone.now)


class AfterSaleFactory(PlatformFactory):
    """A buyer asks for a refund without sending anything back."""

    class Meta:
        model = AfterSale

    merchant = factory.SubFactory(MerchantFactory)
    number = factory.Sequence(lambda n: f"AS{n:08}")
    order = factory.SubFactory(OrderFactory, merchant=factory.SelfAttribute("..merchant"))
    order_number = factory.SelfAttribute("order.number")
    buyer = factory.SelfAttribute("order.buyer")
    kind = AfterSale.Kind.REFUND_ONLY
    status = AfterSale.Status.OPEN
    amount = Decimal("1299.00")
    currency = "CNY"
    opened_at = factory.LazyFunction(timezone.now)
    version = 1
    updated_at = factory.LazyFunction(timezone.now)


class SellingPlatformFactory(PlatformFactory):
    """A selling platform."""

    class Meta:
        model = Platform
        django_get_or_create = ("code",)

    code = "market"
    name = "Market"


class InboundSourceFactory(PlatformFactory):
    """The selling platform as a sender of events, with the secret of `tests.marketplace.posting`."""

    class Meta:
        model = InboundSource

    platform = factory.SubFactory(SellingPlatformFactory)
    merchant = None
    public_id = "src_tests"
    name = "Platform"

    @factory.post_generation
    def secret(self: Any, create: bool, extracted: str | None, **_: Any) -> None:
        secret = extracted or "whsec_cG9zdGluZy10ZXN0cy1zZWNyZXQ="
        with tenancy.platform():
            InboundSecret.objects.create(
                merchant=self.merchant,
                source=self,
                secret_sealed=crypto.seal(secret),
                hint=secret[-4:],
                created_at=timezone.now(),
            )
