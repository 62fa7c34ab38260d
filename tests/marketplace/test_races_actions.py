"""Many at once on real PostgreSQL, each race beside its control: the same without the lock, which shows the fault."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import Error, connection
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import ActionTarget, Budget, BudgetUse, PlatformAction
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.services import budgets
from merchant_protection.marketplace.services.actions import sending
from tests.fixtures import servers


@pytest.fixture(autouse=True)
def _generous(transactional_db, platform_scope, platform):
    Budget.objects.update(cap=100_000, catalogue_share=None)


def together(work: Callable[[int], object], *, count: int) -> list[object]:
    """Run `work` in so many threads that begin at the same moment; what one raised takes the place of its result."""
    results: list[object] = [None] * count
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        with tenancy.platform():
            try:
                gate.wait()
                results[number] = work(number)
            except Exception as error:
                results[number] = error
            finally:
                connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_eight_rules_that_want_the_same_leave_one_action(ask):
    found = together(lambda number: ask("delist", "SKU-1", rule=f"rule-{number}").pk, count=8)

    assert len(set(found)) == 1
    assert PlatformAction.objects.count() == 1
    assert BudgetUse.objects.get(scope="PLATFORM").used == 1


def test_eight_rules_that_want_different_things_leave_one_open_action(ask):
    def want(number: int) -> int:
        return ask("set_stock", "SKU-1", rule=f"rule-{number}", value=number).desired_generation

    assert sorted(together(want, count=8)) == list(range(1, 9))
    assert Counter(PlatformAction.objects.values_list("status", flat=True)) == {"AUTHORISED": 1, "SUPERSEDED": 7}
    newest = PlatformAction.objects.get(status="AUTHORISED")
    assert (newest.value, newest.desired_generation) == (ActionTarget.objects.get().desired, 8)


def test_the_control_without_the_targets_lock_gives_two_wishes_one_generation(ask, monkeypatch):
    ask("set_stock", "SKU-1", value=100)

    def unlocked(wish, *, at):
        target = ActionTarget.objects.get()
        time.sleep(0.2)
        return target

    monkeypatch.setattr("merchant_protection.marketplace.services.actions.asking.lock_target", unlocked)
    monkeypatch.setattr(budgets, "queue_up", lambda spending: [])
    found = together(lambda number: ask("set_stock", "SKU-1", value=number), count=8)

    assert any(isinstance(each, Error) for each in found)  # only the database's own constraint still refuses


def test_no_action_is_claimed_twice(ask, platform, now):
    for number in range(40):
        ask("delist", f"SKU-{number}")

    taken = together(lambda _: sending.claim(platform_id=platform.pk, now=now, limit=10), count=8)

    claimed = [action.pk for part in taken for action in part]
    assert len(claimed) == len(set(claimed)) == 40


def test_the_control_without_a_lock_claims_actions_twice(ask, platform, now):
    for number in range(40):
        ask("delist", f"SKU-{number}")

    @transaction
    def naive(_: int) -> list[int]:
        rows = list(queries.due(platform.pk).filter(due_at__lte=now).order_by("due_at", "pk")[:10])
        time.sleep(0.2)
        PlatformAction.objects.filter(pk__in=[row.pk for row in rows]).update(due_at=now + timedelta(seconds=60))
        return [row.pk for row in rows]

    claimed = [pk for part in together(naive, count=8) for pk in part]
    assert len(claimed) > len(set(claimed))


def spend_with_kills(spend: Callable[[], object], *, count: int, kills: int) -> list[object]:
    """Let so many threads spend at once while connections are cut at random."""
    over = threading.Event()

    def cut() -> None:
        rng = random.Random(3)
        with servers.superuser(database=str(connection.settings_dict["NAME"])) as server:
            for _kill in range(kills):
                time.sleep(rng.uniform(0.01, 0.05))
                found = server.execute(SPENDERS).fetchall()
                if found and not over.is_set():
                    server.execute("SELECT pg_terminate_backend(%s)", [rng.choice(found)[0]])

    killer = threading.Thread(target=cut)
    killer.start()
    results = together(lambda _: spend(), count=count)
    over.set()
    killer.join()
    return results


SPENDERS = """SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND usename = 'portal_app'
AND query LIKE '%budgetuse%' AND pid <> pg_backend_pid()"""


@pytest.mark.case("T21")
@pytest.mark.parametrize("cap", [10, 50, 200])
def test_two_hundred_threads_with_kills_never_spend_one_too_many(merchant, cap):
    Budget.objects.filter(scope="RULE", purse="").update(cap=cap)
    at = timezone.now()
    spending = budgets.Spending(merchant.shop.pk, feature="toy", rule="floor", purse="", kind="LISTING", at=at)

    @transaction
    def spend() -> bool:
        return budgets.spend(budgets.queue_up(spending)) is None

    results = spend_with_kills(spend, count=200, kills=25)

    granted = sum(1 for each in results if each is True)
    used = BudgetUse.objects.get(scope="RULE").used
    failed = [each for each in results if isinstance(each, Exception)]
    assert granted <= used <= cap  # a commit whose answer was cut off counts as used, never the other way round
    assert {use.used for use in BudgetUse.objects.exclude(scope="RULE")} == {used}
    assert granted + len(failed) + sum(1 for each in results if each is False) == 200
    assert used == cap or len(failed) >= cap - used


def test_the_control_that_reads_and_then_writes_spends_too_much(merchant):
    at = timezone.now()
    spending = budgets.Spending(merchant.shop.pk, feature="toy", rule="floor", purse="", kind="LISTING", at=at)
    budgets_of = transaction(budgets.queue_up)(spending)
    use_id = budgets_of[-1].pk
    BudgetUse.objects.filter(pk=use_id).update(cap=10)

    @transaction
    def spend(_: int) -> bool:
        use = BudgetUse.objects.get(pk=use_id)
        time.sleep(0.1)
        if use.used >= use.cap:
            return False
        BudgetUse.objects.filter(pk=use_id).update(used=use.used + 1)
        return True

    assert together(spend, count=40).count(True) > 10
