"""Draws with equal odds (抽签): the seed committed before entries open, revealed after they close."""

import logging
import secrets
from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import crypto, masking
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.services import telling
from scalper_policies import policies
from scalper_policies.lifecycle import DRAW_MOVES, DrawStatus
from scalper_policies.models import Draw, DrawEntry
from scalper_policies.queries import draws as queries
from scalper_policies.rules import draw as rules

logger = logging.getLogger(__name__)
MOST_PLACES = 1_000_000
MOST_RECOMPUTED = 100_000  # entries that are gone through while somebody waits for the page
SHOWN = 100


@transaction
def commit(
    *,
    actor: Actor,
    merchant_id: int,
    name: str,
    places: int,
    opens_at: datetime,
    closes_at: datetime,
    at: datetime,
    policy_id: int | None = None,
) -> Draw:
    """Begin a draw: a seed is made and sealed, and only its commitment is published.

    The draw of a policy whose sale mode is a draw decides who may buy under it.
    """
    require(policies.can_write(actor, merchant_id))
    _require_sound(merchant_id, name.strip(), places, opens_at, closes_at, policy_id=policy_id, at=at)
    seed = secrets.token_bytes(rules.SHORTEST_SEED)
    draw = Draw.objects.create(
        merchant_id=merchant_id,
        policy_id=policy_id,
        decides=policy_id is not None,
        name=name.strip()[:120],
        places=places,
        commitment=rules.commitment(seed),
        seed_sealed=crypto.seal(seed.hex()),
        opens_at=opens_at,
        closes_at=closes_at,
        created_at=at,
        created_by=actor.name[:200],
    )
    audit.record(
        actor=actor,
        action="draw.committed",
        at=at,
        merchant_id=merchant_id,
        subject_kind="draw",
        subject_id=draw.pk,
        after={"commitment": draw.commitment, "places": places, "policy": policy_id},
    )
    return draw


def _require_sound(
    merchant_id: int,
    name: str,
    places: int,
    opens_at: datetime,
    closes_at: datetime,
    *,
    policy_id: int | None,
    at: datetime,
) -> None:
    faults: dict[str, list[str]] = {}
    if not name:
        faults["name"] = [_("Give it a name.")]
    elif Draw.objects.filter(merchant_id=merchant_id, name=name[:120]).exists():
        faults["name"] = [_("There is a draw of this name already.")]
    if not 1 <= places <= MOST_PLACES:
        faults["places"] = [_("A draw has at least one place.")]
    if not at <= opens_at < closes_at:
        faults["closes_at"] = [_("Entries open from now on, and close after that.")]
    if policy_id is not None and not queries.policies_of(merchant_id).filter(pk=policy_id).exists():
        faults["policy_id"] = [_("There is no such policy.")]
    if faults:
        raise Invalid(fields=faults)


@transaction
def enter(*, actor: Actor, draw_id: int, buyer: str, at: datetime) -> str:
    """Take a buyer's entry while entries are open and return its name; entering twice is entering once."""
    draw = queries.lock(draw_id)
    require(policies.can_ask(actor))
    if draw.status != DrawStatus.COMMITTED or not draw.opens_at <= at < draw.closes_at:
        raise Conflict(_("Entries are not open now."))
    entry = DrawEntry(
        merchant_id=draw.merchant_id,
        draw=draw,
        entry=crypto.keyed_hash("buyer", buyer),
        shown=masking.masked(buyer),
        at=at,
    )
    DrawEntry.objects.bulk_create([entry], ignore_conflicts=True)
    return entry.entry


@transaction
def cancel(*, actor: Actor, draw_id: int, at: datetime) -> Draw:
    """Call a draw off while entries are open."""
    draw = queries.lock(draw_id)
    require(policies.can_write(actor, draw.merchant_id))
    draw.status = target_of(DRAW_MOVES, "cancel", draw.status)
    draw.save(update_fields=["status"])
    audit.record(
        actor=actor,
        action="draw.cancelled",
        at=at,
        merchant_id=draw.merchant_id,
        subject_kind="draw",
        subject_id=draw.pk,
    )
    return draw


def draw_due(*, now: datetime) -> int:
    """Close the entries whose time has come, publish their digest, then reveal the seed; return how many were drawn."""
    done = 0
    for draw_id in queries.due(now):
        try:
            _close(draw_id=draw_id, now=now)
            done += _reveal(draw_id=draw_id, now=now)
        except Exception:
            logger.exception("Draw %s could not be drawn", draw_id)
    for draw_id in queries.unchecked():
        try:
            _check(draw_id=draw_id, now=now)
        except Exception:
            logger.exception("Draw %s could not be recomputed", draw_id)
    return done


@transaction
def recompute(*, actor: Actor, draw_id: int, at: datetime) -> Draw:
    """Work a draw out once more from its seed and entries, and keep what came out and when.

    Of more entries than can be gone through while somebody waits, the command does it from the file of entries.
    """
    draw = queries.lock(draw_id)
    require(policies.can_write(actor, draw.merchant_id))
    if draw.status != DrawStatus.REVEALED:
        raise Conflict(_("This draw is not drawn yet."))
    if (draw.entries_count or 0) > MOST_RECOMPUTED:
        raise Conflict(_("There are too many entries to recompute here. Take the entries and use the command."))
    _work_out(draw, at=at)
    audit.record(
        actor=actor,
        action="draw.recomputed",
        at=at,
        merchant_id=draw.merchant_id,
        subject_kind="draw",
        subject_id=draw.pk,
        after={"is_sound": draw.is_sound, "entries": draw.entries_count},
    )
    return draw


@transaction
def _close(*, draw_id: int, now: datetime) -> None:
    draw = queries.lock(draw_id)
    if draw.status != DrawStatus.COMMITTED or draw.closes_at > now:
        return
    draw.status = target_of(DRAW_MOVES, "close", draw.status)
    entries = list(queries.entries_of(draw).values_list("entry", flat=True))
    draw.entries_digest, draw.entries_count = rules.entries_digest(entries), len(entries)
    draw.save(update_fields=["status", "entries_digest", "entries_count"])


@transaction
def _reveal(*, draw_id: int, now: datetime) -> bool:
    draw = queries.lock(draw_id)
    if draw.status != DrawStatus.CLOSED:
        return False
    draw.status = target_of(DRAW_MOVES, "reveal", draw.status)
    draw.seed = crypto.unseal(draw.seed_sealed)
    draw.revealed_at = now
    draw.save(update_fields=["status", "seed", "revealed_at"])
    _work_out(draw, at=now)
    telling.queue(
        merchant_id=draw.merchant_id,
        kind="draw.drawn",
        at=now,
        params={"name": draw.name},
        path=f"/m/scalper-policies/draws/{draw.pk}/",
        subject_id=draw.pk,
        dedupe_key=f"draw-{draw.pk}",
    )
    return True


@transaction
def _check(*, draw_id: int, now: datetime) -> None:
    draw = queries.lock(draw_id)
    if draw.status == DrawStatus.REVEALED and draw.checked_at is None:
        _work_out(draw, at=now)


@transaction_required
def _work_out(draw: Draw, *, at: datetime) -> None:
    """Keep who won, the first hundred by name, with the proof: seed and entries are those that were committed."""
    shown = dict(queries.entries_of(draw).values_list("entry", "shown"))
    seed = bytes.fromhex(draw.seed)
    found = rules.outcome(seed, draw.name, shown, draw.places, committed=draw.commitment, digest=draw.entries_digest)
    draw.winners = [[entry, shown[entry]] for entry in found.winners[:SHOWN]]
    draw.last_ticket, draw.entries_count = found.last_ticket, found.number
    draw.is_sound, draw.checked_at = found.is_sound, at
    draw.save(update_fields=["winners", "last_ticket", "entries_count", "is_sound", "checked_at"])
