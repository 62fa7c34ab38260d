"""What the guard asked of the platform reads in words on the platform's pages, in both languages."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace import wording
from merchant_protection.marketplace.models import Budget, PlatformAction
from merchant_protection.notices.models import Notice
from tests.factories.marketplace import ListingFactory
from tests.fixtures.people import Persona
from tests.pricing_guard.conftest import guarded, listing, price

pytestmark = pytest.mark.django_db
CODES = re.compile(r"policy-\d|BELOW_FLOOR|DECIMAL_SHIFT|DROP_FROM|\{&#x27;|DELISTED|price guard")


@pytest.fixture
def stopped(tell: Any, merchant: Persona, now: datetime) -> Any:
    """A shop whose wrong price was stopped: taken off sale, put back to the good price, its new orders held."""

    def stop(*skus: str) -> None:
        guarded(merchant.shop, merchant, at=now)
        tell(*(listing(sku) for sku in skus))
        tell(*(price("1299.00", 1, sku=sku, at=now - timedelta(days=2)) for sku in skus))
        tell(*(price("12.99", 2, sku=sku, at=now) for sku in skus))

    return stop


def read(person: Persona, path: str, language: str) -> str:
    return person.client.get(path, headers={"Accept-Language": language}).content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_actions_and_their_details_name_policies_doubts_and_states(stopped, merchant, language) -> None:
    stopped("WM-1")

    page = read(merchant, reverse("actions"), language)
    with tenancy.platform():
        ids = list(PlatformAction.objects.order_by("pk").values_list("pk", flat=True))
    details = [read(merchant, reverse("action", args=[pk]), language) for pk in ids]

    assert len(ids) >= 2
    for each in (page, *details):
        shown = each.partition("<main")[2].partition("</main>")[0]
        assert "¥12.99" in shown
        assert "Policy AUTO" in shown
        assert not CODES.search(shown), CODES.search(shown)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_staff_lists_name_policies_too_and_cost_the_same_for_one_and_for_many(
    stopped, tell, merchant, staff, now, monkeypatch, language
) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    with tenancy.platform():
        Budget.objects.filter(scope="RULE", purse="").update(cap=1)
        ListingFactory(merchant=merchant.shop)
    stopped("A", "B")
    costs = []
    for more in ("", "C", "D"):
        if more:
            tell(listing(more), price("1299.00", 1, sku=more, at=now - timedelta(days=2)))
            tell(price("12.99", 2, sku=more, at=now))
        for name in ("platformaction", "rulepause"):
            with CaptureQueriesContext(connection) as caught:
                page = read(staff, reverse(f"admin:marketplace_{name}_changelist"), language)
            costs.append(len(caught))
            rows = page.partition('id="result_list"')[2].partition("</table>")[0]
            assert "Policy AUTO" in rows, name
            assert not CODES.search(rows), CODES.search(rows)

    assert costs[2:4] == costs[4:]


def test_a_paused_rule_is_told_by_its_name(stopped, merchant) -> None:
    with tenancy.platform():
        Budget.objects.filter(scope="RULE", purse="").update(cap=1)
        ListingFactory(merchant=merchant.shop)
    stopped("A", "B", "C")

    assert "<b>Policy AUTO</b>" in read(merchant, reverse("actions"), "en")
    assert "<b>Policy AUTO</b>" in read(merchant, reverse("price_guard"), "en")
    with tenancy.platform():
        assert Notice.objects.filter(kind="rule.paused").count() == 1
    assert "“Policy AUTO”" in read(merchant, reverse("inbox"), "en")


def test_the_list_costs_the_same_for_one_stop_and_for_three(stopped, merchant, tell, now) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            merchant.client.get(reverse("actions"))
        return len(caught)

    with tenancy.platform():
        Budget.objects.update(cap=1_000, catalogue_share=None)
    stopped("A", "B", "C")
    cost()
    one = cost()
    tell(*(price("1.29", 3, sku=sku, at=now) for sku in ("A", "B")), listing("D"), price("99.00", 1, sku="D", at=now))

    assert cost() == one


@pytest.mark.parametrize(
    ("aspect", "value", "words"),
    [
        ("availability", "DELISTED", "Off sale"),
        ("price", {"amount": "1299.5", "currency": "CNY"}, "CNY 1,299.50"),
        ("stock", 0, "0"),
        ("new_orders", {"held_skus": ["B", "A"]}, "New orders are held for 2 listings: A, B"),
        ("metrics", {"grounds": "PRICE_ERROR", "evidence": "a" * 64}, f"evidence {'a' * 12}"),
        ("purchasing", {"restricted": {"until": "2027-01-01"}}, "Restricted"),
        ("fulfilment", None, "–"),
        ("fulfilment", "SOMETHING_NEW", "SOMETHING_NEW"),
    ],
)
def test_states_read_as_words(aspect: str, value: Any, words: str) -> None:
    with translation.override("en"):
        assert words in wording.state(aspect, value)


def test_what_the_marketplace_asks_for_itself_reads_as_words_too(merchant) -> None:
    texts = ["the hold has run out", "undo 17", "the platform shows 'LISTED'", "a note by Ann", ""]

    with translation.override("en"):
        told = wording.asked(merchant.shop.pk, "toy", texts)

    assert told["undo 17"] == "Takes back action 17."
    assert told["a note by Ann"] == "a note by Ann"
    assert len(told) == 4
    assert all(told[text] != text for text in texts[:3])
    assert wording.who("actions") != "actions"
    assert wording.who("Ann Owner") == "Ann Owner"


@pytest.mark.parametrize(
    ("feature", "text", "words"),
    [
        ("claims", "refund_pause", "Refund held"),
        ("claims", "12 points", "12 points"),
        ("claims", "decision:review", "Decision of the claim desk"),
        ("claims", "CL-7: partly_upheld", "Complaint CL-7"),
        ("risk_warnings", "HOARDING", "Stock held"),
        ("mis_hit_appeals", "Mis-hit appeal upheld", "Mis-hit appeal upheld"),
        ("scalper_policies", "ACCOUNT_AGE", "too young"),
        ("pricing_guard", "policy-0", "baseline"),
        ("pricing_guard", "too many units below the price we believe in", "Too many units"),
        ("pricing_guard", "policy-999999", "policy-999999"),
    ],
)
def test_each_feature_words_its_own(merchant, feature: str, text: str, words: str) -> None:
    with tenancy.merchant(merchant.shop.pk), translation.override("en"):
        assert words in wording.asked(merchant.shop.pk, feature, [text])[text]
