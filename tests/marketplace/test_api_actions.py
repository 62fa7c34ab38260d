"""Actions over the API: who gets which answer, and what it does."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchant_protection.marketplace.models import PlatformAction


@pytest.fixture
def waiting(transactional_db, platform_scope, ask):
    return ask("delist", "SKU-1", mode="APPROVE", cause="feed:1")


def post(person, path, body=None):
    return person.client.post(f"/api/v1/{path}", body or {}, content_type="application/json")


def test_a_member_sees_the_shops_actions_with_history_and_moves(waiting, merchant, onlooker):
    listed = onlooker.client.get("/api/v1/actions?status=NEEDS_REVIEW&ref=SKU-1").json()["results"]
    detail = onlooker.client.get(f"/api/v1/actions/{waiting.pk}").json()

    assert [each["id"] for each in listed] == [waiting.pk]
    assert (detail["moves"], detail["review_reason"]) == (["approve", "decline"], "APPROVAL")
    assert [line["move"] for line in detail["history"]] == ["ask"]
    assert onlooker.client.get("/api/v1/actions?status=CONFIRMED").json()["results"] == []


def test_a_program_needs_the_scope(waiting, merchant, client):
    assert client.get("/api/v1/actions", **merchant.key("actions:read")).json()["results"][0]["id"] == waiting.pk
    assert client.get("/api/v1/actions", **merchant.key("orders:read")).status_code == 403
    assert client.get("/api/v1/actions").status_code == 401


@pytest.mark.parametrize("move", ["approve", "decline", "retry", "undo"])
def test_who_may_decide(waiting, merchant, operator, onlooker, rival, client, move):
    path = f"actions/{waiting.pk}/{move}"
    before = PlatformAction.objects.values().get()

    answers = {
        "rival": post(rival, path).status_code,
        "onlooker": post(onlooker, path).status_code,
        "nobody": client.post(f"/api/v1/{path}").status_code,
        "program": client.post(
            f"/api/v1/{path}", content_type="application/json", **merchant.key("actions:read")
        ).status_code,
    }

    assert answers == {"rival": 404, "onlooker": 403, "nobody": 401, "program": 403}
    assert PlatformAction.objects.values().get() == before
    assert post(operator, path).status_code == (200 if move in ("approve", "decline") else 409)


def test_a_strangers_action_is_as_if_there_were_none(waiting, rival):
    def body(pk):
        answer = rival.client.get(f"/api/v1/actions/{pk}").json()
        return {name: value for name, value in answer.items() if name != "request_id"}

    assert body(waiting.pk) == body(waiting.pk + 1000)
    assert body(waiting.pk)["status"] == 404
    assert rival.client.get("/api/v1/actions").json()["results"] == []
    assert rival.client.get("/api/v1/desired-states").json()["results"] == []


def test_a_person_asks_by_hand_and_takes_it_back(waiting, merchant, drain, market):
    asked = post(merchant, "actions", {"verb": "set_stock", "ref": "SKU-1", "value": 3, "reason": "flood"})
    assert asked.status_code == 201
    assert asked.json()["is_automatic"] is False
    again = post(merchant, "actions", {"verb": "set_stock", "ref": "SKU-1", "value": 5})
    drain(later=5)

    undone = post(merchant, f"actions/{again.json()['id']}/undo", {"note": "no flood"})
    drain(later=10)

    assert (undone.status_code, undone.json()["value"]) == (200, 3)
    assert market.state("LISTING", "SKU-1", "stock") == 3
    states = merchant.client.get("/api/v1/desired-states?aspect=stock").json()["results"]
    assert [(each["desired"], each["actual"]) for each in states] == [(3, 3)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"verb": "delete", "ref": "SKU-1"}, "verb"),
        ({"verb": "delist", "ref": "*"}, "ref"),
        ({"verb": "delist", "ref": "x" * 121}, "ref"),
        ({"verb": "delist"}, "ref"),
        ({"verb": "set_price", "ref": "SKU-1", "value": {"amount": "0", "currency": "CNY"}}, "value"),
        ({"verb": "hold_order", "ref": "O-1"}, "release_after"),
    ],
)
def test_what_cannot_be_right_is_named(waiting, merchant, body, field):
    answer = post(merchant, "actions", body)

    assert answer.status_code == 422
    assert field in [each["field"] for each in answer.json()["errors"]]
    assert PlatformAction.objects.count() == 1


def test_nobody_asks_for_another_shop(waiting, merchant, rival):
    body = {"verb": "delist", "ref": "SKU-2", "merchant": merchant.shop.pk}

    assert post(rival, "actions", body).status_code in (403, 404)
    assert PlatformAction.objects.count() == 1


def test_a_list_costs_the_same_for_one_and_for_fifty(waiting, merchant, ask, django_assert_num_queries):
    merchant.client.get("/api/v1/actions")  # signs in, and notes the activity
    with CaptureQueriesContext(connection) as first:
        merchant.client.get("/api/v1/actions")
    for number in range(49):
        ask("delist", f"S-{number}", mode="APPROVE", cause="feed:1")

    with django_assert_num_queries(len(first.captured_queries)):
        assert len(merchant.client.get("/api/v1/actions").json()["results"]) == 50
