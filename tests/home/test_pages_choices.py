"""What was chosen among a list's filters stands chosen on the page that answers."""

import re

import pytest

from tests.factories.marketplace import ListingFactory
from tests.factories.scalper_policies import PolicyFactory

pytestmark = pytest.mark.django_db

SELECT = re.compile(r'<select class="form-select" id="(\w+)" name="\1">(.*?)</select>', re.S)
SELECTED = re.compile(r"<option[^>]* selected>([^<]*)")


@pytest.mark.parametrize(
    ("path", "asked", "words"),
    [
        ("/m/orders/", {"status": "PAID"}, {"status": "已付款"}),
        (
            "/m/listings/",
            {"status": "LISTED", "category": "A & B"},
            {"status": "在售", "category": "A &amp; B"},
        ),
        ("/m/listings/", {"category": "no such"}, {}),
        ("/m/price-guard/listings/", {"category": "A & B"}, {"category": "A &amp; B"}),
        ("/m/training/", {"area": "SCALPERS", "language": "en"}, {"area": "黄牛防控", "language": "英文"}),
    ],
)
def test_it_stands_chosen(merchant, path, asked, words):
    ListingFactory(merchant=merchant.shop, category="A & B")

    assert _chosen(merchant.client.get(path, asked)) == words


def test_a_policy_stands_chosen_by_its_name(merchant):
    policy = PolicyFactory(merchant=merchant.shop, name="Tea launch")

    answer = merchant.client.get("/m/scalper-policies/decisions/", {"policy": str(policy.pk)})

    assert _chosen(answer) == {"policy": "Tea launch"}


def _chosen(answer) -> dict[str, str]:
    found = {name: SELECTED.search(options) for name, options in SELECT.findall(answer.content.decode())}
    return {name: match[1] for name, match in found.items() if match}
