"""Operations edit the queues and the routing table; open cases follow a change where that is wanted."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import Queue, RoutingRule
from claims.queries import claims as claim_queries
from claims.queries import desk
from claims.queries import routes as queries
from claims.rules import routing
from claims.services import moving
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Invalid, NotFound, Refusal, require
from merchant_protection.foundation.transactions import transaction

logger = logging.getLogger(__name__)
LOOKED_AT = 500
FACTS = (
    *("queue_id", "position", "kinds", "tiers", "languages", "amount_from", "amount_below", "risk_from"),
    *("skills", "priority", "is_active"),
)


@transaction
def put_rule(*, name: str, actor: Actor, at: datetime, **facts: Any) -> RoutingRule:
    """Write a line of the routing table; one that no complaint could ever reach, or that hides another, is refused."""
    require(policies.can_configure(actor))
    if not name.strip():
        raise Invalid(fields={"name": [_("Give the rule a name.")]})
    name = name.strip()
    _require_sound(facts)
    _require_reachable(queries.table_with(name, facts))
    old = RoutingRule.objects.select_for_update().filter(name=name).first()
    before = {fact: getattr(old, fact) for fact in FACTS} if old else {}
    row, _created = RoutingRule.objects.update_or_create(name=name, defaults=facts)
    _note(actor, "desk.rule_put", name, at=at, before=before, after={fact: getattr(row, fact) for fact in FACTS})
    return row


@transaction
def move_rule(*, name: str, up: bool, actor: Actor, at: datetime) -> None:
    """Let a line of the routing table be tried one place earlier or later."""
    require(policies.can_configure(actor))
    rows = queries.table()
    place = next((place for place, row in enumerate(rows) if row.name == name), None)
    if place is None:
        raise NotFound
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for position, row in enumerate(rows):
        row.position = position
    _require_reachable([desk.as_rule(row) for row in rows if row.is_active and row.queue.is_active])
    RoutingRule.objects.bulk_update(rows, ["position"])
    _note(actor, "desk.rule_moved", name, at=at, after={"order": [row.name for row in rows]})


@transaction
def put_queue(*, code: str, actor: Actor, at: datetime, **facts: Any) -> Queue:
    """Write a queue; one takes what no rule takes, and one in which cases lie stays in use."""
    require(policies.can_configure(actor))
    row = Queue.objects.select_for_update().filter(code=code).first() or Queue(code=code)
    was_default = row.is_default
    for name, value in facts.items():
        setattr(row, name, value)
    if row.is_default and not row.is_active:
        raise Invalid(fields={"is_active": [_("What no rule takes comes here: let another queue take it first.")]})
    if was_default and not row.is_default:
        raise Invalid(fields={"is_default": [_("Say of another queue that it takes what no rule takes.")]})
    if row.pk and not row.is_active and (lying := queries.lies_in(row)):
        raise Invalid(fields={"is_active": [_("%(count)d open cases lie here. Move them first.") % {"count": lying}]})
    if row.is_default:
        Queue.objects.filter(is_default=True).exclude(pk=row.pk).update(is_default=False)
    row.save()
    _note(actor, "desk.queue_put", code, at=at, after={name: str(value) for name, value in facts.items()})
    return row


def preview_rule(*, name: str, actor: Actor, **facts: Any) -> tuple[int, list[queries.Moved]]:
    """Show which open cases a changed line would move; nothing is written."""
    require(policies.can_configure(actor))
    _require_sound(facts)
    rules = queries.table_with(name, facts)
    _require_reachable(rules)
    return queries.would_move(rules, at_most=LOOKED_AT)


def follow(*, actor: Actor, at: datetime) -> int:
    """Send the open cases that nobody has to where the table in force sends them; return how many moved.

    Each is looked at again under its own lock; its clocks stay as they are.
    """
    require(policies.can_configure(actor))
    _looked_at, moved = queries.would_move(desk.rules(), at_most=LOOKED_AT)
    done = 0
    for each in moved:
        try:
            done += _follow(claim_id=each.claim.pk, actor=actor, at=at)
        except Refusal:
            logger.exception("Could not route complaint %s anew", each.claim.pk)
    return done


@transaction
def _follow(*, claim_id: int, actor: Actor, at: datetime) -> bool:
    claim = claim_queries.lock(claim_id)
    if claim.status != lifecycle.SUBMITTED or claim.reviewer_id is not None:
        return False
    found = queries.found_for(claim)
    before = claim.queue.code if claim.queue else ""
    if before == found.queue:
        return False
    queue = Queue.objects.get(code=found.queue)
    moving.change(
        claim,
        at=at,
        queue=queue,
        routed_by=found.rule or "",
        priority=found.priority,
        skills=sorted(found.skills),
    )
    audit.record(
        actor=actor,
        action="claim.routed",
        at=at,
        merchant_id=claim.merchant_id,
        subject_kind="claim",
        subject_id=claim.pk,
        before={"queue": before},
        after={"queue": found.queue, "rule": found.rule},
    )
    return True


def _require_sound(facts: dict[str, Any]) -> None:
    least, most = facts.get("amount_from"), facts.get("amount_below")
    if least is not None and most is not None and least >= most:
        raise Invalid(fields={"amount_below": [_("Enter more than the amount from which it begins.")]})


def _require_reachable(rules: Sequence[routing.Rule]) -> None:
    """Refuse a table in which a line lost its last complaint to another that stands above it."""
    before = dict(routing.unreachable(desk.rules()))
    for hidden, above in routing.unreachable(rules):
        if before.get(hidden) != above:
            words = _("No complaint could reach “%(rule)s”: “%(above)s” above it takes them all.")
            raise Invalid(fields={"position": [words % {"rule": hidden, "above": above}]})


def _note(
    actor: Actor,
    action: str,
    subject: str,
    *,
    at: datetime,
    after: dict[str, Any],
    before: dict[str, Any] | None = None,
) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        subject_kind="routing",
        subject_id=subject,
        before=_plain(before or {}),
        after=_plain(after),
    )


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, Sequence | bool | int | None) else str(value) for name, value in facts.items()
    }
