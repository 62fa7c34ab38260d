"""The warnings pages in a browser: readable for everybody in both languages and widths, answered by key and by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.risk.models import BuyerCluster, ClusterMember, Warning
from tests.factories.marketplace import AfterSaleFactory, BuyerFactory, ListingFactory, OrderFactory
from tests.factories.risk import AppealFactory, BuyerSignalFactory, RestrictionFactory, WarningFactory
from tests.fixtures.browser import PICTURES

pytestmark = pytest.mark.browser
FACTS = {
    "sku": "YL-WM10-2026",
    "units": 30,
    "percent": 60,
    "unpaid_orders": 2,
    "limits": {"unpaid_share": 10, "unpaid_share_high": 30, "unpaid_orders": 3, "unpaid_for": 15},
}


@pytest.fixture
def shown(live_server, merchant):
    """A shop with warnings, a buyer tied to another, a restriction and an appeal; its pages by name."""
    now, shop = timezone.now(), merchant.shop
    buyer, other = BuyerFactory(merchant=shop, ref="buyer-004821"), BuyerFactory(merchant=shop, ref="buyer-007777")
    listing = ListingFactory(merchant=shop, sku="YL-WM10-2026")
    order = OrderFactory(
        merchant=shop, buyer=buyer, status="PLACED", paid_at=None, placed_at=now, lines__listing=listing
    )
    OrderFactory(merchant=shop, buyer=buyer, placed_at=now - timedelta(days=1))
    AfterSaleFactory(merchant=shop, order=order, buyer=buyer)
    told = {"kind": "HOARDING", "facts": FACTS, "order": order, "buyer": buyer, "amount": 1299, "currency": "CNY"}
    warning = WarningFactory(merchant=shop, level="HIGH", **told)
    for level, status in (("LOW", "OPEN"), ("MEDIUM", "OPEN"), ("MEDIUM", "ACKNOWLEDGED")):
        WarningFactory(merchant=shop, level=level, status=status, **told)
    BuyerSignalFactory(key=buyer.key)
    RestrictionFactory(merchant=shop, buyer=buyer)
    appeal = AppealFactory(merchant=shop, buyer=buyer, order=order, order_number=order.number)
    with tenancy.platform():
        cluster = BuyerCluster.objects.create(
            merchant=shop, key="k", size=2, signals=["DEVICE", "PHONE"], created_at=now, updated_at=now
        )
        for each in (buyer, other):
            ClusterMember.objects.create(
                merchant=shop, cluster=cluster, buyer=each, signals=["DEVICE", "PHONE"], added_at=now
            )
    return {
        "warnings": "/m/warnings/",
        "warnings-none": "/m/warnings/?q=nothing",
        "warning": f"/m/warnings/{warning.pk}/",
        "limits": "/m/warnings/limits/",
        "buyer": f"/m/buyers/{buyer.pk}/",
        "restrict": f"/m/buyers/{other.pk}/restrict/",
        "wrong-buyer": f"/m/buyers/{other.pk}/appeal/",
        "restrictions": "/m/restrictions/",
        "appeals": "/m/appeals/",
        "appeal": f"/m/appeals/{appeal.pk}/",
        "outcomes": "/m/outcomes/",
    }


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("width", "dark", "language", "turn"),
    [(1440, False, "zh-CN", 0), (1440, True, "en", 1), (390, False, "zh-CN", 1), (390, True, "en", 0)],
)  # every two of width, theme and language stand together once; a page meets each of them in two of the four looks
def test_every_page_of_warnings_reads_well(open_page, axe, screenshot, shown, merchant, language, dark, width, turn):
    merchant.user.language = "zh-hans" if language == "zh-CN" else "en"
    merchant.user.save(update_fields=["language"])
    page = open_page("about:blank", as_=merchant, language=language, dark=dark, width=width)
    faults = []

    for name, path in list(shown.items())[turn::2]:
        page.goto(path)
        try:
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the window"
        except AssertionError as fault:
            faults.append(f"{name}: {fault}")
        if PICTURES:
            screenshot(page, f"risk-{name}-{width}-{'dark' if dark else 'light'}-{language[:2]}")

    assert not faults, "\n".join(faults)


def test_warnings_are_picked_by_key_acknowledged_and_taken_back(open_page, shown, merchant):
    page = open_page(shown["warnings"], as_=merchant, language="en", width=1440)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("button", name="Acknowledge").click()
    page.wait_for_load_state("networkidle")
    with tenancy.platform():
        assert Warning.objects.filter(status="ACKNOWLEDGED").count() == 3

    page.get_by_role("button", name="Undo").click()
    page.wait_for_load_state("networkidle")
    with tenancy.platform():
        assert Warning.objects.filter(status="ACKNOWLEDGED").count() == 1


def test_a_warning_is_opened_by_key_and_verified_as_normal(open_page, shown, merchant):
    page = open_page(shown["warnings"], as_=merchant, language="en", width=1440)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/m/warnings/*/")
    page.fill("#note", "a school orders like this")
    page.get_by_role("button", name="Verified normal").click()
    page.wait_for_load_state("networkidle")

    assert "Verified normal" in page.inner_text("main")
    with tenancy.platform():
        assert Warning.objects.get(status="NORMAL").answer_note == "a school orders like this"
