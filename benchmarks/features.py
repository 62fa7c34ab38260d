"""Complaints and policies of a shop for benchmarks: what a merchant's pages about them have to show."""

from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from claims.services import filing
from merchant_protection.accounts import loading
from merchant_protection.accounts.models import Merchant, User
from merchant_protection.foundation import tenancy
from merchant_protection.home.demo import launches, price_guard
from merchant_protection.marketplace.models import Order
from pricing_guard.queries import policies as guard
from scalper_policies.queries import policies as scalpers

COMPLAINTS = 120
KINDS = ("EXTORTION", "ABNORMAL_ORDER", "REVIEW_BLACKMAIL")


def pages(shop: Merchant) -> list[tuple[str, str]]:
    """File complaints about orders, set a price policy and launch policies; return the pages that show them."""
    now = timezone.now()
    with tenancy.platform():
        owner = loading.of_user(User.objects.get(memberships__merchant=shop))
        latest = Order.objects.filter(merchant=shop, buyer__isnull=False, total__gt=0).order_by("-placed_at", "pk")
        orders = latest.values_list("pk", "placed_at")[:COMPLAINTS]
        filed = orders[0][1] + timedelta(days=1)  # the windows count from the orders
        for number, (order_id, _placed) in enumerate(orders):
            claim = filing.draft(
                merchant_id=shop.pk,
                kind_code=KINDS[number % len(KINDS)],
                order_id=order_id,
                actor=owner,
                at=filed,
                amount=Decimal(100 + number),
                story="The buyer asks for money outside the order, or the order is not meant.",
                happened_at=filed - timedelta(hours=1),
                demand_channel="PLATFORM_CHAT",
            )
            filing.submit(claim_id=claim.pk, actor=owner, at=filed)
        price_guard.seed(actor=owner, merchant_id=shop.pk, mode="APPROVE", at=now)
        launches.seed(actor=owner, merchant_id=shop.pk, code="BENCH-1", at=now)
        limits = scalpers.visible_to(owner).filter(merchant_id=shop.pk).order_by("pk")[0]
        price, _version = guard.live_in(shop.pk)[0]
    return [
        ("complaints", reverse("claims")),
        ("complaint", reverse("claim", args=[claim.pk])),
        ("price guard", reverse("price_guard")),
        ("price policy", reverse("price_policy", args=[price.pk])),
        ("scalper policies", reverse("scalper_policies")),
        ("scalper policy", reverse("scalper_policy", args=[limits.pk])),
    ]
