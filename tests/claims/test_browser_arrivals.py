"""Days of real arrivals from the first event to the decisions: told signed, filed by API and by people, decided by two.

The simulator's blackmailer and gang come in as signed events, the portal's drain and worker do their work as processes
of their own, one shop's program files by the API, the other shop's owner in a browser with a file, two reviewers work
the queue in two browsers at the same moments, and the marketplace does what the decisions ask of it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from benchmarks import replay_count, replay_shops
from benchmarks.replay import KINDS, Replay
from claims.models import Claim, Decision, Evidence, Remedy, ReviewLease
from merchant_protection.accounts.models import Merchant, Role
from merchant_protection.config.celery import app
from merchant_protection.config.schedule import CLAIMS
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Heartbeat
from merchant_protection.marketplace.models import Change, InboxEvent, Platform
from tests.factories import claims as make
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.fixtures import servers
from tests.fixtures.people import Persona
from tests.fixtures.programs import Programs, until
from tests.fixtures.uploads import picture

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PATIENT = 60_000  # milliseconds
STORY = "买家要求私下转账，否则给差评。The buyer wants money in private."
NOTES = {"UPHELD": "The chat shows the demand.", "REJECTED": "The chat ends before the demand."}
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
PEOPLE = "JOIN accounts_user u ON u.id ="
STAYED = "l.release <> 'RAN_OUT'"
OF_PEOPLE = f"SELECT u.display_name, d.claim_id, d.result FROM claims_decision d {PEOPLE} d.decided_by_id"
HANDED = f"SELECT u.display_name, l.claim_id FROM claims_reviewlease l {PEOPLE} l.reviewer_id WHERE {STAYED}"
FILED = "SELECT status FROM claims_claim WHERE submitted_at IS NOT NULL"


@dataclass
class AtTheDesk:
    """A reviewer with a browser of their own, and what they did."""

    name: str
    page: Page
    had: list[int] = field(default_factory=list)
    said: dict[int, str] = field(default_factory=dict)

    @property
    def case(self) -> int | None:
        """The case on the screen; none on the page of the queue."""
        last = self.page.url.rstrip("/").rsplit("/", 1)[-1]
        return int(last) if last.isdigit() else None

    @property
    def decided(self) -> int:
        """How many cases this reviewer decided."""
        return sum(result != "ASKED" for result in self.said.values())

    def arrive(self, before: str) -> None:
        """Wait for the page that a key has opened."""
        self.page.wait_for_url(lambda url: url != before)
        if self.case:
            self.had.append(self.case)

    def looks_at_evidence(self, *, is_there: bool) -> None:
        """The viewer shows the picture of the case that has one, between the other parts of the page."""
        expect(self.page.locator("evidence-viewer .viewer-frame img")).to_have_count(int(is_there))
        if is_there:
            expect(self.page.locator("evidence-viewer .viewer-frame img")).to_be_visible()

    def judge(self, result: str) -> None:
        """Fill in a decision by keys: the key opens the note, and decides nothing."""
        before = self.page.url
        self.page.keyboard.press("u" if result == "UPHELD" else "r")
        expect(self.page.locator("#desk-note")).to_be_focused()
        assert self.page.url == before
        assert not _counted(Decision.objects.filter(claim_id=self.case or 0))
        side = "UPHOLD" if result == "UPHELD" else "REJECT"
        self.page.locator(f".desk-reasons [data-side={side}] input").first.check()
        if result == "UPHELD":
            self.page.locator("input[name=remedies][value=EXEMPT_ORDER]").check()
        self.page.locator("#desk-note").fill(NOTES[result])
        self.page.locator("[hx-post$='/preview/']").click()
        expect(self.page.locator("#desk-preview")).to_contain_text(NOTES[result])
        self.page.locator("#desk-note").focus()
        assert self.case is not None
        self.said[self.case] = result

    def ask(self) -> None:
        """Fill in a request for evidence by keys."""
        self.page.keyboard.press("a")
        expect(self.page.locator("#desk-ask-body")).to_be_focused()
        self.page.locator("#desk-ask input[name=asks_for]").first.check()
        self.page.locator("#desk-ask-body").fill("The whole chat, please.")
        assert self.case is not None
        self.said[self.case] = "ASKED"


@pytest.fixture
def replay(live_server: Any, kept_in: Path, program: Programs) -> Iterator[Replay]:
    """Two shops and their marketplace, which has told nothing yet; the portal's programs run."""
    program.together(lambda: program.drain(PORTAL_STATE=str(kept_in.parent)), program.worker)
    with tenancy.platform():
        begun = replay_shops.opened(portal=live_server.url, days=3, orders_a_day=1, stories_a_day=0, seed=7)
        Platform.objects.update(base_url=begun.take_actions())
    by_api, by_hand = sorted(begun.keys)
    gang = {"accounts": 3}
    begun.openings = [("blackmailer", by_api, {}), ("refund_gang", by_api, gang), ("blackmailer", by_hand, {})]
    yield begun
    begun.close()


@pytest.fixture
def at_the_desk(open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[AtTheDesk]]:
    """Reviewers of these names who have the queue open."""
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)

    def sit_down(*names: str) -> list[AtTheDesk]:
        found = []
        for name in names:
            person = Persona(UserFactory(reviewer=True, display_name=name))
            make.on_the_desk(person.user)
            found.append(AtTheDesk(name, open_page(reverse("desk"), as_=person, width=1440)))
        return found

    return sit_down


@pytest.mark.case("CL-09")
def test_days_of_arrivals_are_filed_both_ways_and_decided_by_two_at_once(
    replay: Replay, at_the_desk: Callable[..., list[AtTheDesk]], open_page: Callable[..., Page], tmp_path: Path
) -> None:
    by_hand = max(replay.keys)
    _told(replay)
    _filed_by_programs(replay, but=by_hand)
    with tenancy.platform():
        shop = Merchant.objects.get(code=by_hand)
    owner = Persona(MembershipFactory(merchant=shop, role=Role.OWNER).user)
    of_owner = open_page("/m/", as_=owner)
    by_browser = _filed_in_three_steps(of_owner, replay, tmp_path / "chat.png")
    _goes_away(*at_the_desk("Gone"))
    desks = at_the_desk("Rita", "Rolf")

    said = _worked_off(desks, by_browser)

    assert set(said) == {by_browser, *(each.claim for each in replay.filed)}
    assert all(each.said for each in desks)
    _rows_say(said, desks)
    _figures_say(desks[0].page, said, desks)
    _marketplace_did(replay, said)
    _owner_reads(of_owner, by_browser)
    _programs_read(replay, said)
    _swept()


def _told(replay: Replay) -> None:
    """Post what happened, and wait until the drain has decided it and looked at every request."""
    replay.tell()
    replay.wait(patience=60)
    _tick("merchant_protection.marketplace.tasks.tie_after_sales")
    until(lambda: not _counted(InboxEvent.objects.filter(status="PENDING")), seconds=60)
    waiting = Change.objects.filter(consumer="claims_recognition").exclude(due_at=None)
    until(lambda: not _counted(waiting), seconds=60)


def _filed_by_programs(replay: Replay, *, but: str) -> None:
    """File by the API: nothing is lost, nothing stands twice, and the count notices one that is not there."""
    replay.file(but={but})
    came = {each.story for each in replay.market.after_sales.values() if each.merchant != but}
    assert {each.kind for each in replay.filed} >= {KINDS[story] for story in came & set(KINDS)} >= {"EXTORTION"}
    assert {each.status for each in replay.filed} == {"SUBMITTED"}
    assert replay.told_twice
    with tenancy.platform():
        assert replay_count.differences(replay, at=replay.until) == []
        replay.filed.append(replace(replay.filed[0], claim=0))
        assert replay_count.differences(replay, at=replay.until) != []
        replay.filed.pop()


def _filed_in_three_steps(page: Page, replay: Replay, chat: Path) -> int:
    """File about the other shop's blackmailer in the browser, with a picture that the drain has looked at."""
    cases = replay.market.after_sales.values()
    order = next(each.order for each in cases if each.merchant == max(replay.keys) and each.story == "blackmailer")
    chat.write_bytes(picture(form="PNG"))
    page.goto(f"/m/claims/new/?q={order}")
    page.get_by_text(order).first.click()
    page.locator("main form[action$='/begin/'] button[type=submit]").click()
    page.wait_for_url("**/edit/")
    page.locator("input[name=kind][value=EXTORTION]").check()
    page.locator("#id_amount").fill("300")
    page.locator("#id_story").fill(STORY)
    page.set_input_files("[data-slot=OTHER] input", str(chat))
    expect(page.locator(".evidence-file img")).to_be_visible(timeout=PATIENT)
    page.locator(".form-foot button[type=submit]").click()
    page.wait_for_url("**/check/")
    page.locator("#id_is_true").check()
    page.locator(".form-foot button[type=submit]").click()
    page.wait_for_url(lambda url: url.rstrip("/").rsplit("/", 1)[-1].isdigit())
    with tenancy.platform():
        claim = Claim.objects.get(merchant__code=max(replay.keys), order_number=order, kind_code="EXTORTION")
        assert (claim.status, claim.story) == ("SUBMITTED", STORY)
        assert Evidence.objects.get().file.status == "CLEAN"
    return claim.pk


def _worked_off(desks: list[AtTheDesk], by_browser: int) -> dict[int, str]:
    """Work until nothing is left: the first case of a program is asked about, the others are decided by their kind."""
    _at_once(desks, "n")
    said: dict[int, str] = {}
    while busy := [each for each in desks if each.case]:
        for each in busy:
            each.looks_at_evidence(is_there=each.case == by_browser)
            if "ASKED" not in said.values() and each.case != by_browser:
                each.ask()
            else:
                each.judge("UPHELD" if _kind(each.case) == "EXTORTION" else "REJECTED")
            said |= each.said
        _at_once(busy, "Control+Enter")
    assert Counter(case for each in desks for case in each.had) == Counter(said.keys())  # each came to one of them
    return said


def _goes_away(desk: AtTheDesk) -> None:
    """A browser dies with a case in hand: after the lease the worker's sweep lays it back for the others."""
    _at_once([desk], "n")
    desk.page.context.close()
    with tenancy.platform():
        lease = ReviewLease.objects.get(claim_id=desk.had[0])
        assert lease.until - lease.taken_at == timedelta(minutes=10)
        ReviewLease.objects.update(until=timezone.now())  # the ten minutes are over
    _tick("claims.tasks.release_run_out")
    until(lambda: _counted(ReviewLease.objects.filter(release="RAN_OUT")), seconds=60)
    assert not _counted(Claim.objects.filter(reviewer__isnull=False))


def _at_once(desks: list[AtTheDesk], key: str) -> None:
    """Press a key in each browser: all requests for the next case wait for one moment, and go on together."""
    before = [each.page.url for each in desks]
    with servers.superuser(database=str(connection.settings_dict["NAME"])) as held, held.transaction():
        held.execute("SELECT FROM claims_reviewer FOR UPDATE")
        for each in desks:
            each.page.keyboard.press(key)
        until(lambda: _blocked() >= len(desks), seconds=30)
    for each, url in zip(desks, before, strict=True):
        each.arrive(url)


def _rows_say(said: dict[int, str], desks: list[AtTheDesk]) -> None:
    """The bare rows hold what the two reviewers did, and nobody else did anything."""
    with tenancy.platform():
        decided, handed = replay_count.table(OF_PEOPLE), replay_count.table(HANDED)
    wanted = {(each.name, case, result) for each in desks for case, result in each.said.items() if result != "ASKED"}
    assert set(decided.itertuples(index=False, name=None)) == wanted
    assert set(handed.itertuples(index=False, name=None)) == {(each.name, case) for each in desks for case in each.had}
    assert len(handed) == len(said)  # beside what the browser that died had


def _figures_say(page: Page, said: dict[int, str], desks: list[AtTheDesk]) -> None:
    """The page of figures counts what the rows hold: arrived, decided, open, and by person."""
    page.goto(reverse("desk_figures"))
    weeks, _queues, ages, people, _outlook = [_rows_of(table) for table in page.locator("table.staff-table").all()]
    with tenancy.platform():
        filed = replay_count.table(FILED)
    decided = sum(result != "ASKED" for result in said.values())
    assert sum(int(row[1]) for row in weeks) == len(filed) == len(said)
    assert sum(int(row[2]) for row in weeks) == filed.status.isin(["UPHELD", "REJECTED"]).sum() == decided
    assert sum(int(cell) for cell in ages[0]) == (filed.status == "AWAITING_EVIDENCE").sum() == 1
    assert {row[0]: int(row[1]) for row in people} == {each.name: each.decided for each in desks if each.decided}


def _marketplace_did(replay: Replay, said: dict[int, str]) -> None:
    """Each upheld case exempted its order on the marketplace, once, and the portal has noted that it is done."""
    with tenancy.platform():
        upheld = Claim.objects.filter(pk__in=[case for case, result in said.items() if result == "UPHELD"])
        orders = {(code, number) for code, number in upheld.values_list("merchant__code", "order_number")}
    until(lambda: _counted(Remedy.objects.filter(action__status="CONFIRMED")) == len(orders), seconds=60)
    assert replay.place is not None
    done = {place: state.effects for place, state in replay.place.desk.states.items() if place[3] == "metrics"}
    assert done == {(code, "ORDER", number, "metrics"): 1 for code, number in orders}
    with tenancy.platform():
        Remedy.objects.update(due_at=timezone.now())  # the half minute until it is looked at again is over
    until(lambda: _counted(Remedy.objects.filter(status="DONE")) == len(orders), seconds=60)


def _owner_reads(page: Page, by_browser: int) -> None:
    """The owner reads the decision, its words, what follows from it, and when each step was."""
    page.goto(f"/m/claims/{by_browser}/")
    main = page.locator("main")
    for words in ("Decided for you", NOTES["UPHELD"], "Done"):
        expect(main).to_contain_text(words)
    with tenancy.platform():
        steps = replay_count.table("SELECT move, at FROM claims_claimmove WHERE claim_id = %s", by_browser)
    shown = {datetime.fromisoformat(str(each.get_attribute("datetime"))) for each in main.locator("time").all()}
    told = steps[steps.move.isin(("submit", "take", "uphold"))]
    assert shown >= set(told["at"])
    assert set(told.move) == {"submit", "take", "uphold"}


def _programs_read(replay: Replay, said: dict[int, str]) -> None:
    """The other shop's program reads each decision, its words and its time; of what was asked about there is none."""
    with tenancy.platform():
        times = dict(replay_count.table("SELECT claim_id, at FROM claims_decision").itertuples(index=False, name=None))
    for each in replay.filed:
        read = replay.programs[each.merchant].get(f"/api/v1/claims/{each.claim}").raise_for_status().json()
        if said[each.claim] == "ASKED":
            assert (read["status"], read["decision"]) == ("AWAITING_EVIDENCE", None)
            continue
        decision = read["decision"]
        assert (read["status"], decision["result"]) == (said[each.claim], said[each.claim])
        assert decision["note"] == NOTES[said[each.claim]]
        assert datetime.fromisoformat(decision["at"]) == datetime.fromisoformat(read["decided_at"]) == times[each.claim]


def _swept() -> None:
    """The worker runs every sweep of the desk; the folded counts of the queues say what lies there."""
    tasks = {str(each["task"]) for each in CLAIMS.values()}
    _tick(*tasks)
    wanted = {name.rsplit(".", 1)[-1] for name in tasks}
    until(lambda: {each.rsplit(".", 1)[-1] for each in _heard()} >= wanted, seconds=60)
    with tenancy.platform():
        lanes = replay_count.table("SELECT lane, change FROM claims_lanecount WHERE change <> 0")
    assert list(lanes.itertuples(index=False, name=None)) == [("WAITING", 1)]


def _tick(*names: str) -> None:
    """What beat sends each minute."""
    with app.connection_for_write() as broker:
        for name in names:
            app.send_task(name, connection=broker)


def _rows_of(table: Locator) -> list[list[str]]:
    return [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]


def _counted(rows: Any) -> int:
    with tenancy.platform():
        return int(rows.all().count())


def _kind(case: int | None) -> str:
    with tenancy.platform():
        return Claim.objects.values_list("kind_code", flat=True).get(pk=case or 0)


def _blocked() -> int:
    with connection.cursor() as cursor:
        cursor.execute(BLOCKED)
        return int(cursor.fetchone()[0])


def _heard() -> list[str]:
    return list(Heartbeat.objects.values_list("name", flat=True))
