"""What stands still in a shop goes on by the right people: the kill switch by its owner, a paused rule by two."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict
from merchant_protection.marketplace.models import RulePause, Switch
from merchant_protection.marketplace.queries import guards
from merchant_protection.marketplace.services import switches
from tests.fixtures.people import Persona
from tests.fixtures.proofs import BY_CODE, BY_PASSWORD, give_code, give_password, second_factor

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


def paused(merchant: Persona) -> RulePause:
    """A rule of the shop that a colleague paused an hour ago."""
    with tenancy.platform():
        return RulePause.objects.create(
            merchant=merchant.shop, feature="toy", rule="floor", reason="too many", paused_by="Otto",
            paused_at=timezone.now() - timedelta(hours=1),
        )  # fmt: skip


def resume(person: Persona, pause: RulePause, **fields: str) -> str:
    return str(person.client.post(reverse("rule_resume", args=[pause.pk]), fields)["Location"])


def is_stopped() -> bool:
    with tenancy.platform():
        return Switch.objects.filter(is_stopped=True).exists()


def goes_on(pause: RulePause) -> bool:
    with tenancy.platform():
        pause.refresh_from_db()
    return pause.resumed_at is not None


def test_the_shop_is_stopped_at_once_and_goes_on_by_its_owner_who_proves_who_they_are(merchant, operator):
    path = reverse("shop_switch")

    operator.client.post(path, {"move": "stop"})
    assert not is_stopped()  # without a reason nothing stops
    operator.client.post(path, {"move": "stop", "reason": "wrong feed"})
    assert is_stopped()
    page = merchant.client.get(reverse("actions"))
    assert "wrong feed" in page.content.decode()
    assert operator.client.post(path, {"move": "resume"}).status_code == 403
    assert merchant.client.post(path, {"move": "resume"})["Location"].startswith(BY_PASSWORD)
    assert is_stopped()
    give_password(merchant)
    merchant.client.post(path, {"move": "resume"})

    assert not is_stopped()


def test_the_switch_over_the_api(merchant, operator, onlooker, rival):
    path = "/api/v1/kill-switches"

    assert onlooker.client.post(f"{path}/stop", {"reason": "x"}, **JSON).status_code == 403
    assert operator.client.post(f"{path}/stop", {"reason": ""}, **JSON).status_code == 422
    assert operator.client.post(f"{path}/stop", {"reason": "feed"}, **JSON).json()["is_stopped"] is True
    assert [row["reason"] for row in merchant.client.get(path).json()["results"]] == ["feed"]
    assert rival.client.get(path).json()["results"] == []
    assert rival.client.post(f"{path}/resume", {}, **JSON).status_code == 409
    assert merchant.client.post(f"{path}/resume", {}, **JSON).status_code == 403
    keyed = merchant.key("actions:read")
    assert merchant.client.post(f"{path}/stop", {"reason": "x"}, **JSON, **keyed).status_code == 403
    give_password(merchant)
    assert merchant.client.post(f"{path}/resume", {}, **JSON).json()["is_stopped"] is False


def test_one_asks_and_another_agrees(merchant, operator):
    pause = paused(merchant)

    assert resume(merchant, pause) == reverse("actions")
    assert not goes_on(pause)
    rows = merchant.client.get(reverse("actions")).context["pauses"]
    assert [(row["needs_other"], row["may"]) for row in rows] == [(True, False)]
    resume(merchant, pause)
    assert not goes_on(pause)
    assert resume(operator, pause, back="/m/price-guard/") == "/m/price-guard/"
    assert goes_on(pause)


def test_the_way_back_stays_in_the_house(merchant):
    assert resume(merchant, paused(merchant), back="https://evil.example/") == reverse("actions")


def test_who_is_alone_asks_waits_ten_minutes_and_gives_a_second_factor(merchant):
    pause = paused(merchant)
    second_factor(merchant)
    resume(merchant, pause)
    give_code(merchant)
    resume(merchant, pause)
    assert not goes_on(pause)  # ten minutes are not over

    with tenancy.platform():
        RulePause.objects.update(resume_asked_at=timezone.now() - timedelta(minutes=11))
    session = merchant.client.session
    session["account_authentication_methods"] = []
    session.save()
    assert resume(merchant, pause).startswith(BY_CODE)
    assert merchant.client.post(f"/api/v1/rule-pauses/{pause.pk}/resume").status_code == 403
    assert not goes_on(pause)


def test_who_is_alone_goes_on_with_the_code(merchant):
    pause = paused(merchant)
    with tenancy.platform():
        RulePause.objects.update(resume_asked_by=merchant.user.pk, resume_asked_at=timezone.now() - timedelta(hours=1))
    second_factor(merchant)
    give_code(merchant)

    said = merchant.client.post(f"/api/v1/rule-pauses/{pause.pk}/resume").json()

    assert said["resumed_by"] == merchant.user.display_name
    assert goes_on(pause)


def test_operations_are_no_second_person_of_themselves(merchant, staff):
    pause = paused(merchant)
    given = {"pause_id": pause.pk, "actor": staff.actor, "proved_again": True}
    with tenancy.platform():
        switches.resume_rule(**given, at=timezone.now())
        with pytest.raises(Conflict):
            switches.resume_rule(**given, at=timezone.now() + timedelta(hours=1))

    assert not goes_on(pause)


def test_a_strangers_pause_is_not_found(merchant, rival, onlooker):
    pause = paused(merchant)

    assert rival.client.post(reverse("rule_resume", args=[pause.pk])).status_code == 404
    assert rival.client.post(f"/api/v1/rule-pauses/{pause.pk}/resume").status_code == 404
    assert onlooker.client.post(reverse("rule_resume", args=[pause.pk])).status_code == 403
    assert not goes_on(pause)


def at_once(number: int, work: Callable[[int], Any]) -> list[Any]:
    gate = threading.Barrier(number)

    def one(index: int) -> Any:
        gate.wait(30)
        try:
            with tenancy.platform():
                return work(index)
        except Conflict:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def _asked() -> int:
    with tenancy.platform():
        return Entry.objects.filter(action="rule.resume_asked").count()


@pytest.mark.django_db(transaction=True)
def test_eight_tries_of_one_person_at_once_are_one_question(merchant, operator):
    pause, actor, now = paused(merchant), merchant.actor, timezone.now()

    at_once(8, lambda _: switches.resume_rule(pause_id=pause.pk, actor=actor, at=now, proved_again=True))

    assert not goes_on(pause)
    assert _asked() == 1


@pytest.mark.django_db(transaction=True)
def test_the_control_without_the_lock_asks_more_than_once(merchant, operator, monkeypatch):
    pause, actor, now = paused(merchant), merchant.actor, timezone.now()
    together = threading.Barrier(2)

    def unlocked(pause_id: int) -> RulePause:
        found = RulePause.objects.get(pk=pause_id)
        together.wait(30)
        return found

    monkeypatch.setattr(guards, "lock_pause", unlocked)

    at_once(2, lambda _: switches.resume_rule(pause_id=pause.pk, actor=actor, at=now))

    assert _asked() == 2
