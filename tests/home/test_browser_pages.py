"""Every page of a shop with something on it: readable for everybody, whole on a phone, silent in the console."""

from datetime import timedelta

import pytest
from django.utils import timezone

from merchant_protection.accounts.models import Invitation
from merchant_protection.marketplace.models import Import, ImportFault
from merchant_protection.notices.models import Export
from tests.factories.accounts import ApiKeyFactory
from tests.factories.base import PlatformFactory
from tests.factories.marketplace import (
    AfterSaleFactory,
    InboundSourceFactory,
    ListingFactory,
    OrderFactory,
    PromotionFactory,
)
from tests.factories.notices import NoticeFactory
from tests.fixtures.browser import PICTURES

pytestmark = pytest.mark.browser
PATHS = {
    "overview": "/m/",
    "search": "/m/search/?q=洗衣机",
    "orders": "/m/orders/",
    "orders-none": "/m/orders/?q=nothing",
    "order": "/m/orders/{order}/",
    "listings": "/m/listings/",
    "listing": "/m/listings/{listing}/",
    "imports": "/m/imports/",
    "import": "/m/imports/{job}/",
    "import-new": "/m/imports/new/",
    "events": "/m/events/",
    "sources": "/m/sources/",
    "actions": "/m/actions/",
    "inbox": "/m/inbox/",
    "notices": "/m/notices/settings/",
    "exports": "/m/exports/",
    "team": "/m/team/",
    "keys": "/m/keys/",
    "settings": "/m/settings/",
    "activity": "/m/activity/",
    "help": "/m/help/",
    "account": "/me/",
    "shops": "/shops/",
}


class ImportFactory(PlatformFactory):
    """A file that was loaded but for one row."""

    class Meta:
        model = Import


class ImportFaultFactory(PlatformFactory):
    """Its one bad row."""

    class Meta:
        model = ImportFault


class ExportFactory(PlatformFactory):
    """A long list that was asked for as a file."""

    class Meta:
        model = Export


class InvitationFactory(PlatformFactory):
    """A colleague who has not come yet."""

    class Meta:
        model = Invitation


def exports_of(merchant, now):
    """Lists that were asked for as files, in each state."""
    for status in ("WAITING", "DONE", "FAILED", "EXPIRED"):
        ExportFactory(
            merchant=merchant.shop,
            user=merchant.user,
            kind="orders",
            query="q=YL-WM10&status=PAID&since=2026-11-01",
            language="zh-hans",
            status=status,
            rows_total=61_204,
            file_bytes=4_800_000,
            created_at=now,
            expires_at=now + timedelta(hours=20) if status == "DONE" else None,
            last_error="gave_up" if status == "FAILED" else "",
        )


@pytest.fixture
def furnished(live_server, merchant, operator):
    """A shop with some of everything; returns what the addresses of its pages name."""
    now, shop = timezone.now(), merchant.shop
    listing = ListingFactory(
        merchant=shop, title="云岚 10 公斤滚筒洗衣机 变频节能 上门安装 YL-WM10-2026 款", sku="YL-WM10-2026"
    )
    for days in range(1, 12):
        order = OrderFactory(
            merchant=shop,
            placed_at=now - timedelta(days=days, hours=days),
            lines=2 if days == 1 else 1,
            lines__listing=listing,
        )
    ListingFactory.create_batch(3, merchant=shop, delisted=True)
    PromotionFactory(merchant=shop)
    AfterSaleFactory(merchant=shop, order=order)
    NoticeFactory(merchant=shop)
    NoticeFactory(merchant=shop, urgency="CRITICAL", kind="inbox.parked", params={"type": "order.changed"})
    ApiKeyFactory(merchant=shop, scopes=["orders:read", "listings:read", "events:read"])
    InboundSourceFactory(merchant=shop)
    job = ImportFactory(
        merchant=shop,
        file_name="2026年11月订单-仓库系统导出-全部.csv",
        path="/nowhere",
        file_digest="0" * 64,
        mapping={"number": "订单号", "sku": "货号"},
        currency="CNY",
        time_zone="Asia/Shanghai",
        status=Import.Status.DONE,
        rows_read=3,
        rows_total=3,
        rows_added=2,
        rows_faulty=1,
        totals={"lines": 2, "orders": 1, "duplicates": 0},
        created_at=now,
        created_by="Ann Owner",
        finished_at=now,
    )
    exports_of(merchant, now)
    ImportFaultFactory(merchant=shop, import_job=job, row=3, field="quantity", code="zero", cells={"订单号": "A-1"})
    InvitationFactory(
        merchant=shop,
        email="a-colleague-with-a-long-address@warehouse.example",
        role="OPERATOR",
        invited_by=merchant.user,
        token_digest="0" * 64,
        created_at=now,
        expires_at=now + timedelta(days=7),
    )
    return {"order": order.pk, "listing": listing.pk, "job": job.pk}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("width", "dark", "language", "turn"),
    [  # every two of width, theme and language stand together once; a page meets each of them in two of the four looks
        pytest.param(1440, False, "zh-CN", 0, id="1440-light-zh-CN"),
        pytest.param(1440, True, "en", 1, id="1440-dark-en"),
        pytest.param(390, False, "zh-CN", 1, id="390-light-zh-CN"),
        pytest.param(390, True, "en", 0, id="390-dark-en"),
    ],
)
def test_every_page_reads_well(open_page, axe, screenshot, furnished, merchant, language, dark, width, turn):
    merchant.user.language = "zh-hans" if language == "zh-CN" else "en"
    merchant.user.save(update_fields=["language"])
    page = open_page("about:blank", as_=merchant, language=language, dark=dark, width=width)
    faults = []

    for name, path in list(PATHS.items())[turn::2]:
        page.goto(path.format(**furnished))
        try:
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the window"
        except AssertionError as fault:
            faults.append(f"{name}: {fault}")
        if PICTURES:
            screenshot(page, f"page-{name}-{width}-{'dark' if dark else 'light'}-{language[:2]}")

    assert not faults, "\n".join(faults)
