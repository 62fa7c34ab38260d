"""The pages and programs' addresses of the baseline rules and of what was overruled: who sees and does what."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from merchant_protection.foundation import tenancy
from scalper_policies.models import BaselineVersion, Override
from scalper_policies.services import baseline_trials, overruling
from tests.factories.scalper_policies import BaselineVersionFactory, OverrideFactory, VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import decide
from tests.scalper_policies.baseline_rules import TWO_A_DAY, acting, second, tried

__all__ = ["second"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("second_factor")]
ENGLISH = {"Accept-Language": "en"}
BASE = "/api/v1"


@pytest.fixture
def second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Staff of these tests have set one up."""
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


def shown(person: Persona, name: str, *args: Any) -> str:
    """A page as it is read in English."""
    answer = person.client.get(reverse(name, args=args), headers=ENGLISH)
    assert answer.status_code == 200
    return answer.content.decode()


def press(person: Persona, name: str, pk: int | None = None, **given: Any) -> Any:
    """Fill a dialog of the staff pages and press its button."""
    where = reverse(f"admin:scalper_policies_{name}", args=[] if pk is None else [pk])
    return person.client.post(where, {"_form_submitted": "on", **given}, headers=ENGLISH | {"HX-Request": "true"})


def test_a_shop_sees_the_rules_that_hold_what_they_did_and_what_is_overruled(
    merchant: Persona, staff: Persona, second: Persona
) -> None:
    now = timezone.now()
    acting(staff.actor, second.actor, at=now - timedelta(hours=1))
    decide("O-1", units=3, buyer="b", at=now - timedelta(minutes=1))
    with tenancy.platform():
        overruling.overrule_rule(
            actor=staff.actor,
            merchant_id=merchant.shop.pk,
            policy_id=None,
            rule="account",
            until=now + timedelta(days=1),
            reason="A fair runs here",
            at=now,
        )

    page = shown(merchant, "scalper_baseline")

    assert "One account may buy 2 in 24 h." in page
    assert "A fair runs here" in page
    assert "1 / 1" in page


def test_a_shop_sees_no_draft_and_where_there_are_no_rules_the_page_says_so(merchant: Persona, staff: Persona) -> None:
    tried(staff.actor, at=timezone.now())

    page = shown(merchant, "scalper_baseline")

    assert "There are no baseline rules" in page
    assert "Scalpers buy by the dozen" not in page


def test_an_overruled_answer_says_so_on_its_page_and_names_the_baseline_rule(
    merchant: Persona, staff: Persona, second: Persona
) -> None:
    now = timezone.now()
    acting(staff.actor, second.actor, at=now)
    made = decide("O-1", units=3, buyer="b", at=now)
    given: dict[str, Any] = {"decision_id": made.pk, "verdict": "ALLOW", "until": now + timedelta(days=1), "at": now}
    with tenancy.platform():
        overruling.overrule_answer(actor=staff.actor, reason="A school buys", **given)

    page = shown(merchant, "scalper_decision", made.pk)

    assert "The marketplace overruled our answer (Reject): Allow" in page
    assert "A school buys" in page
    assert reverse("scalper_baseline") in page


def test_staff_write_a_version_rule_by_rule_and_another_lets_it_watch(staff: Persona, second: Persona) -> None:
    press(staff, "baselineversion_write", reason="Bots order by the minute")
    version = BaselineVersion.objects.get()
    press(staff, "baselineversion_add_limit", version.pk, dimension="DEVICE", most=5, measure="ORDERS", window=1,
          answer="HOLD")  # fmt: skip
    press(staff, "baselineversion_add_address", version.pk, tag="FREIGHT_FORWARDER", answer="VERIFY")
    press(staff, "baselineversion_add_ties", version.pk, signals=3, answer="VERIFY")
    press(staff, "baselineversion_remove_rule", version.pk, rule="cluster")
    press(staff, "baselineversion_try_it", version.pk)
    with tenancy.platform():
        baseline_trials.run_due(now=timezone.now())
    press(staff, "baselineversion_submit", version.pk)
    press(staff, "baselineversion_approve", version.pk)
    by_author = BaselineVersion.objects.get().status
    press(second, "baselineversion_approve", version.pk, note="good")
    press(second, "baselineversion_enforce", version.pk)

    version.refresh_from_db()
    assert (by_author, version.status) == ("SUBMITTED", "SHADOW")
    assert [rule["id"] for rule in version.terms["limits"]] == ["device-orders"]
    assert [rule["id"] for rule in version.terms["addresses"]] == ["address-freight-forwarder"]
    assert version.terms["clusters"] == []
    page = shown(staff, "admin:scalper_policies_baselineversion_change", version.pk)
    assert "One device may place 5 orders in 1 min." in page
    assert "It is the first one." in page
    assert shown(staff, "admin:scalper_policies_baselineversion_changelist")
    assert shown(staff, "admin:scalper_policies_baselinetrial_changelist")


def test_a_version_is_sent_back_and_taken_out_and_a_reviewer_may_only_look(
    staff: Persona, second: Persona, reviewer: Persona
) -> None:
    version = tried(staff.actor, at=timezone.now())
    press(staff, "baselineversion_submit", version.pk)

    assert press(reviewer, "baselineversion_approve", version.pk).status_code == 403
    assert shown(reviewer, "admin:scalper_policies_baselineversion_change", version.pk)
    press(second, "baselineversion_send_back", version.pk, reason="too strict")
    sent_back = BaselineVersion.objects.get().status
    press(second, "baselineversion_retire", version.pk, reason="not needed")

    assert (sent_back, BaselineVersion.objects.get().status) == ("DRAFT", "RETIRED")


def test_staff_overrule_from_the_pages_of_answers_policies_and_baseline_and_end_it(
    merchant: Persona, staff: Persona, second: Persona
) -> None:
    now = timezone.now()
    acting(staff.actor, second.actor, at=now, plain=TWO_A_DAY)
    version = VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(1),)))
    made = decide("O-1", units=3, buyer="b", at=now)

    press(staff, "orderdecision_overrule", made.pk, verdict="ALLOW", hours=24, reason="A school buys")
    press(staff, "policyversion_overrule", version.pk, rule="account", hours=1, reason="wrong for this shop")
    press(staff, "override_overrule_baseline", shop="shop-a", rule="", hours=24, reason="A fair")
    press(staff, "override_overrule_baseline", shop="nowhere", rule="", hours=24, reason="A fair")

    with tenancy.platform():
        found = list(Override.objects.order_by("pk"))
    assert [(each.kind, each.rule, each.verdict) for each in found] == [
        ("DECISION", "", "ALLOW"),
        ("RULE", "account", ""),
        ("RULE", "", ""),
    ]
    listed = shown(staff, "admin:scalper_policies_override_changelist")
    assert "Order O-1" in listed
    assert "Baseline rules" in listed
    assert shown(staff, "admin:scalper_policies_override_change", found[2].pk)
    press(staff, "override_end", found[2].pk, reason="It is over")
    with tenancy.platform():
        assert Override.objects.get(pk=found[2].pk).ended_by == "Opal Operations"
    answer = shown(staff, "admin:scalper_policies_orderdecision_change", made.pk)
    assert "Stands now" in answer


def test_programs_read_and_people_of_operations_overrule(merchant: Persona, rival: Persona, staff: Persona) -> None:
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(1),)))
    made = decide("O-1", units=3, buyer="b")
    until = (timezone.now() + timedelta(days=1)).isoformat()
    body = {"decision_id": made.pk, "verdict": "allow", "until": until, "reason": "A school buys"}
    json: dict[str, Any] = {"content_type": "application/json"}
    key = merchant.key("policies:read", "policies:write")["headers"]

    by_key = Client().post(f"{BASE}/scalper-overrides/answers", body, headers=key | {"Idempotency-Key": "k"}, **json)
    by_owner = merchant.client.post(f"{BASE}/scalper-overrides/answers", body, **json)
    by_staff = staff.client.post(f"{BASE}/scalper-overrides/answers", body, **json)

    assert (by_key.status_code, by_owner.status_code, by_staff.status_code) == (403, 403, 201)
    assert (by_staff.json()["verdict"], by_staff.json()["order"]) == ("allow", "O-1")
    read = Client().get(f"{BASE}/order-decisions/{made.pk}", headers=key).json()
    assert (read["verdict"], read["overrides"][0]["verdict"]) == ("reject", "allow")
    listed = Client().get(f"{BASE}/scalper-overrides?standing=true", headers=key).json()["results"]
    assert [each["id"] for each in listed] == [by_staff.json()["id"]]
    assert rival.client.get(f"{BASE}/scalper-overrides").json()["results"] == []
    rule = {"merchant": "shop-a", "policy_id": made.policies[0], "rule": "account", "until": until, "reason": "fair"}
    wrong = staff.client.post(f"{BASE}/scalper-overrides/rules", rule | {"merchant": "nowhere"}, **json)
    right = staff.client.post(f"{BASE}/scalper-overrides/rules", rule, **json)
    ended = staff.client.post(f"{BASE}/scalper-overrides/{right.json()['id']}/end", {"reason": "over"}, **json)
    assert (wrong.status_code, right.status_code, ended.status_code) == (422, 201, 200)
    now_standing = Client().get(f"{BASE}/scalper-overrides?standing=false", headers=key).json()["results"]
    assert [each["kind"] for each in now_standing] == ["RULE"]


def test_programs_read_the_rules_that_hold_and_no_draft(merchant: Persona) -> None:
    BaselineVersionFactory(number=1)
    BaselineVersionFactory(number=2, status="DRAFT", watched_since=None)
    key = merchant.key("policies:read")["headers"]

    listed = Client().get(f"{BASE}/scalper-baseline-rules", headers=key | ENGLISH).json()["results"]

    assert [each["number"] for each in listed] == [1]
    assert "One account may buy 10 in 24 h." in listed[0]["sentences"]


def test_the_platform_is_told_the_answer_that_stands(merchant: Persona) -> None:
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(1),)))
    headers = merchant.key("orders:decide")["headers"]
    body = {"number": "O-1", "buyer": "b", "lines": [{"sku": "SKU-HOT", "quantity": 2}]}
    ask: dict[str, Any] = {"path": f"{BASE}/order-decisions", "content_type": "application/json", "headers": headers}
    first = Client().post(data=body, **ask).json()
    with tenancy.platform():
        OverrideFactory(merchant=merchant.shop, decision_id=first["decision_id"], decision=None, verdict="ALLOW")

    again = Client().post(data=body, **ask).json()

    assert (first["verdict"], first["overruled_until"]) == ("reject", None)
    assert (again["verdict"], again["buyer_text"]["en"]) == ("allow", "")
    assert again["overruled_until"] is not None
