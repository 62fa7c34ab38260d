"""What a page's form or filter names is looked for among one's own: naming another shop's answers as naming nothing."""

import re
from datetime import datetime
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import resolve, reverse

from claims.models import Claim
from merchant_protection.accounts.models import ApiKey, KeptAnswer, Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Order, PricePoint
from merchant_protection.notices.models import Notice
from merchant_protection.risk.models import BuyerCluster
from pricing_guard.models import AffectedOrder, Incident
from tests.factories import claims as make
from tests.factories.accounts import MembershipFactory
from tests.factories.marketplace import (
    AfterSaleFactory,
    BuyerFactory,
    ListingFactory,
    OrderFactory,
    PromotionFactory,
)
from tests.factories.risk import WarningFactory
from tests.factories.scalper_policies import OrderDecisionFactory, VersionFactory
from tests.fixtures.people import Persona
from tests.isolation import every_address, fields_of_pages, price_guard, rows_of_files, walks
from tests.isolation.named_in_forms import NAMES, PLACES, WITHIN, Place
from tests.isolation.test_routes import CANARY, _bare
from tests.training import folders

NOWHERE = 999_999_999


def rows(shop: Merchant, at: datetime, *, word: str) -> dict[str, Any]:
    """One row of each kind that a form names, of one shop, by the kind."""
    listing = ListingFactory(merchant=shop, title=word, sku=f"{word}-1")
    buyer = BuyerFactory(merchant=shop, ref=f"{word}-B")
    order = OrderFactory(merchant=shop, number=f"{word}-1", lines=1, buyer=buyer)
    guard = price_guard.ids(shop, listing, at, canary=word)
    with tenancy.platform():
        ring = BuyerCluster.objects.create(merchant=shop, key=word, size=2, created_at=at, updated_at=at)
        notice = Notice.objects.create(merchant=shop, kind="import.failed", params={"file": word}, created_at=at)
        file = rows_of_files.ids(shop, word, at)["upload"]["pk"]
        PricePoint.objects.create(
            merchant=shop, listing=listing, version=1, price=9, currency="CNY", occurred_at=at, recorded_at=at
        )
    draft = make.draft(shop, story=f"{word} wants more money.")
    decision = OrderDecisionFactory(merchant=shop, number=f"{word}-2", verdict="HOLD")
    return {
        "listing": listing.pk,
        "sku": listing.sku,
        "cause": word,
        "order": order.pk,
        "buyer": buyer.pk,
        "ring": ring.pk,
        "warning": WarningFactory(merchant=shop, dedupe_key=word, answer_note=word, cluster=ring).pk,
        "after_sale": AfterSaleFactory(merchant=shop, number=f"{word}-3").pk,
        "promotion": PromotionFactory(merchant=shop, code=word).pk,
        "claim": make.submitted(shop, story=f"{word} wants money.").pk,
        "draft": draft.pk,
        "file": file,
        "notice": notice.pk,
        "incident": guard["price_incident"]["pk"],
        "backtest": guard["price_backtest"]["pk"],
        "policy": VersionFactory(merchant=shop, policy__name=word).policy_id,
        "decision": decision.pk,
        "member": MembershipFactory(merchant=shop, user__display_name=word).user_id,
        "joinable": _joinable(draft),
        "touched": _touched(guard["price_incident"]["pk"], order),
        "shop": shop.pk,
    }


def _joinable(claim: Claim) -> int:
    """Another order of the buyer that a complaint is about."""
    with tenancy.platform():
        return OrderFactory(merchant=claim.merchant, buyer=claim.order.buyer, lines=1).pk


def _touched(incident_id: int, order: Order) -> int:
    """An order that bought while a price was wrong, still to be decided about."""
    with tenancy.platform():
        incident = Incident.objects.get(pk=incident_id)
        made = AffectedOrder.objects.create(
            merchant=order.merchant, incident=incident, listing=incident.listing, order=order, buyer=order.buyer,
            quantity=1, unit_paid=1, reference=9, currency="CNY", placed_at=order.placed_at,
        )  # fmt: skip
    return made.pk


@pytest.fixture
def theirs(merchant: Persona, now: datetime) -> dict[str, Any]:
    assert merchant.shop
    return rows(merchant.shop, now, word=CANARY)


@pytest.fixture
def own(rival: Persona, now: datetime) -> dict[str, Any]:
    assert rival.shop
    return rows(rival.shop, now, word="OWN") | {"course": folders.course(folders.of_disk(), at=now).code}


def kept_of(shop: Merchant) -> list[Any]:
    """What each table holds of a shop, as a digest; asked at once, for it is asked after every answer."""
    kinds = [kind for kind in apps.get_models() if any(each.name == "merchant" for each in kind._meta.fields)]
    tables = [kind._meta.db_table for kind in kinds if kind not in (ApiKey, KeptAnswer)]
    one = "SELECT '{0}', md5(string_agg(row::text, '' ORDER BY row::text)) FROM {0} row WHERE merchant_id = {1:d}"
    with tenancy.platform(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one.format(table, shop.pk) for table in sorted(tables)))
        return sorted(cursor.fetchall())


def sent(place: Place, own: dict[str, Any], *named: Any) -> Any:
    """The page's address and body with these rows named."""
    key = "code" if place.within == "course" else "pk"
    where = reverse(place.route, kwargs={key: own[place.within]} if place.within else {})
    written = [place.written(each) for each in named]
    told: dict[str, Any] = {each: place.named for each in written} if place.named else {place.field: written}
    if place.method == "get" or place.asked_in == "address":
        where, told = f"{where}?{urlencode(told, doseq=True)}", {}
    if place.route == "claim_evidence":
        return where, {"file": written[0], **place.body}, "application/json"
    return where, place.body | told, None


def answered(client: Client, place: Place, own: dict[str, Any], *named: Any) -> "Answer":
    """What a page says: its status, where it leads to, and all the words of it and of the page it leads to."""
    where, body, kind = sent(place, own, *named)
    form = {"content_type": kind} if kind else {}
    if place.first:
        client.post(where, place.first | {place.field: [own[place.names]]})
    answer = client.get(where) if place.method == "get" else client.post(where, body, **form)
    words = b"".join(answer.streaming_content).decode() if answer.streaming else _bare(answer)
    leads = answer.headers.get("Location", "")
    if leads:
        words += _bare(client.get(leads))
    return answer.status_code, leads, words.splitlines()


type Answer = tuple[int, str, list[str]]


def differences(one: Answer, other: Answer, *named: Any) -> list[tuple[str, str]]:
    """Where two answers differ, but for what was named, which each may repeat, and for the time of day."""
    names = "|".join(re.escape(str(each)) for each in named)
    bare = [
        [re.sub(rf"\b({names})\b|\d\d:\d\d(:\d\d(\.\d+)?)?", "THIS", each) for each in (f"{status} {leads}", *lines)]
        for status, leads, lines in (one, other)
    ]
    return [pair for pair in zip_longest(*bare, fillvalue="") if pair[0] != pair[1]]


@pytest.mark.django_db
def test_naming_anothers_row_answers_as_naming_nothing(
    theirs: dict[str, Any], own: dict[str, Any], merchant: Persona, rival: Persona
) -> None:
    assert merchant.shop
    assert rival.shop
    before, signed_in = kept_of(merchant.shop), rival.client

    with walks.Walk() as walk:
        for place in PLACES:
            named, nowhere = theirs[place.names], type(theirs[place.names])(NOWHERE)
            with walk.step(f"{place.route}.{place.field} {place.body}"):
                anothers = answered(walks.as_signed_in(signed_in), place, own, named)
                assert kept_of(merchant.shop) == before
            with walk.step(f"{place.route}.{place.field} {place.body}"):
                nothing = answered(walks.as_signed_in(signed_in), place, own, nowhere)
                assert differences(anothers, nothing, named, nowhere) == []
                assert CANARY not in "".join(anothers[2]).replace(str(named), "")
                assert anothers[0] < 500
            with walk.step(f"{place.route}.{place.field} {place.body}"):
                mine, untouched = own[place.names], kept_of(rival.shop)
                known = answered(walks.as_signed_in(signed_in), place, own, mine)
                is_read = differences(known, nothing, mine, nowhere)
                assert is_read or kept_of(rival.shop) != untouched, "the page does not read the field"


@pytest.mark.django_db
def test_among_ones_own_anothers_row_is_passed_over(
    theirs: dict[str, Any], own: dict[str, Any], merchant: Persona, rival: Persona
) -> None:
    assert merchant.shop
    assert rival.shop
    before, signed_in = kept_of(merchant.shop), rival.client

    with walks.Walk() as walk:
        for place in (each for each in PLACES if each.mixed):
            mine, named = own[place.names], theirs[place.names]
            with walk.step(f"{place.route}.{place.field} {place.body}"):
                both = answered(walks.as_signed_in(signed_in), place, own, mine, named)
                assert kept_of(merchant.shop) == before
            with walk.step(f"{place.route}.{place.field} {place.body}"):
                alone = answered(walks.as_signed_in(signed_in), place, own, mine, NOWHERE)
                assert differences(both, alone, named, NOWHERE) == []
                assert CANARY not in "".join(both[2])


def test_every_field_that_names_a_row_stands_here() -> None:
    tried = {(resolve(reverse(each.route, kwargs=_some(each))).func.__module__, each.field) for each in PLACES}
    found = {
        (view.__module__, name)
        for where, view in every_address.of_pages()
        if not where.startswith("/admin/") and view.__module__.startswith(fields_of_pages.PROGRAM)
        for name in fields_of_pages.of_module(view.__module__) & NAMES
    }

    assert found - tried == set().union(*WITHIN.values()) - tried


def _some(place: Place) -> dict[str, Any]:
    return {"code" if place.within == "course" else "pk": "1"} if place.within else {}
