"""Draws: committed before entries open, closed, revealed after; recomputed by anybody from what was published."""

import csv
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from merchant_protection.notices.models import Notice
from scalper_policies.models import Draw, DrawEntry
from scalper_policies.rules import draw as rules
from scalper_policies.services import draws
from tests.factories.scalper_policies import DrawFactory
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import CLOCK, buyer_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]
HOUR = timedelta(hours=1)


@pytest.fixture
def draw(merchant: Persona, now: datetime) -> Draw:
    return draws.commit(
        actor=merchant.actor,
        merchant_id=merchant.shop.pk,
        name="限量首发",
        places=3,
        opens_at=now + HOUR,
        closes_at=now + 2 * HOUR,
        at=now,
    )


def enter(draw: Draw, *buyers: str, at: datetime) -> None:
    for buyer in buyers:
        draws.enter(actor=CLOCK, draw_id=draw.pk, buyer=buyer, at=at)


def test_the_seed_is_sealed_until_entries_have_closed_and_then_gives_the_winners(
    draw: Draw, now: datetime, tmp_path: Path
) -> None:
    enter(draw, *(f"b{index}" for index in range(20)), "b1", at=now + HOUR)
    assert draws.draw_due(now=now + HOUR) == 0
    draw.refresh_from_db()
    assert (draw.seed, draw.entries_digest) == ("", "")

    assert draws.draw_due(now=now + 2 * HOUR) == 1
    assert draws.draw_due(now=now + 3 * HOUR) == 0

    draw.refresh_from_db()
    entries = [buyer_key(f"b{index}") for index in range(20)]
    seed = bytes.fromhex(draw.seed)
    assert rules.is_seed_of(seed, draw.commitment)
    assert rules.entries_digest(entries) == draw.entries_digest
    assert DrawEntry.objects.count() == 20
    assert Notice.objects.get().kind == "draw.drawn"
    assert recomputed(draw, entries, tmp_path) == rules.winners(seed, draw.name, entries, 3)
    with pytest.raises(CommandError):
        recomputed(draw, entries[:-1], tmp_path)
    with pytest.raises(CommandError):
        recomputed(draw, entries, tmp_path, seed="22" * 32)


def recomputed(draw: Draw, entries: list[str], folder: Path, *, seed: str = "") -> list[str]:
    """The winners by the command, which knows nothing but what was published."""
    path = folder / "entries.csv"
    path.write_text("entry,buyer\n" + "".join(f"{entry},x\n" for entry in entries))
    out = StringIO()
    call_command(
        "recompute_draw",
        *(seed or draw.seed, draw.name, str(path)),
        places=draw.places,
        commitment=draw.commitment,
        digest=draw.entries_digest,
        stdout=out,
    )
    return [row[1] for row in csv.reader(out.getvalue().splitlines())]


@pytest.mark.parametrize("minutes", [0, 59, 120, 500])
def test_entries_are_taken_only_while_they_are_open(draw: Draw, now: datetime, minutes: int) -> None:
    with pytest.raises(Conflict):
        enter(draw, "b", at=now + timedelta(minutes=minutes))

    assert not DrawEntry.objects.exists()


def test_a_draw_that_cannot_be_is_refused(merchant: Persona, rival: Persona, draw: Draw, now: datetime) -> None:
    given = {"merchant_id": merchant.shop.pk, "at": now, "opens_at": now, "closes_at": now + HOUR}
    for change, field in (
        ({"name": " ", "places": 1}, "name"),
        ({"name": draw.name, "places": 1}, "name"),
        ({"name": "x", "places": 0}, "places"),
        ({"name": "x", "places": 1, "closes_at": now}, "closes_at"),
        ({"name": "x", "places": 1, "opens_at": now - HOUR}, "closes_at"),
    ):
        with pytest.raises(Invalid) as refused:
            draws.commit(actor=merchant.actor, **given | change)
        assert list(refused.value.fields) == [field]
    with pytest.raises(NotAllowed):
        draws.commit(actor=rival.actor, name="x", places=1, **given)
    assert Draw.objects.count() == 1


def test_a_draw_is_called_off_before_it_closes_and_not_after(merchant: Persona, draw: Draw, now: datetime) -> None:
    draws.draw_due(now=now + 2 * HOUR)

    with pytest.raises(Conflict):
        draws.cancel(actor=merchant.actor, draw_id=draw.pk, at=now)


def test_what_came_out_is_kept_with_its_proof_and_worked_out_again_when_asked(
    merchant: Persona, draw: Draw, now: datetime
) -> None:
    enter(draw, *(f"b{index}" for index in range(9)), at=now + HOUR)
    with pytest.raises(Conflict):
        draws.recompute(actor=merchant.actor, draw_id=draw.pk, at=now)
    draws.draw_due(now=now + 2 * HOUR)
    draw.refresh_from_db()
    entries = dict(DrawEntry.objects.values_list("entry", "shown"))
    won = rules.winners(bytes.fromhex(draw.seed), draw.name, entries, 3)
    kept = [[entry, entries[entry]] for entry in won]
    assert (draw.winners, draw.entries_count, draw.is_sound, draw.checked_at) == (kept, 9, True, now + 2 * HOUR)

    again = draws.recompute(actor=merchant.actor, draw_id=draw.pk, at=now + 3 * HOUR)

    assert (again.winners, again.is_sound, again.checked_at) == (kept, True, now + 3 * HOUR)
    Draw.objects.filter(pk=draw.pk).update(entries_digest="0" * 64)  # as if a name had been added since
    assert draws.recompute(actor=merchant.actor, draw_id=draw.pk, at=now + 4 * HOUR).is_sound is False


def test_more_entries_than_a_page_can_wait_for_are_left_to_the_command(
    merchant: Persona, rival: Persona, draw: Draw, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(draw, "a", "b", at=now + HOUR)
    draws.draw_due(now=now + 2 * HOUR)
    monkeypatch.setattr(draws, "MOST_RECOMPUTED", 1)

    with pytest.raises(Conflict):
        draws.recompute(actor=merchant.actor, draw_id=draw.pk, at=now + 3 * HOUR)
    with pytest.raises(NotAllowed):
        draws.recompute(actor=rival.actor, draw_id=draw.pk, at=now + 3 * HOUR)

    draw.refresh_from_db()
    assert draw.checked_at == now + 2 * HOUR


def test_draws_of_before_are_worked_out_once_by_the_sweep_and_one_that_fails_holds_up_no_other(
    merchant: Persona, draw: Draw, now: datetime
) -> None:
    enter(draw, "a", "b", at=now + HOUR)
    draws.draw_due(now=now + 2 * HOUR)
    broken = DrawFactory(merchant=merchant.shop, status="REVEALED", seed="no seed", revealed_at=now)
    Draw.objects.filter(pk=draw.pk).update(checked_at=None, is_sound=None, entries_count=None, winners=[])

    draws.draw_due(now=now + 3 * HOUR)
    draws.draw_due(now=now + 4 * HOUR)

    draw.refresh_from_db()
    broken.refresh_from_db()
    assert (draw.checked_at, draw.entries_count, len(draw.winners)) == (now + 3 * HOUR, 2, 2)
    assert broken.checked_at is None
