"""Programs write policies, lists and draws by the same commands as people, and are refused the same."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from merchant_protection.foundation import tenancy
from scalper_policies.models import Draw, DrawEntry, ListEntry, ListFile, Policy, PolicyVersion, Snooze
from scalper_policies.services import backtests, lists
from tests.factories.accounts import ApiKeyFactory
from tests.factories.scalper_policies import (
    DrawFactory,
    OrderDecisionFactory,
    PolicyFactory,
    VersionFactory,
    about,
    per_account,
)
from tests.fixtures.people import Persona

pytestmark = pytest.mark.django_db
HOLD = about("SKU-HOT", limits=(per_account(1),), bands=())
CHECK = HOLD | {"bands": [{"at_least": 1, "verdict": "VERIFY", "hours": 0}]}
BASE = "/api/v1"


class Program:
    """A key of a shop, and what it sends."""

    def __init__(self, merchant: Persona | None, *scopes: str) -> None:
        key = ApiKeyFactory(merchant=merchant.shop if merchant else None, scopes=list(scopes))
        self.headers = {"Authorization": f"Bearer {key.presented}"}
        self.client, self.sent = Client(), 0

    def post(self, path: str, body: Any = None, *, once: str = "") -> Any:
        self.sent += 1
        more = {"headers": self.headers | {"Idempotency-Key": once or f"{path}-{self.sent}"}}
        return self.client.post(f"{BASE}{path}", body or {}, content_type="application/json", **more)

    def get(self, path: str) -> Any:
        return self.client.get(f"{BASE}{path}", headers=self.headers)


@pytest.fixture
def program(merchant: Persona) -> Program:
    return Program(merchant, "policies:read", "policies:write")


def status_of(version_id: int) -> str:
    with tenancy.platform():
        return PolicyVersion.objects.get(pk=version_id).status


def test_a_policy_is_written_changed_and_moved_through_its_life(merchant: Persona, program: Program) -> None:
    made = program.post("/scalper-policies", {"name": "春季首发", "terms": CHECK, "reason": "new"})
    version, policy = made.json()["id"], made.json()["policy_id"]
    changed = program.post(f"/scalper-policies/{policy}/revise", {"terms": CHECK, "revision": 1, "name": "夏季首发"})
    stale = program.post(f"/scalper-policies/{policy}/revise", {"terms": CHECK, "revision": 1})
    moves = [program.post(f"/scalper-policy-versions/{version}/submit", {"note": "please"})]

    refused = program.post(f"/scalper-policy-versions/{version}/approve")
    by_owner = merchant.client.post(
        f"{BASE}/scalper-policy-versions/{version}/approve", content_type="application/json"
    )
    moves += [program.post(f"/scalper-policy-versions/{version}/watch")]
    untold = program.post(f"/scalper-policy-versions/{version}/try-out", {"percent": 10})
    moves += [
        program.post(f"/scalper-policy-versions/{version}/try-out", {"percent": 10, "acknowledged": True}),
        program.post(f"/scalper-policy-versions/{version}/enforce", {"acknowledged": True}),
        program.post(f"/scalper-policy-versions/{version}/retire"),
    ]

    assert (made.status_code, changed.status_code, changed.json()["revision"]) == (201, 200, 2)
    assert (stale.status_code, refused.status_code, by_owner.status_code, untold.status_code) == (409, 403, 200, 409)
    assert [each.json()["status"] for each in moves] == ["SUBMITTED", "SHADOW", "CANARY", "ENFORCING", "RETIRED"]
    assert moves[2].json()["canary_percent"] == 10
    with tenancy.platform():
        assert Policy.objects.get().name == "夏季首发"


def test_what_holds_orders_needs_its_days_in_shadow_over_the_api_too(merchant: Persona, program: Program) -> None:
    version = VersionFactory(merchant=merchant.shop, status="SHADOW", watched_since=timezone.now())

    answer = program.post(f"/scalper-policy-versions/{version.pk}/enforce", {"acknowledged": True})

    assert (answer.status_code, status_of(version.pk)) == (409, "SHADOW")


def test_the_same_request_twice_makes_one_policy(program: Program) -> None:
    sent = {"name": "once", "terms": CHECK}

    first, again = (program.post("/scalper-policies", sent, once="the-same") for _ in range(2))
    other = program.post("/scalper-policies", sent | {"name": "twice"}, once="the-same")

    assert (first.status_code, again.json(), other.status_code) == (201, first.json(), 422)
    with tenancy.platform():
        assert Policy.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonsense": 1},
        {"limits": [{"id": "a" * 61, "dimension": "ACCOUNT", "most": 1}]},
        {"limits": [{"id": "a", "dimension": "ACCOUNT", "most": 10**30}]},
        {"limits": [{"id": "a", "dimension": "ACCOUNT", "most": 1, "window": "P9999999D"}]},
        {"scope": {"skus": ["A\x00"]}},
        {"scope": {"skus": ["A\ud800"]}},
        {"scope": {"skus": ["A"], "ends_at": "2026-01-01T00:00:00"}},
        {"scope": {"skus": ["A"], "ends_at": "0001-01-01T00:00:00Z"}},
        {"scope": {"skus": ["A" * 81]}},
        {"scope": {"skus": ["A"], "starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}},
        {"eligibility": {"score": 10**400}},
        {"bands": [{"at_least": 1, "verdict": "HOLD", "hours": 10**9}]},
    ],
)
def test_terms_that_are_none_are_refused_and_nothing_is_kept(program: Program, wrong: dict[str, Any]) -> None:
    answer = program.post("/scalper-policies", {"name": "wrong", "terms": wrong})

    assert answer.status_code in (400, 422), answer.content
    with tenancy.platform():
        assert not Policy.objects.exists()


@pytest.mark.parametrize("scopes", [(), ("policies:read",), ("orders:decide",)])
def test_a_key_without_the_scope_writes_nothing(merchant: Persona, scopes: tuple[str, ...]) -> None:
    program, version = Program(merchant, *scopes), VersionFactory(merchant=merchant.shop, draft=True)

    answers = [
        program.post("/scalper-policies", {"name": "x", "terms": CHECK}),
        program.post(f"/scalper-policy-versions/{version.pk}/submit"),
        program.post("/scalper-list-entries", {}),
        program.post("/scalper-draws", {}),
        program.post("/scalper-snoozes", {}),
    ]

    assert [each.status_code for each in answers] == [403] * 5
    assert status_of(version.pk) == "DRAFT"


def test_lists_are_filled_taken_away_and_filled_again(merchant: Persona, program: Program, now: datetime) -> None:
    ends = (timezone.now() + timedelta(days=30)).isoformat()
    told = {"kind": "DENY", "dimension": "ACCOUNT", "reason": "囤货", "expires_at": ends}
    one = program.post("/scalper-list-entries", told | {"text": "bad"})
    without_end = program.post("/scalper-list-entries", {**told, "text": "b", "expires_at": "2020-01-01T00:00:00Z"})
    answer = program.get("/scalper-list-entries/export?kind=DENY")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    file = SimpleUploadedFile("deny.csv", f"entry\n{rows[1][0]}\nworse\n\n{'x' * 2000}\n".encode())
    sent = program.client.post(
        f"{BASE}/scalper-list-files",
        told | {"file": file},
        headers=program.headers | {"Idempotency-Key": "file"},
    )
    with tenancy.platform():
        lists.read_due(now=timezone.now())
    read = program.get(f"/scalper-list-files/{sent.json()['id']}").json()
    gone = program.client.delete(f"{BASE}/scalper-list-entries/{one.json()['id']}", headers=program.headers)

    assert (one.status_code, without_end.status_code, sent.status_code, gone.status_code) == (201, 422, 202, 204)
    assert [rows[0][0], rows[1][0][:4], rows[1][1]] == ["entry", "key:", "ACCOUNT"]
    assert (read["status"], read["rows_added"], read["rows_known"], read["rows_refused"]) == ("DONE", 1, 1, 1)
    assert read["faults"] == [[5, "too long"]]
    with tenancy.platform():
        assert (ListEntry.objects.count(), ListFile.objects.count()) == (1, 1)


def test_a_backtest_is_asked_for_and_called_off(merchant: Persona, program: Program) -> None:
    version = VersionFactory(merchant=merchant.shop, draft=True)

    asked = program.post("/scalper-backtests", {"version_id": version.pk, "reading": "observed"})
    again = program.post("/scalper-backtests", {"version_id": version.pk, "reading": "observed"})
    off = program.post(f"/scalper-backtests/{asked.json()['id']}/cancel")

    assert (asked.status_code, again.json()["id"], off.json()["status"]) == (202, asked.json()["id"], "CANCELLED")
    with tenancy.platform():
        assert backtests.run_due(now=timezone.now()) == 0


def test_a_rule_is_snoozed_for_the_buyer_of_an_order(merchant: Persona, rival: Persona, program: Program) -> None:
    policy, strange = PolicyFactory(merchant=merchant.shop), PolicyFactory(merchant=rival.shop)
    decision = OrderDecisionFactory(merchant=merchant.shop, verdict="HOLD", buyer_key="k" * 64, buyer_shown="b***1")
    sent = {"decision_id": decision.pk, "rule": "account", "until": (timezone.now() + timedelta(days=3)).isoformat()}

    made = program.post("/scalper-snoozes", sent | {"policy_id": policy.pk})
    refused = program.post("/scalper-snoozes", sent | {"policy_id": strange.pk})
    too_long = program.post("/scalper-snoozes", sent | {"policy_id": policy.pk, "until": "2099-01-01T00:00:00Z"})

    assert (made.status_code, refused.status_code, too_long.status_code) == (201, 404, 422)
    with tenancy.platform():
        assert Snooze.objects.get().policy_id == policy.pk


def test_the_platform_enters_buyers_into_a_draw_a_shop_began(
    merchant: Persona, rival: Persona, program: Program
) -> None:
    now = timezone.now()
    opens, closes = now + timedelta(minutes=1), now + timedelta(hours=1)
    begun = program.post(
        "/scalper-draws",
        {"name": "限量", "places": 2, "opens_at": opens.isoformat(), "closes_at": closes.isoformat()},
    )
    open_draw = DrawFactory(merchant=merchant.shop, opens_at=now - timedelta(hours=1), closes_at=closes)
    platform, strange = Program(None, "orders:decide"), Program(rival, "orders:decide")

    early = platform.post("/scalper-draw-entries", {"draw_id": begun.json()["id"], "buyer": "a"})
    entered = [platform.post("/scalper-draw-entries", {"draw_id": open_draw.pk, "buyer": one}) for one in "aab"]
    refused = strange.post("/scalper-draw-entries", {"draw_id": open_draw.pk, "buyer": "c"})
    entries = program.get(f"/scalper-draws/{open_draw.pk}/entries").json()
    off = program.post(f"/scalper-draws/{begun.json()['id']}/cancel")

    assert (begun.status_code, early.status_code, refused.status_code) == (201, 409, 404)
    assert begun.json()["seed"] == ""
    assert [each.status_code for each in entered] == [201] * 3
    assert (len(entries["results"]), off.json()["status"]) == (2, "CANCELLED")
    with tenancy.platform():
        assert (DrawEntry.objects.count(), Draw.objects.count()) == (2, 2)


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1999-12-31T00:00:00Z"])
def test_moments_at_the_ends_of_the_calendar_are_refused(merchant: Persona, program: Program, moment: str) -> None:
    version = VersionFactory(merchant=merchant.shop, draft=True)

    asked = program.post("/scalper-backtests", {"version_id": version.pk, "reading": "observed", "until": moment})
    begun = program.post("/scalper-draws", {"name": "x", "places": 1, "opens_at": moment, "closes_at": moment})

    assert (asked.status_code, begun.status_code) == (422, 422)


@pytest.mark.parametrize(
    "wrong",
    [
        {"places": "3"},
        {"places": True},
        {"places": 2.5},
        {"places": None},
        {"opens_at": "2090-01-01"},
        {"opens_at": "2090-01-01T00:00:00"},
        {"closes_at": "2090-W01-1T00:00:00Z"},
        {"closes_at": 3786912000},
        {"policy_id": "1"},
    ],
)
def test_what_only_looks_like_what_the_schema_says_begins_no_draw(program: Program, wrong: dict[str, Any]) -> None:
    right = {"name": "抽签", "places": 3, "opens_at": "2090-01-01T00:00:00Z", "closes_at": "2090-01-02T00:00:00+08:00"}

    answer = program.post("/scalper-draws", right | wrong)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == list(wrong)
    with tenancy.platform():
        assert not Draw.objects.exists()
    assert program.post("/scalper-draws", right | {"places": 3.0}).status_code == 201
