"""Finding an order or a product by one word, and what a stranger's address answers."""

import re

import pytest

from tests.factories.marketplace import ListingFactory, OrderFactory
from tests.factories.notices import NoticeFactory

pytestmark = pytest.mark.django_db


def test_a_whole_order_number_leads_straight_to_the_order(merchant):
    order = OrderFactory(merchant=merchant.shop, number="JD-2026-77")

    assert merchant.client.get("/m/search/", {"q": " jd-2026-77 "}).url == f"/m/orders/{order.pk}/"


def test_a_whole_sku_leads_straight_to_the_product(merchant):
    listing = ListingFactory(merchant=merchant.shop, sku="W-10")

    assert merchant.client.get("/m/search/", {"q": "w-10"}).url == f"/m/listings/{listing.pk}/"


def test_part_of_a_word_lists_what_fits(merchant):
    OrderFactory(merchant=merchant.shop, number="JD-2026-77", lines=0)
    ListingFactory(merchant=merchant.shop, title="滚筒洗衣机 JD-2026 款")

    shown = merchant.client.get("/m/search/", {"q": "JD-2026"}).context

    assert ([order.number for order in shown["orders"]], len(shown["listings"])) == (["JD-2026-77"], 1)


@pytest.mark.parametrize("text", ["", "   ", "x" * 5000, "%", "_", "\\", "'; --", "\ud83d\ude00", "0" * 30])
def test_odd_words_find_nothing_and_break_nothing(merchant, text):
    OrderFactory(merchant=merchant.shop, number="A-1", lines=0)

    answer = merchant.client.get("/m/search/", {"q": text.encode("utf-8", "surrogatepass")})

    assert answer.status_code == 200
    assert not answer.context["orders"]


def test_nothing_of_another_shop_is_found(merchant, rival):
    OrderFactory(merchant=rival.shop, number="B-1")

    answer = merchant.client.get("/m/search/", {"q": "B-1"})

    assert answer.status_code == 200
    assert not answer.context["orders"]


@pytest.mark.parametrize("path", ["/m/orders/{}/", "/m/listings/{}/", "/m/inbox/{}/"])
def test_what_is_anothers_answers_as_what_does_not_exist(merchant, rival, path):
    made = {"orders": OrderFactory, "listings": ListingFactory, "inbox": NoticeFactory}[path.split("/")[2]]
    theirs = made(merchant=rival.shop).pk

    found, missing = (merchant.client.get(path.format(pk)) for pk in (theirs, 999_999_999))

    assert (found.status_code, missing.status_code) == (404, 404)
    assert _same(found) == _same(missing)


@pytest.mark.parametrize("path", ["/m/orders/99999999999999999999999/", "/m/orders/0/", "/m/orders/?after=zzz"])
def test_numbers_that_cannot_be_are_not_errors_of_ours(merchant, path):
    assert merchant.client.get(path).status_code < 500


def test_help_answers_and_a_person_without_a_shop_is_not_lost(merchant):
    assert merchant.client.get("/m/help/").status_code == 200
    assert merchant.client.get("/").url == "/m/"


def _same(answer):
    """The page without the number of the request and the token of its forms."""
    text = re.sub(r'X-CSRFToken": "[^"]+"|value="[^"]+"', "", answer.content.decode())
    return text.replace(answer.wsgi_request.request_id, "")
