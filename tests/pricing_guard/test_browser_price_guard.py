"""The price guard in a real browser: a floor seen on real prices, a slip stopped from its alert, one that was meant."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import DoubtedListing, Listing
from pricing_guard.models import Backtest, BacktestHit, FloorImport, GuardPolicy, Incident
from pricing_guard.queries import incidents
from pricing_guard.services.incidents import answering, links
from tests.factories.marketplace import ListingFactory, PromotionFactory
from tests.fixtures.browser import PICTURES
from tests.pricing_guard.conftest import act, guarded, judge, listing, price

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
SIDE = {
    "prices": 340, "lines": 900, "hits": 3, "kept": 1, "caught": 2, "units_held": 12, "money_spared": "1312.00",
    "by_check": {"BELOW_FLOOR": 3},
}  # fmt: skip
REASON = {
    "code": "BELOW_FLOOR",
    "params": {"price": "92.00", "currency": "CNY", "limit": "105.00", "reference": "105.00", "change": "12"},
}


@pytest.fixture
def doubted(live_server, merchant, tell, now):
    """A washing machine whose price lost its last digit: the shop is asked first."""
    guarded(merchant.shop, merchant, at=now, mode="APPROVE")
    tell(listing(), price("2399.00", 1, at=now - timedelta(days=40)))
    tell(price("2299.00", 2, at=now - timedelta(days=9)))
    tell(price("239.90", 3))
    with tenancy.platform():
        return Incident.objects.get(merchant=merchant.shop)


def status_of(incident):
    with tenancy.platform():
        return Incident.objects.get(pk=incident.pk).status


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh-CN")])
def test_a_floor_is_typed_and_its_band_seen_on_the_prices_there_were(
    open_page, axe, merchant, tell, now, live_server, width, language
):
    tell(listing(), *(price(f"{value}.00", place, at=now - timedelta(days=20 - place)) for place, value in
                      enumerate((2390, 2450, 2120, 1790, 2380), 1)))  # fmt: skip
    page = open_page("/m/price-guard/policies/new/", as_=merchant, width=width, language=language)
    band = page.locator("price-bands")

    page.fill("#id_floor_price", "1950")

    expect(band).to_have_attribute("data-lowest", "1950.00")
    expect(band.locator("[data-told]")).to_contain_text("1 of 5" if language == "en" else "5 个价格中有 1 个")
    expect(band.locator("chart-box svg")).to_be_visible()
    axe(page)
    page.fill("#id_name", "Bottles")
    page.locator(".form-foot .btn-primary").click()
    expect(page.locator("h1")).to_contain_text("Bottles")
    page.check("input[name=acknowledged]")
    page.click("button[value=publish]")
    expect(page.locator("input[name=mode][value=SHADOW]")).to_be_checked()
    with tenancy.platform():
        assert GuardPolicy.objects.get(merchant=merchant.shop).mode == "SHADOW"


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh-CN")])
def test_a_slip_is_stopped_from_the_link_in_its_alert_and_sold_again(
    open_page, axe, merchant, doubted, now, width, language
):
    with tenancy.platform():
        link = incidents.links_of(doubted)["STOP"]
    token = links.token_of(link, user_id=merchant.user.pk)
    page = open_page(f"/price-answers/{token}/", width=width, language=language)

    assert status_of(doubted) == "SUSPECTED"  # looking at the page answers nothing
    axe(page)
    page.click("form .btn-primary")
    expect(page.locator(".banner-good")).to_be_visible()
    assert status_of(doubted) == "TRIPPED"

    page = open_page(f"/m/price-guard/incidents/{doubted.pk}/", as_=merchant, width=width, language=language)
    axe(page)
    page.click("button[value=restore]")
    expect(page.locator(".banner-info")).to_contain_text("¥2,299.00")
    assert status_of(doubted) == "TRIPPED"
    axe(page)
    act(now)
    judge(now)
    page.reload()
    expect(page.locator("button[value=restore]")).to_have_count(0)
    assert status_of(doubted) == "RESTORED"


def test_where_no_good_price_is_known_one_is_named_and_the_guard_looks_at_it_first(
    open_page, axe, live_server, merchant, tell, market, now
):
    tell(listing(), price("299.00", 1, at=now - timedelta(hours=2)))
    guarded(merchant.shop, merchant, at=now, floor_price="500", max_drop_last="10")
    tell(price("140.00", 2, at=now))
    act(now)
    with tenancy.platform():
        stopped = Incident.objects.get(status="TRIPPED", revert_price=None)
    page = open_page(f"/m/price-guard/incidents/{stopped.pk}/", as_=merchant, width=390, language="zh-CN")
    expect(page.locator("input[name=price][value=named]")).to_be_checked()
    expect(page.locator("input[name=price][value=good]")).to_have_count(0)
    axe(page)

    page.fill("#amount", "140")
    page.click("button[value=restore]")
    expect(page.locator("main")).to_contain_text("低于底价 ¥500.00")
    assert status_of(stopped) == "TRIPPED"
    page.fill("#amount", "549")
    page.click("button[value=restore]")
    expect(page.locator(".banner-info")).to_contain_text("¥549.00")
    act(now)
    judge(now)
    assert status_of(stopped) == "RESTORED"


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh-CN")])
def test_a_price_that_is_meant_stays_and_is_not_doubted_again(open_page, merchant, doubted, tell, width, language):
    """From the link in the alert; an order that came at that price is none that waits any longer."""
    with tenancy.platform():
        token = links.token_of(incidents.links_of(doubted)["MEANT"], user_id=merchant.user.pk)
    page = open_page(f"/price-answers/{token}/", width=width, language=language)
    page.select_option("#reason", "CLEARANCE")
    page.click("form .btn-primary")
    expect(page.locator(".banner-good")).to_be_visible()
    assert status_of(doubted) == "INTENDED"

    tell(price("2299.00", 4), price("239.90", 5))

    page = open_page("/m/price-guard/incidents/", as_=merchant, width=width, language=language)
    expect(page.locator(".empty")).to_be_visible()
    page.goto("/m/price-guard/incidents/?view=all")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.click("tbody .row-link")
    expect(page.locator("button[value=mean]")).to_have_count(0)
    with tenancy.platform():
        assert Listing.objects.get(pk=doubted.listing_id).price == Decimal("239.90")
        assert not DoubtedListing.objects.exists()


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh-CN")])
def test_doubted_prices_are_picked_and_stopped_together(open_page, axe, merchant, doubted, width, language):
    page = open_page("/m/price-guard/incidents/", as_=merchant, width=width, language=language)
    page.check("tbody .pick input")
    axe(page)

    page.click("#bulk button[value=trip]")
    page.click("#confirm [data-yes]")

    expect(page.locator("toast-note")).to_be_visible()
    assert status_of(doubted) == "TRIPPED"


def tab_to(page, selector, most=70):
    """Press Tab until something has the focus, as somebody without a mouse does."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"Tab never comes to {selector}")


def test_a_stop_and_its_taking_back_by_the_keyboard_alone(open_page, merchant, doubted):
    page = open_page("/m/price-guard/incidents/", as_=merchant)
    tab_to(page, "tbody .pick input")
    page.keyboard.press("Space")
    tab_to(page, "#bulk button[value=trip]")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#confirm")).to_be_hidden()
    expect(page.locator("#bulk button[value=trip]")).to_be_focused()
    assert status_of(doubted) == "SUSPECTED"

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/incidents/{doubted.pk}/")
    tab_to(page, "#answer button[value=trip]")
    page.keyboard.press("Enter")
    expect(page.locator("toast-note")).to_be_visible()
    assert status_of(doubted) == "TRIPPED"

    tab_to(page, "#answer button[value=take_back]")
    page.keyboard.press("Enter")
    expect(page.locator("#answer button[value=trip]")).to_be_visible()
    assert status_of(doubted) == "SUSPECTED"


def test_what_somebody_has_in_hand_is_left_alone_and_the_rest_follows(open_page, merchant, doubted, now):
    page = open_page(f"/m/price-guard/incidents/{doubted.pk}/", as_=merchant, width=390)
    page.fill("#note", "a word")

    with tenancy.platform():
        answering.stop(incident_id=doubted.pk, actor=merchant.actor, at=now)

    expect(page.locator("#now .status-bad")).to_be_visible(timeout=15_000)
    assert page.input_value("#note") == "a word"
    expect(page.locator("#answer button[value=trip]")).to_be_visible()
    page.fill("#note", "")
    page.locator("h1").click()
    expect(page.locator("#answer button[value=take_back]")).to_be_visible(timeout=15_000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture
def furnished(merchant, doubted, now):
    """Something on every page."""
    shop = merchant.shop
    with tenancy.platform():
        sku = Listing.objects.get(pk=doubted.listing_id).sku
        policy = GuardPolicy.objects.get(merchant=shop)
        run = Backtest.objects.create(
            merchant=shop, kind="BACKTEST", policy=policy, status="DONE", thresholds={"floor_price": "105"},
            result={"A": SIDE}, asked_at=now, asked_by="Ann Owner", finished_at=now,
        )  # fmt: skip
        for kept in (False, True):
            BacktestHit.objects.create(
                merchant=shop, backtest=run, sku=sku, at=now - timedelta(days=3), price=Decimal(92), severity=2,
                check_name="BELOW_FLOOR", reason=REASON, was_kept=kept, units_held=6, money_spared=656,
            )  # fmt: skip
        job = FloorImport.objects.create(
            merchant=shop, file_name="保护价 2026 年 11 月.csv", status="DONE", rows=340, changed=12, asked_at=now,
            asked_by="Ann Owner", applied_at=timezone.now(),
        )  # fmt: skip
    ListingFactory(merchant=shop, title="云岚 10 公斤滚筒洗衣机 变频节能 上门安装 YL-WM10-2026 款")
    PromotionFactory(merchant=shop, skus=[sku])
    base = "/m/price-guard/"
    return {
        "overview": base,
        "listings": f"{base}listings/",
        "incidents": f"{base}incidents/",
        "incident": f"{base}incidents/{doubted.pk}/",
        "policies": f"{base}policies/?sku={sku}",
        "policy": f"{base}policies/{policy.pk}/",
        "compare": f"{base}policies/{policy.pk}/compare/",
        "editor": f"{base}policies/{policy.pk}/edit/",
        "backtest": f"{base}backtests/{run.pk}/",
        "floors": f"{base}floors/",
        "floors-file": f"{base}floors/file/",
        "floors-job": f"{base}floors/{job.pk}/",
        "windows": f"{base}windows/",
        "calendar": f"{base}calendar/",
    }


@pytest.mark.parametrize(("width", "language", "dark"), [(1440, "en", False), (390, "zh-CN", True)])
def test_every_page_of_the_guard_reads_well(open_page, axe, screenshot, furnished, merchant, width, language, dark):
    merchant.user.language = "zh-hans" if language == "zh-CN" else "en"
    merchant.user.save(update_fields=["language"])
    page = open_page("/m/", as_=merchant, width=width, language=language, dark=dark)
    faults = []

    for name, path in furnished.items():
        page.goto(path)
        try:
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the window"
        except AssertionError as fault:
            faults.append(f"{name}: {fault}")
        if PICTURES:
            screenshot(page, f"price-{name}-{width}-{'dark' if dark else 'light'}")

    assert not faults, "\n".join(faults)
