"""A slip as its shop lives it: the simulator's market on the other side, real programs between, people in browsers."""

import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from benchmarks.simulator import orders, rhythm, shelves
from benchmarks.simulator.things import Listing, Order
from merchant_protection.config.celery import app
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.marketplace.models import Platform
from pricing_guard.models import GuardPolicy, Incident, ListingGuard, Suspension
from tests.factories.accounts import PASSWORD
from tests.factories.marketplace import InboundSourceFactory
from tests.fixtures.people import Persona
from tests.fixtures.programs import Programs, until
from tests.pricing_guard.repricing import Marketplace, guarded, learned, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PATIENT = 60_000  # milliseconds
CENT = Decimal("0.01")
HURRY = replace(rhythm.LIVE, story=0.002, pay=(0.0, 0.1))  # bargain hunters come within four seconds


class Day:
    """The shop at its marketplace, the product whose price slips, and the mail that the portal sends."""

    def __init__(self, place: Marketplace, mail: Path) -> None:
        self.place, self.mail = place, mail
        self.listing = self._steady()
        self.good = self.listing.price

    @property
    def ref(self) -> str:
        return f"shop-a/{self.listing.sku}"

    @property
    def orders(self) -> list[Order]:
        """What was ordered at the wrong price."""
        return [one for one in self.place.live.market.orders.values() if one.story == "price_slip"]

    def slip(self, **how: str) -> None:
        """Let the price slip; bargain hunters rush in, one before anybody can act, and the shopkeeper sees nothing."""
        live = self.place.live
        with live.lock:
            live.market.tempo = HURRY
            live.tell("price_slip", merchant="shop-a", more={"sku": self.listing.sku, **how})
            live.market.urgent = [one for one in live.market.urgent if one.step != "slip_noticed"]
            wanted, buyer = [(self.listing.sku, 1)], next(iter(live.market.regulars()))
            orders.place(live.market, self.place.shop, buyer, wanted, story="price_slip", pays=True, urgent=True)

    def answers(self) -> dict[str, str]:
        """The links of the newest mail that has any, by what they ask."""
        letters = sorted(self.mail.glob("*.log")) if self.mail.exists() else []
        links = [found for each in letters if len(found := _links(each)) == 2]
        return dict(zip(("stop", "meant"), links[-1], strict=True)) if links else {}

    def buys(self) -> Order | None:
        """Let somebody order the product as it is offered now."""
        live = self.place.live
        with live.lock:
            buyer = next(iter(live.market.regulars()))
            order = orders.place(live.market, self.place.shop, buyer, [(self.listing.sku, 1)], pays=True, urgent=True)
        live.wake()
        return order

    def warehouse_sends(self) -> None:
        """Let everybody pay, and every parcel leave that nobody holds."""
        live = self.place.live
        with live.lock:
            for one in live.market.orders.values():
                if any(line.sku == self.listing.sku for line in one.lines):
                    orders.pay(live.market, f"shop-a/{one.number}")
                    orders.ship(live.market, f"shop-a/{one.number}")
        live.wake()

    def settle(self) -> None:
        settled(self.place, seconds=60)

    def cost(self, wanted: Callable[[Order], bool]) -> Decimal:
        """What these orders at the wrong price paid too little, as the marketplace knows it."""
        lines = [line for one in self.orders if wanted(one) for line in one.lines]
        return sum((self.good * line.quantity - line.paid for line in lines), Decimal(0))

    def _steady(self) -> Listing:
        """A product worth something that has kept its price for days."""
        with tenancy.platform():
            rows = ListingGuard.objects.filter(price__gte=100).select_related("listing").order_by("pk")
            sku = next(row.listing.sku for row in rows if row.trusted_price == row.price)
        return self.place.shop.listings[sku]


@pytest.fixture
def day(
    live_server: Any, merchant: Persona, program: Programs, opened: Callable[..., Marketplace], tmp_path: Path
) -> Callable[..., Day]:
    """Begin a day at a marketplace that has so many days of past; the portal's programs run."""
    InboundSourceFactory()
    settings = {"PORTAL_STATE": str(tmp_path), "PUBLIC_URL": live_server.url}
    program.together(lambda: program.drain(**settings), program.worker)

    def begin(*, days: int) -> Day:
        place = opened(listings=0, days=days, port=int(live_server.url.rsplit(":", 1)[1]))
        with tenancy.platform():
            Platform.objects.update(
                base_url=place.server.address, secret_sealed=crypto.seal(place.live.settings.secret_of_actions)
            )
        learned(place, seconds=120)
        settled(place, seconds=120)
        return Day(place, tmp_path / "mail")

    return begin


def test_a_slip_is_guarded_against_stopped_from_the_mail_answered_and_over(
    day: Callable[..., Day], merchant: Persona, open_page: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    speaks(merchant, "zh-hans")
    shop = day(days=30)
    page = open_page("/m/price-guard/policies/", as_=merchant, width=1440, language="zh-CN")
    _guards_the_shop(page, shop, axe)
    page.goto("/m/")

    shop.slip(factor="0.75")

    expect(page.locator("#urgent")).to_contain_text(shop.listing.title, timeout=PATIENT)
    axe(page)
    until(shop.answers, seconds=30)
    phone = open_page(shop.answers()["stop"], width=390, language="zh-CN")
    axe(phone)
    assert shop.listing.status == "LISTED"  # looking at the page answers nothing
    phone.click("form .btn-primary")
    expect(phone.locator(".banner-good")).to_contain_text("已止损")
    until(lambda: shop.listing.status == "DELISTED", seconds=30)
    assert shop.buys() is None
    page.click("#urgent a.btn")
    _decides_about_orders(page, shop, axe)
    _sells_again(page, shop, axe)
    _ledger_says(page, shop)


def test_it_is_meant_from_the_mail_sells_on_and_costs_nothing(
    day: Callable[..., Day], merchant: Persona, open_page: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    speaks(merchant, "en")
    shop = day(days=0)
    guarded(shop.place)
    page = open_page("/m/price-guard/", as_=merchant, width=390)
    shop.slip(factor="0.2")
    expect(page.locator("#guard-waiting")).to_contain_text(shop.listing.sku, timeout=PATIENT)
    axe(page)
    page.click("#guard-waiting .row-link")
    shop.settle()
    assert shop.orders
    assert all(one.held for one in shop.orders)
    expect(page.locator("#now")).to_contain_text("held")
    until(shop.answers, seconds=30)

    phone = open_page(shop.answers()["meant"], width=390)
    phone.select_option("#reason", "CLEARANCE")
    axe(phone)
    phone.click("form .btn-primary")

    expect(phone.locator(".banner-good")).to_contain_text("It is meant")
    until(lambda: shop.listing.status == "LISTED" and not any(one.held for one in shop.orders), seconds=30)
    assert shop.listing.price < shop.good
    shop.warehouse_sends()
    assert {one.status for one in shop.orders} == {"SHIPPED"}
    expect(page.locator("#now")).to_contain_text("A price that is meant costs nothing.", timeout=PATIENT)
    axe(page)
    shop.settle()
    _tick("pricing_guard.tasks.write_ledgers")
    _is_quiet_for_the_stated_time(shop)
    page.goto("/m/price-guard/")
    assert [each.replace(",", "") for each in page.locator("#guard-figures .kpi-value").all_inner_texts()][1:] == [
        *("¥0.00", "¥0.00", "¥0.00")
    ]


def speaks(person: Persona, language: str) -> None:
    person.user.language = language
    person.user.save(update_fields=["language"])


def _guards_the_shop(page: Page, shop: Day, axe: Callable[[Page], None]) -> None:
    """Begin with recommended thresholds, set a floor while the band moves, publish, let it act after grace."""
    page.click("form[action$='/recommend/'] button")
    _tick("pricing_guard.tasks.run_backtests")
    begin = page.locator("#progress .btn-primary")
    expect(begin).to_be_visible(timeout=PATIENT)
    axe(page)
    page.goto(f"{begin.get_attribute('href')}&sku={shop.listing.sku}")
    assert page.input_value("#id_max_drop_last")
    band, floor = page.locator("price-bands"), (shop.good * Decimal("0.8")).quantize(CENT)
    page.fill("#id_floor_price", str(floor))
    expect(band).to_have_attribute("data-lowest", str(floor))
    expect(band.locator("chart-box svg")).to_be_visible()
    page.fill("#id_units_per_order", "")  # a large order would be stopped at once, and this shop wants to be asked
    page.fill("#id_name", "保温杯")
    page.select_option("#id_scope", "LISTINGS")
    page.fill("#id_skus", shop.listing.sku)
    for severity in ("DOUBTFUL", "SERIOUS"):
        page.select_option(f"#id_step_{severity}", "HOLD_SHIPMENTS")
    page.fill("#id_grace_minutes", "10")
    axe(page)
    page.click(".form-foot .btn-primary")
    page.check("input[name=acknowledged]")
    page.click("button[value=publish]")
    _lets_it_act(page, axe)
    page.goto(f"/m/price-guard/floors/?q={shop.listing.sku}")
    page.fill("#floors tbody input:not([type=hidden])", str(floor + 1))
    page.click("button[name=preview]")
    axe(page)
    page.click("button[name=apply]")
    expect(page.locator("h1")).to_be_visible()
    with tenancy.platform():
        until(lambda: ListingGuard.objects.get(listing__sku=shop.listing.sku).floor_price == floor + 1, seconds=30)


def _lets_it_act(page: Page, axe: Callable[[Page], None]) -> None:
    """By itself only for who has just given the password."""
    page.check("input[name=mode][value=AUTO]")
    page.check("input[name=acknowledged]")
    page.click("button[value=mode]")
    axe(page)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.check("input[name=mode][value=AUTO]")
    page.check("input[name=acknowledged]")
    page.click("button[value=mode]")
    expect(page.locator("input[name=mode][value=AUTO]")).to_be_checked()
    with tenancy.platform():
        assert GuardPolicy.objects.get().mode == "AUTO"


def _decides_about_orders(page: Page, shop: Day, axe: Callable[[Page], None]) -> None:
    """Two are honoured, for the others cancellations are drafted: those parcels stay where they are."""
    shop.settle()
    expect(page.locator("#orders tbody tr")).to_have_count(min(len(shop.orders), 25), timeout=PATIENT)
    axe(page)
    rows = page.locator("#orders tbody .pick input")
    for place in (0, 1):
        rows.nth(place).check()
    _in_bulk(page, "HONOUR")
    page.click("#orders .segments a:last-child")
    page.check("#orders [data-pick-all]")
    _in_bulk(page, "CANCEL")
    until(lambda: sum(not one.held for one in shop.orders) == 2, seconds=30)


def _in_bulk(page: Page, choice: str) -> None:
    page.click(f"#bulk button[value={choice}]")
    page.click("#confirm [data-yes]")
    expect(page.locator("toast-note")).to_be_visible()


def _sells_again(page: Page, shop: Day, axe: Callable[[Page], None]) -> None:
    """At the good price: the page that is open says so when the platform has set it, and then it is over."""
    page.click("button[value=restore]")
    expect(page.locator("button[value=close]")).to_be_visible(timeout=PATIENT)
    axe(page)
    until(lambda: (shop.listing.status, shop.listing.price) == ("LISTED", shop.good), seconds=30)
    until(lambda: not shop.place.shop.held_skus, seconds=30)
    bought = shop.buys()
    shop.warehouse_sends()
    assert bought is not None
    assert bought.status == "SHIPPED"
    assert sum(one.status == "SHIPPED" for one in shop.orders) == 2
    shop.settle()
    page.click("button[value=close]")
    expect(page.locator("#answer")).to_be_hidden()
    with tenancy.platform():
        assert Incident.objects.get().status == "CLOSED"


def _ledger_says(page: Page, shop: Day) -> None:
    """The figures of the pages are what the marketplace knows, to the cent."""
    lost, spared = shop.cost(lambda one: one.status == "SHIPPED"), shop.cost(lambda one: bool(one.held))
    page.goto("/m/price-guard/")
    figures = page.locator("#guard-figures .kpi-value").all_inner_texts()
    assert figures[2:] == [f"¥{spared:,.2f}", f"¥{lost:,.2f}"]
    page.goto("/m/")
    expect(page.locator("#price-guard")).to_contain_text(f"¥{lost + spared:,.2f}")
    expect(page.locator("#price-guard")).to_contain_text(f"¥{spared:,.2f}")


def _is_quiet_for_the_stated_time(shop: Day) -> None:
    """The same price again opens nothing as long as the answer holds; afterwards it does."""
    live, wrong = shop.place.live, shop.listing.price
    with tenancy.platform():
        said = Suspension.objects.get()
        assert timedelta(days=6) < said.until - timezone.now() <= timedelta(days=7)
    for seen in (1, 2):
        for value in (shop.good, wrong):
            with live.lock:
                shelves.set_price(live.market, shop.listing, value, by="店长")
            live.wake()
            shop.settle()
        with tenancy.platform():
            assert Incident.objects.count() == seen
            Suspension.objects.update(until=timezone.now())


def _links(letter: Path) -> list[str]:
    message = email.message_from_bytes(letter.read_bytes().split(b"\n---")[0], policy=email.policy.default)
    text = message.get_body(("plain",))
    return re.findall(r"/price-answers/\S+/", text.get_content()) if text else []


def _tick(*names: str) -> None:
    """What beat sends each minute."""
    with app.connection_for_write() as broker:
        for name in names:
            app.send_task(name, connection=broker)
