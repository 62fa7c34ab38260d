"""Take back what was asked: one action, or all that a rule brought about in the last hours."""

import logging
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, Refusal, require
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.lifecycle import SENDING_ACTIONS, ActionStatus
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.rules import wishes
from merchant_protection.marketplace.rules.wishes import VERBS, Wish
from merchant_protection.marketplace.services import switches
from merchant_protection.marketplace.services.actions import asking, deciding

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Undone:
    """What undoing a rule came to."""

    undone: int = 0
    declined: int = 0
    left: int = 0


@transaction
def undo(*, action_id: int, actor: Actor, at: datetime, note: str = "") -> PlatformAction:
    """Set a target back to what it was before an action, unless something newer was asked since."""
    action = queries.lock(action_id)
    require(policies.can_decide(actor, action.merchant_id))
    return _set_back(action, action.undo, actor=actor, at=at, reason=note)


def undo_rule_since(
    *, merchant_id: int, feature: str, rule: str, since: datetime, actor: Actor, at: datetime, reason: str = ""
) -> Undone:
    """Pause a rule and take back all it brought about in a shop since a moment.

    Each target goes back to what it was before the rule first touched it. What waited for a person
    is declined. Targets that something newer was asked of are left, and counted.
    """
    require(policies.can_decide(actor, merchant_id))
    switches.pause_rule(merchant_id=merchant_id, feature=feature, rule=rule, actor=actor, at=at, reason=reason)
    found = queries.of_rule_since(merchant_id, feature=feature, rule=rule, since=since)
    undone = declined = left = 0
    for _target, ids in groupby(found, key=lambda pair: pair[0]):
        newest_first = [action_id for _target_id, action_id in ids]
        try:
            name = _undo_target(newest_first, actor=actor, at=at, reason=reason)
        except Refusal:
            left += 1
        except Exception:
            logger.exception("Could not undo action %s", newest_first[0])
            left += 1
        else:
            undone, declined = undone + (name == "undo"), declined + (name == "decline")
    return Undone(undone=undone, declined=declined, left=left)


def _undo_target(newest_first: list[int], *, actor: Actor, at: datetime, reason: str) -> str:
    newest = queries.find(newest_first[0])
    if newest.status == ActionStatus.NEEDS_REVIEW:
        deciding.decline(action_id=newest.pk, actor=actor, at=at, note=reason)
        newest_first = newest_first[1:]
        if not newest_first:
            return "decline"
    _undo_to_first(newest_first, actor=actor, at=at, reason=reason)
    return "undo"


@transaction
def _undo_to_first(newest_first: list[int], *, actor: Actor, at: datetime, reason: str) -> PlatformAction:
    action = queries.lock(newest_first[0])
    before = queries.find(newest_first[-1]).undo
    return _set_back(action, before, actor=actor, at=at, reason=reason)


def _set_back(action: PlatformAction, state: Any, *, actor: Actor, at: datetime, reason: str) -> PlatformAction:
    if action.status not in (*SENDING_ACTIONS, ActionStatus.CONFIRMED):
        raise Conflict(_("This action changed nothing that could be undone."))
    if state is None:
        raise Conflict(_("What it was before is not known."))
    if not wishes.same_state(action.target.desired, action.value):
        raise Conflict(_("Something newer was asked since."))
    latest = queries.latest_wanted(action.target)
    if latest is None or latest.pk != action.pk:
        raise Conflict(_("Something newer was asked since."))
    kind, aspect = action.target.kind, action.target.aspect
    verb = wishes.verb_for(kind, aspect, state)
    wish = Wish(
        merchant_id=action.merchant_id,
        verb=verb,
        ref=action.target.ref,
        feature=action.feature,
        rule=action.rule,
        rule_version=action.rule_version,
        cause=action.cause,
        reason=reason or f"undo {action.pk}",
        value=state if VERBS[verb].value is None else None,
        undo=action.value,
        release_after=wishes.LONGEST_HOLD if verb == "hold_order" else None,
    )
    return asking.person_wants(wish, actor=actor, at=at)
