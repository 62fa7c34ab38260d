"""A slip as its shop lives it: the simulator's market on the other side, real programs between, people in browsers."""

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from benchmarks.simulator import orders, rhythm
from benchmarks.simulator.things import Listing, Order
from merchant_protection.config.celery import app
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.marketplace.models import Platform
from pricing_guard.models import ListingGuard
from tests.factories.marketplace import InboundSourceFactory
from tests.fixtures.people import Persona
from tests.fixtures.programs import Programs, until
from tests.pricing_guard.repricing import Marketplace, learned, settled

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

    def slip(self) -> None:
        """Let the point of the price move; bargain hunters rush in, and the shopkeeper sees nothing."""
        live = self.place.live
        with live.lock:
            live.market.tempo = HURRY
            live.tell("price_slip", merchant="shop-a", more={"sku": self.listing.sku, "kind": "decimal_shift"})
            live.market.urgent = [one for one in live.market.urgent if one.step != "slip_noticed"]

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
        return sum(((self.good - line.price) * line.quantity for line in lines), Decimal(0))

    def _steady(self) -> Listing:
        """A product worth something that has kept its price for days."""
        with tenancy.platform():
            rows = ListingGuard.objects.filter(price__gte=100).select_related("listing").order_by("pk")
            sku = next(row.listing.sku for row in rows if row.trusted_price == row.price)
        return self.place.shop.listings[sku]


@pytest.fixture
def day(
    live_server: Any, merchant: Persona, program: Programs, opened: Callable[..., Marketplace], tmp_path: Path
) -> Iterator[Day]:
    InboundSourceFactory()
    place_of_work = {"PORTAL_STATE": str(tmp_path), "PUBLIC_URL": live_server.url}
    program.together(lambda: program.drain(**place_of_work), program.worker)
    place = opened(listings=0, days=30, port=int(live_server.url.rsplit(":", 1)[1]))
    with tenancy.platform():
        Platform.objects.update(
            base_url=place.server.address, secret_sealed=crypto.seal(place.live.settings.secret_of_actions)
        )
    learned(place, seconds=60)
    settled(place, seconds=60)
    yield Day(place, tmp_path / "mail")


def test_a_slip_is_guarded_against_stopped_from_the_mail_answered_and_over(
    day: Day, merchant: Persona, open_page: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    speaks(merchant, "zh-hans")
    page = open_page("/m/price-guard/policies/", as_=merchant, width=1440, language="zh-CN")
    _guards_the_shop(page, day, axe)
    page.goto("/m/")
    expect(page.locator("#price-guard")).to_contain_text("未处理的价格事件")

    day.slip()

    expect(page.locator("#urgent")).to_contain_text(day.listing.title, timeout=PATIENT)
    axe(page)
    until(day.answers, seconds=30)
    phone = open_page(day.answers()["stop"], width=390, language="zh-CN")
    assert day.listing.status == "LISTED"
    axe(phone)
    phone.click("form .btn-primary")
    expect(phone.locator(".banner-good")).to_be_visible()
    until(lambda: day.listing.status == "DELISTED" and day.listing.price == day.good, seconds=30)
    day.settle()
    assert day.buys() is None

    _decides_about_orders(page, day, axe)
    _sells_again(page, day, axe)
    _ledger_says(page, day)


def speaks(person: Persona, language: str) -> None:
    person.user.language = language
    person.user.save(update_fields=["language"])


def _guards_the_shop(page: Page, day: Day, axe: Callable[[Page], None]) -> None:
    """Begin with recommended thresholds, set a floor while the band moves, publish, let it act after grace."""
    page.click("form[action$='/recommend/'] button")
    _tick("pricing_guard.tasks.run_backtests")
    begin = page.locator("#progress .btn-primary")
    expect(begin).to_be_visible(timeout=PATIENT)
    axe(page)
    begin.click()
    assert page.input_value("[name=max_drop_last]")
    axe(page)


def _decides_about_orders(page: Page, day: Day, axe: Callable[[Page], None]) -> None:
    pass


def _sells_again(page: Page, day: Day, axe: Callable[[Page], None]) -> None:
    pass


def _ledger_says(page: Page, day: Day) -> None:
    pass


def _links(letter: Path) -> list[str]:
    message = email.message_from_bytes(letter.read_bytes().split(b"\n---")[0], policy=email.policy.default)
    text = message.get_body(("plain",))
    return re.findall(r"/price-answers/\S+/", text.get_content()) if text else []


def _tick(*names: str) -> None:
    """What beat sends each minute."""
    with app.connection_for_write() as broker:
        for name in names:
            app.send_task(name, connection=broker)
