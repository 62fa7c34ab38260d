"""The merchant's pages: who may see and do what, what each shows, and that rows cost no further questions."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from merchant_protection.foundation import tenancy
from scalper_policies import wording
from scalper_policies.models import (
    BacktestRun,
    DecisionNote,
    Draw,
    ListEntry,
    Policy,
    PolicyVersion,
    Reservation,
    Snooze,
)
from scalper_policies.services import backtests
from scalper_policies.views import calendar
from tests.factories.marketplace import OrderFactory, SellingPlatformFactory
from tests.factories.scalper_policies import (
    BacktestRunFactory,
    DrawFactory,
    ListEntryFactory,
    OrderDecisionFactory,
    PolicyFactory,
    VersionFactory,
    about,
)
from tests.fixtures.people import Persona

pytestmark = pytest.mark.django_db
EDITOR = {
    "name": "新品首发",
    "skus": "SKU-1, SKU-2",
    "eligibility_weight": 100,
    "velocity_weight": 50,
    "mode": "FIRST_COME",
    "hold_hours": 24,
    "when_we_fail": "HOLD",
    "limits-TOTAL_FORMS": 2,
    "limits-INITIAL_FORMS": 0,
    "limits-0-dimension": "ACCOUNT",
    "limits-0-most": 2,
    "limits-0-measure": "UNITS",
    "limits-0-length": 24,
    "limits-0-unit": "HOURS",
    "limits-0-weight": 50,
    "limits-1-dimension": "ACCOUNT",
    "limits-1-unit": "HOURS",
}
REASON = {
    "rule": "account",
    "dimension": "ACCOUNT",
    "observed": 3,
    "limit": 2,
    "would_pass_if": {"code": "LATER", "seconds": 86400},
    "score": 100,
    "sku": "",
}


def only_version() -> PolicyVersion:
    with tenancy.platform():
        return PolicyVersion.objects.select_related("policy").get()


def test_a_policy_is_written_in_sentences_and_read_back(merchant: Persona) -> None:
    answer = merchant.client.post(reverse("scalper_policy_new"), EDITOR)

    version = only_version()
    assert answer.status_code == 302
    assert version.terms["scope"]["skus"] == ["SKU-1", "SKU-2"]
    assert [(limit["dimension"], limit["most"], limit["window"]) for limit in version.terms["limits"]] == [
        ("ACCOUNT", 2, "P1D")
    ]
    page = merchant.client.get(answer["Location"]).content.decode()
    assert "一个账号在 24 小时内可买 2 件" in page or "24 小时" in page
    form = merchant.client.get(reverse("scalper_policy_edit", args=[version.policy_id])).content.decode()
    assert 'value="新品首发"' in form
    assert "SKU-2" in form


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "invalid-feedback"),
        ({"starts_at": "2026-12-02T10:00", "ends_at": "2026-12-01T10:00"}, "结束时间早于开始时间"),
        ({"limits-1-most": 3, "limits-1-measure": "UNITS", "limits-1-length": 24}, "有两句限的是同一件事"),
        ({"limits-0-length": ""}, "invalid-feedback"),
        ({"limits-0-most": -1}, "invalid-feedback"),
    ],
)
def test_what_cannot_be_is_said_beside_the_sentence(merchant: Persona, change: dict[str, Any], words: str) -> None:
    answer = merchant.client.post(reverse("scalper_policy_new"), EDITOR | change)

    assert words in answer.content.decode()
    with tenancy.platform():
        assert not Policy.objects.exists()


def test_another_sentence_keeps_what_was_typed(merchant: Persona) -> None:
    answer = merchant.client.post(reverse("scalper_policy_new"), EDITOR | {"add": "1"}).content.decode()

    assert 'name="limits-1-most"' in answer
    assert 'value="新品首发"' in answer


def test_a_colleagues_change_is_not_overwritten(merchant: Persona) -> None:
    merchant.client.post(reverse("scalper_policy_new"), EDITOR)
    where = reverse("scalper_policy_edit", args=[only_version().policy_id])
    merchant.client.post(where, EDITOR | {"revision": 1, "skus": "SKU-9"})

    answer = merchant.client.post(where, EDITOR | {"revision": 1, "skus": "SKU-7"})

    assert answer.status_code == 422
    assert only_version().terms["scope"]["skus"] == ["SKU-9"]


def test_changing_an_approved_version_begins_the_next(merchant: Persona) -> None:
    version = VersionFactory(merchant=merchant.shop)

    merchant.client.post(reverse("scalper_policy_edit", args=[version.policy_id]), EDITOR | {"name": "新名"})

    with tenancy.platform():
        found = PolicyVersion.objects.order_by("number").values_list("number", "status")
        assert list(found) == [(1, "ENFORCING"), (2, "DRAFT")]
    page = merchant.client.get(reverse("scalper_compare", args=[version.policy_id])).content.decode()
    assert "SKU-HOT" in page
    assert "SKU-1" in page


def test_onlookers_read_and_change_nothing(merchant: Persona, onlooker: Persona) -> None:
    version = VersionFactory(merchant=merchant.shop, status="APPROVED")

    assert onlooker.client.get(reverse("scalper_policies")).status_code == 200
    assert onlooker.client.get(reverse("scalper_policy_new")).status_code == 403
    assert (
        onlooker.client.post(reverse("scalper_version_move", args=[version.pk]), {"move": "watch"}).status_code == 302
    )
    assert onlooker.client.post(reverse("scalper_list_add"), {}).status_code == 403

    assert only_version().status == "APPROVED"


def test_a_version_moves_by_its_buttons(merchant: Persona) -> None:
    VersionFactory(merchant=merchant.shop, status="APPROVED", acts_since=None)
    where = reverse("scalper_version_move", args=[only_version().pk])

    merchant.client.post(where, {"move": "watch"})
    assert only_version().status == "SHADOW"
    merchant.client.post(where, {"move": "enforce", "acknowledged": "on"})
    assert only_version().status == "SHADOW"  # seven days first
    merchant.client.post(where, {"move": "retire"})
    assert only_version().status == "RETIRED"


def test_a_backtest_is_asked_for_watched_and_read(merchant: Persona) -> None:
    version = VersionFactory(merchant=merchant.shop, draft=True)
    for index in range(4):
        OrderFactory(
            merchant=merchant.shop,
            placed_at=timezone.now() - timedelta(hours=index),
            units=3 - index % 2,
            lines_count=1,
            skus=["SKU-HOT"],
        )
    answer = merchant.client.post(reverse("scalper_backtest_start", args=[version.pk]), {"reading": "enforced"})
    assert "progress" in merchant.client.get(answer["Location"]).content.decode()
    with tenancy.platform():
        backtests.run_due(now=timezone.now())

    page = merchant.client.get(answer["Location"]).content.decode()
    csv = b"".join(merchant.client.get(answer["Location"] + "orders.csv").streaming_content).decode()  # type: ignore[attr-defined]

    assert "chart-box" in page
    assert csv.count("\n") == 3  # the heads, and two orders of three pieces
    with tenancy.platform():
        assert BacktestRun.objects.get().report["hits"] == 2


def test_the_log_tells_why_and_takes_a_persons_word(merchant: Persona) -> None:
    SellingPlatformFactory()
    version = VersionFactory(merchant=merchant.shop)
    answers = [
        {"policy": version.policy_id, "version": 1, "version_id": version.pk, "mode": "ENFORCING", "verdict": "HOLD",
         "score": 50, "exempt": False, "reasons": [REASON]}
    ]  # fmt: skip
    held = OrderDecisionFactory(
        merchant=merchant.shop, number="HELD-1", verdict="HOLD", reasons=[REASON], answers=answers, rules=["account"],
        policies=[version.policy_id], buyer_key="k" * 64, buyer_shown="b***0001",
    )  # fmt: skip
    OrderDecisionFactory(merchant=merchant.shop, number="PASSED-1")
    with tenancy.platform():
        Reservation.objects.create(
            merchant=merchant.shop, policy=version.policy, rule="account", key="k" * 64, number="HELD-1", units=2,
            placed_at=held.placed_at,
        )  # fmt: skip

    hits = merchant.client.get(reverse("scalper_decisions")).content.decode()
    every = merchant.client.get(reverse("scalper_decisions") + "?view=all").content.decode()
    assert ("HELD-1" in hits, "PASSED-1" in hits, "PASSED-1" in every) == (True, False, True)
    where = reverse("scalper_decision", args=[held.pk])
    shown = merchant.client.get(where).content.decode()
    rule = wording.rules(version.terms)["account"]
    assert shown.count(rule) == 2, "in words: what it keeps of the limit, and the rule that may be left aside"

    for move in ("release", "release", "wrong", "exempt", f"snooze:{version.policy_id}:account", "snooze:x:y", "no"):
        assert merchant.client.post(where + "say/", {"move": move, "note": "老客"}).status_code == 302

    with tenancy.platform():
        assert list(DecisionNote.objects.order_by("pk").values_list("said", flat=True)) == [
            *("RELEASED", "WRONG", "WRONG")
        ]
        assert ListEntry.objects.get().key == held.buyer_key
        assert Snooze.objects.get().rule == "account"


def test_lists_take_entries_and_give_them_up(merchant: Persona) -> None:
    day = (timezone.localdate() + timedelta(days=30)).isoformat()
    given = {"kind": "DENY", "dimension": "PHONE", "text": "138 0000 1234", "expires_at": day, "reason": "倒卖"}

    assert merchant.client.post(reverse("scalper_list_add"), given).status_code == 302
    assert merchant.client.post(reverse("scalper_list_add"), given | {"expires_at": "2020-01-01"}).status_code == 422
    assert merchant.client.post(reverse("scalper_list_add"), given | {"text": ""}).status_code == 422

    page = merchant.client.get(reverse("scalper_lists") + "?view=DENY").content.decode()
    assert "倒卖" in page
    assert "13800001234" not in page.replace(" ", "")
    with tenancy.platform():
        entry = ListEntry.objects.get()
    merchant.client.post(reverse("scalper_list_remove", args=[entry.pk]))
    with tenancy.platform():
        assert not ListEntry.objects.exists()


def test_a_draw_is_committed_and_shown(merchant: Persona) -> None:
    start = timezone.localtime() + timedelta(hours=1)
    given = {"name": "限量", "places": 5, "opens_at": f"{start:%Y-%m-%dT%H:%M}"}
    later = {"closes_at": f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}"}

    assert (
        merchant.client.post(reverse("scalper_draw_new"), given | {"closes_at": given["opens_at"]}).status_code == 422
    )
    answer = merchant.client.post(reverse("scalper_draw_new"), given | later)

    with tenancy.platform():
        draw = Draw.objects.get()
    page = merchant.client.get(answer["Location"]).content.decode()
    assert draw.commitment in page
    assert draw.seed == ""


def test_the_calendar_shows_a_launch_on_its_days(merchant: Persona) -> None:
    version = VersionFactory(merchant=merchant.shop, policy__name="双十二首发")
    with tenancy.platform():
        start = timezone.now().replace(day=10)
        PolicyVersion.objects.filter(pk=version.pk).update(starts_at=start, ends_at=start + timedelta(days=2))

    page = merchant.client.get(reverse("scalper_calendar")).content.decode()
    odd = merchant.client.get(reverse("scalper_calendar") + "?month=0000-99")

    first = timezone.localtime().replace(day=1)
    other = (first + timedelta(days=40)).strftime("%Y-%m")
    elsewhere = merchant.client.get(reverse("scalper_calendar") + f"?month={other}").content.decode()
    assert page.count("双十二首发") >= 3
    assert "双十二首发" not in elsewhere
    assert odd.status_code == 200


def test_policies_are_found_by_name_and_lists_of_many_are_paged(
    merchant: Persona, rival: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "LISTED", 2)
    for number in range(4):
        policy = PolicyFactory(merchant=merchant.shop, name=f"双十二首发 {number}")
        now = timezone.now()
        scope = {"starts_at": now, "ends_at": now + timedelta(hours=1)}
        VersionFactory(merchant=merchant.shop, policy=policy, terms=about("SKU-HOT", scope=scope))
    PolicyFactory(merchant=rival.shop, name="双十二别家")
    draws = DrawFactory.create_batch(30, merchant=merchant.shop)

    def shown(route: str, asked: str = "") -> str:
        answer = merchant.client.get(reverse(route) + asked)
        assert answer.status_code == 200
        return str(answer.content.decode())

    assert [name in shown("scalper_policies", "?q=首发+2") for name in ("双十二首发 2", "双十二首发 3")] == [
        True,
        False,
    ]
    assert "双十二" not in shown("scalper_policies", "?q=别家").replace('value="别家"', "")
    assert "?template=" not in shown("scalper_policies", "?q=nothing")
    first = shown("scalper_draws")
    assert f">{draws[-1].name}<" in first
    assert f">{draws[0].name}<" not in first
    older = re.search(r"\?after=[^\"]+", first)
    assert older
    assert f">{draws[0].name}<" in shown("scalper_draws", html.unescape(older[0]))
    assert shown("scalper_calendar").count("<tr><td>") == 2


@pytest.mark.parametrize("name", ["scalper_policies", "scalper_decisions", "scalper_lists", "scalper_draws"])
def test_a_list_asks_the_same_number_of_questions_for_one_row_and_for_many(merchant: Persona, name: str) -> None:
    def rows(count: int) -> None:
        for _index in range(count):
            VersionFactory(merchant=merchant.shop)
            OrderDecisionFactory(merchant=merchant.shop, verdict="HOLD", reasons=[REASON])
            ListEntryFactory(merchant=merchant.shop, kind="EXEMPT")
            DrawFactory(merchant=merchant.shop)
            BacktestRunFactory(merchant=merchant.shop)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as questions:
            assert merchant.client.get(reverse(name)).status_code == 200
        return len(questions)

    rows(1)
    asked()
    one = asked()
    rows(20)

    assert asked() == one


def test_what_is_refused_is_said_on_the_next_page(merchant: Persona) -> None:
    draw = DrawFactory(merchant=merchant.shop)
    cancel = reverse("scalper_draw_cancel", args=[draw.pk])

    told = [list(merchant.client.post(cancel, follow=True).context["messages"]) for _ in range(2)]

    assert [[each.level_tag for each in each_time] for each_time in told] == [[], ["error"]]
