"""The same bad input by page, program and file: refused for the same reason in both languages, nothing half done."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from tempfile import NamedTemporaryFile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from pricing_guard.models import ApprovedWindow, FloorFault, FloorImport, GuardPolicy, ListingGuard
from pricing_guard.rules import stored, words
from pricing_guard.rules.findings import Reason
from pricing_guard.services import floors
from tests.factories.marketplace import ListingFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = ("en", "zh-hans")
NUMBER, ZERO, BELOW = Reason("NOT_A_NUMBER"), Reason("MUST_BE_ABOVE_ZERO"), Reason("NEGATIVE")
LARGE, SMALL = (
    Reason("TOO_LARGE", {"most": "999999999.99"}),
    Reason("TOO_MANY_DECIMALS", {"currency": "CNY", "places": "2"}),
)
REFUSED = {
    **{"0": ZERO, "0.00": ZERO, "-0": ZERO, "-1": BELOW, "-1,299": BELOW},
    **dict.fromkeys(
        ("abc", "NaN", "-NaN", "Infinity", "-Infinity", "1e3", "1e400", "1E-400", "0x10", ".", "--1"), NUMBER
    ),
    **dict.fromkeys(("９９", "１２．５", "٣", "1_000", "12,50", "1,2345", ",1", "1.299,00", "1 299", "😀"), NUMBER),
    **{"9" * 30: LARGE, "1000000000": LARGE, "0.001": SMALL, "1.000000000000000000000000000001": SMALL},
    **{
        sign: Reason("CURRENCY_DIFFERS", {"currency": sign[0], "usual": "CNY"}) for sign in ("$99", "€ 99", "£1,299.00")
    },
}
TAKEN = {
    "1,299.00": "1299",
    "¥1,299": "1299",
    "￥ 12.5": "12.5",
    " 99 ": "99",
    "+5": "5",
    ".5": "0.5",
    "5.": "5",
    "007": "7",
}


@pytest.fixture
def sku(merchant: Persona, now: datetime) -> str:
    """A product whose floor is 50."""
    found = ListingFactory(merchant=merchant.shop, sku="W-1", price=200)
    with tenancy.platform():
        assert merchant.shop
        floors.set_table(merchant_id=merchant.shop.pk, rows=[(found.sku, "50")], actor=merchant.actor, at=now)
    return str(found.sku)


def asked(client: Client, path: str, body: Any, language: str, **headers: str) -> Any:
    sent = {"content_type": "application/json", "data": json.dumps(body)} if headers else {"data": body}
    return client.post(path, **sent, headers={"Accept-Language": language, **headers})


def by_policy_page(merchant: Persona, typed: str, language: str) -> list[str]:
    client = merchant.client
    client.cookies["django_language"] = language
    answer = asked(
        client, reverse("price_policy_new"), {"name": f"P {typed}", "scope": "SHOP", "floor_price": typed}, language
    )
    return [] if answer.status_code == 302 else list(answer.context["form"].errors["floor_price"])


def by_policy_program(merchant: Persona, typed: str, language: str) -> list[str]:
    body = {"name": f"P {typed}", "scope": "SHOP", "thresholds": {"floor_price": typed}}
    answer = asked(Client(), "/api/v1/guard-policies", body, language, **_key(merchant))
    errors = answer.json().get("errors", [])
    assert {each["field"] for each in errors} <= {"floor_price"}
    return [each["message"] for each in errors] if answer.status_code == 422 else []


def by_floor_page(merchant: Persona, typed: str, language: str) -> list[str]:
    client = merchant.client
    client.cookies["django_language"] = language
    with tenancy.platform():
        guard = ListingGuard.objects.get()
    answer = asked(client, reverse("price_floors"), {f"floor_{guard.listing_id}": typed}, language)
    if answer.status_code == 302:
        return []
    told = _faults(language)
    assert answer.status_code == 422
    assert all(each in answer.text for each in told)
    return told


def by_floor_program(merchant: Persona, typed: str, language: str) -> list[str]:
    body = {"rows": [{"sku": "W-1", "floor_price": typed}]}
    job = asked(Client(), "/api/v1/floor-prices", body, language, **_key(merchant)).json()
    headers = {"Accept-Language": language, **_key(merchant)}
    told = Client().get(f"/api/v1/floor-prices/{job['id']}/faults", headers=headers).json()
    return [each["words"] for each in told["results"]]


def by_file(merchant: Persona, typed: str, language: str) -> list[str]:
    with NamedTemporaryFile("w", suffix=".csv") as file, tenancy.platform():
        file.write(f'sku,floor\nW-1,"{typed}"\n')
        file.flush()
        assert merchant.shop
        given: dict[str, Any] = {"merchant_id": merchant.shop.pk, "path": file.name, "file_name": "f.csv"}
        job = floors.ask_file(**given, actor=merchant.actor, at=timezone.now())
        floors.run_due(now=timezone.now())
        job.refresh_from_db()
    return _faults(language) if job.status == "FAILED" else []


def _faults(language: str) -> list[str]:
    """What was wrong with the newest change of floors, in the reader's language."""
    with tenancy.platform(), translation.override(language):
        newest = FloorImport.objects.order_by("-pk").first()
        rows = FloorFault.objects.filter(floor_import=newest).order_by("pk")
        assert {each.field for each in rows} == {"floor"}
        return [words.tell(stored.reason_in(each.reason), gettext) for each in rows]


def _key(merchant: Persona) -> dict[str, str]:
    headers: dict[str, str] = merchant.key("price_guard:read", "price_guard:write")["headers"]
    return {**headers, "Idempotency-Key": f"k-{timezone.now().timestamp()}"}


WAYS: list[Callable[[Persona, str, str], list[str]]] = [
    by_policy_page,
    by_policy_program,
    by_floor_page,
    by_floor_program,
    by_file,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_bad_amount_is_refused_for_the_same_reason_whichever_way_it_comes(
    way: Callable[[Persona, str, str], list[str]], merchant: Persona, sku: str
) -> None:
    told = {}
    for place, (typed, reason) in enumerate(REFUSED.items()):
        language = LANGUAGES[place % 2]
        with translation.override(language):
            expected = [words.tell(reason, gettext)]
        if (found := way(merchant, typed, language)) != expected:
            told[typed] = (found, expected)

    assert told == {}
    with tenancy.platform():
        assert not GuardPolicy.objects.exists()
        assert ListingGuard.objects.get().floor_price == Decimal(50)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_an_amount_is_read_alike_whichever_way_it_comes(
    way: Callable[[Persona, str, str], list[str]], merchant: Persona, sku: str
) -> None:
    read = {}
    for typed in TAKEN:
        assert way(merchant, typed, "en") == [], typed
        with tenancy.platform():
            policy = GuardPolicy.objects.order_by("-pk").first()
            kept = policy.versions.get().thresholds["floor_price"] if policy else ListingGuard.objects.get().floor_price
        read[typed] = Decimal(kept)

    assert read == {typed: Decimal(value) for typed, value in TAKEN.items()}


SHOP = ZoneInfo("Asia/Shanghai")
START = datetime(2030, 3, 1, 9, tzinfo=SHOP)
WINDOW = {
    "reason": "CLEARANCE",
    "starts_at": START,
    "ends_at": START + timedelta(days=2),
    "skus": ["W-1"],
    "lowest_price": "9",
}
BAD_WINDOWS: dict[str, tuple[dict[str, Any], str]] = {
    "it ends before it starts": ({"ends_at": START - timedelta(minutes=1)}, "ends_at"),
    "it ends as it starts": ({"ends_at": START}, "ends_at"),
    "it is over": (
        {"starts_at": datetime(2020, 1, 1, tzinfo=SHOP), "ends_at": datetime(2020, 1, 2, tzinfo=SHOP)},
        "ends_at",
    ),
    "it is long over": (
        {"starts_at": datetime(1900, 1, 1, tzinfo=SHOP), "ends_at": datetime(1900, 1, 2, tzinfo=SHOP)},
        "ends_at",
    ),
    "it never ends": ({"ends_at": datetime(9999, 12, 31, 23, 59, tzinfo=SHOP)}, "ends_at"),
    "it names nothing": ({"skus": []}, "skus"),
    "it names everything": ({"skus": ["*"]}, "skus"),
    "its price is negative": ({"lowest_price": "-1"}, "lowest_price"),
    "its price is nothing": ({"lowest_price": "0"}, "lowest_price"),
    "its price is no number": ({"lowest_price": "NaN"}, "lowest_price"),
    "its price has no end": ({"lowest_price": "1e400"}, "lowest_price"),
    "its price is huge": ({"lowest_price": "9" * 20}, "lowest_price"),
    "its price is wide": ({"lowest_price": "９９"}, "lowest_price"),
    "its price is cut in strange places": ({"lowest_price": "12,50"}, "lowest_price"),
    "its price has underscores": ({"lowest_price": "1_000"}, "lowest_price"),
    "its price has many decimals": ({"lowest_price": "1.23456"}, "lowest_price"),
    "its reason is unheard of": ({"reason": "WHIM"}, "reason"),
}


def test_a_bad_window_is_refused_at_the_same_field_by_page_and_by_program(merchant: Persona, sku: str) -> None:
    told = {}
    for name, (change, field) in BAD_WINDOWS.items():
        wish = WINDOW | change
        moments = {each: wish[each].isoformat(timespec="minutes") for each in ("starts_at", "ends_at")}
        form = {**wish, **{each: moment[:16] for each, moment in moments.items()}, "skus": "\n".join(wish["skus"])}
        page = asked(merchant.client, reverse("price_windows"), form, "en")
        answer = asked(Client(), "/api/v1/price-windows", {**wish, **moments}, "en", **_key(merchant))
        by_page = set(page.context["form"].errors) if page.status_code == 422 else {page.status_code}
        by_program = {each["field"] for each in answer.json().get("errors", [])}
        if (by_page, by_program, answer.status_code) != ({field}, {field}, 422):
            told[name] = by_page, by_program, answer.status_code

    assert told == {}
    with tenancy.platform():
        assert not ApprovedWindow.objects.exists()


@pytest.mark.parametrize("moment", ["2030-03-31T02:30", "2030-10-27T02:30"], ids=["skipped", "twice"])
def test_a_moment_that_the_clocks_skip_or_show_twice_is_refused_and_no_other(merchant: Persona, moment: str) -> None:
    """Where clocks change, they do so at two in the night of these days; a window over it is as long as it is."""
    with tenancy.platform():
        Merchant.objects.filter(pk=merchant.shop.pk).update(time_zone="Europe/Berlin")
    form = {"reason": "CLEARANCE", "skus": "W-1", "starts_at": moment, "ends_at": f"{moment[:8]}31T23:00"}

    page = asked(merchant.client, reverse("price_windows"), form, "en")
    over = asked(merchant.client, reverse("price_windows"), form | {"starts_at": f"{moment[:10]}T00:30"}, "en")

    assert set(page.context["form"].errors) == {"starts_at"}
    assert over.status_code == 302
