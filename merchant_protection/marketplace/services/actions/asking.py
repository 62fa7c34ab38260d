"""Ask the selling platform for an absolute state of one target, within what switches, budgets and modes allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import waking
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.lifecycle import SENDING_ACTIONS, ActionStatus
from merchant_protection.marketplace.models import ActionTarget, BudgetUse, PlatformAction
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.queries import guards, platforms
from merchant_protection.marketplace.rules import wishes
from merchant_protection.marketplace.rules.wishes import VERBS, Mode, Purse, Wish
from merchant_protection.marketplace.services import budgets
from merchant_protection.marketplace.services.actions import moving

Review = PlatformAction.Review
RECONCILE_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class _Judged:
    """Whether an action may be sent, or why it waits for a person."""

    review: str = ""
    exhausted: BudgetUse | None = None


@transaction_required
def ask(wish: Wish, *, mode: str, actor: Actor, at: datetime) -> PlatformAction:
    """Ask for a state on behalf of a rule, in the transaction of the rule's own decision.

    The action that is returned is AUTHORISED, NEEDS_REVIEW (see `review_reason`) or SHADOW. What is
    already wanted, or already so, is returned as it is: asking twice is asking once.
    """
    check(wish)
    if mode == Mode.SHADOW:
        return _shadow(wish, actor=actor, at=at)
    if mode not in (Mode.AUTO, Mode.APPROVE):
        raise Invalid(fields={"mode": [_("There is no such mode.")]})
    verb = VERBS[wish.verb]
    spending = budgets.Spending(
        wish.merchant_id, feature=wish.feature, rule=wish.rule, purse=verb.purse, kind=verb.kind, at=at
    )
    uses = budgets.queue_up(spending) if mode == Mode.AUTO else []
    target = lock_target(wish, at=at)
    if wish.is_adding:
        wish = wishes.adding(wish, [target.desired, *(each.value for each in queries.open_of(target))])
    same = already(target, wish, queries.open_of(target), by_person=False)
    if same is not None:
        return same
    judged = _judge(wish, target, mode=mode, uses=uses)
    action = write(wish, target, review=judged.review, is_automatic=True, actor=actor, at=at)
    if judged.exhausted is not None:
        budgets.trip(judged.exhausted, spending)
    elif judged.review:
        moving.tell(action, "action.review", at=at)
    return action


@transaction
def ask_by_person(wish: Wish, *, actor: Actor, at: datetime) -> PlatformAction:
    """Ask for a state by hand: no budget counts, the kill switches do, and a latch gives way."""
    require(policies.can_decide(actor, wish.merchant_id))
    return person_wants(wish, actor=actor, at=at)


@transaction_required
def person_wants(wish: Wish, *, actor: Actor, at: datetime) -> PlatformAction:
    """Ask for a state because a person decided so, inside the command of that decision."""
    check(wish)
    require_no_switch(wish)
    target = lock_target(wish, at=at)
    same = already(target, wish, queries.open_of(target), by_person=True)
    if same is not None:
        return same
    action = write(wish, target, review="", is_automatic=False, actor=actor, at=at)
    audit.record(
        actor=actor,
        action="action.asked",
        at=at,
        merchant_id=wish.merchant_id,
        subject_kind="action",
        subject_id=action.pk,
        after={"verb": wish.verb, "ref": wish.ref, "value": action.value},
        reason=wish.reason,
    )
    return action


@transaction_required
def write(
    wish: Wish, target: ActionTarget, *, review: str, is_automatic: bool, actor: Actor, at: datetime
) -> PlatformAction:
    """Write an action on a locked target: it takes the place of what was open there, and raises the generation."""
    for earlier in queries.open_of(target):
        # A wish that has to wait leaves alone what is already on its way.
        if not review or earlier.status == ActionStatus.NEEDS_REVIEW:
            moving.move(earlier, "supersede", actor=actor, at=at)
    action = build(wish, target, review=review, is_automatic=is_automatic, actor=actor, at=at)
    target.save()
    action.save(force_insert=True)
    moving.note(action, "ask", actor=actor, at=at, text=wish.reason)
    waking.wake()
    return action


def build(
    wish: Wish, target: ActionTarget, *, review: str, is_automatic: bool, actor: Actor, at: datetime
) -> PlatformAction:
    """Return the action of a wish and let its target want it; the caller writes both."""
    target.desired_generation += 1
    target.updated_at = at
    action = PlatformAction(
        **_facts(wish, actor=actor, at=at),
        target=target,
        undo=wish.undo if wish.undo is not None else _before(target, wish),
        desired_generation=target.desired_generation,
        idempotency_key=wishes.idempotency_key(
            merchant_id=wish.merchant_id,
            kind=target.kind,
            ref=target.ref,
            aspect=target.aspect,
            verb=wish.verb,
            generation=target.desired_generation,
        ),
        status=ActionStatus.NEEDS_REVIEW if review else ActionStatus.AUTHORISED,
        review_reason=review,
        is_automatic=is_automatic,
        due_at=None if review else at,
    )
    if not review:
        want(target, action, at=at)
    return action


def want(target: ActionTarget, action: PlatformAction, *, at: datetime, is_latched: bool | None = None) -> None:
    """Let an authorised action's state be what is wanted of its target (the caller saves the target)."""
    target.desired = action.value
    target.is_latched = action.is_latching if is_latched is None else is_latched
    target.release_at = at + action.release_after if action.release_after else None
    target.reconcile_at = at + RECONCILE_EVERY


@transaction_required
def lock_target(wish: Wish, *, at: datetime) -> ActionTarget:
    """Return the target of a wish, locked; it is made when it is first wished for."""
    verb = VERBS[wish.verb]
    name = {"merchant_id": wish.merchant_id, "kind": verb.kind, "ref": wish.ref, "aspect": verb.aspect}
    target = ActionTarget.objects.select_for_update().filter(**name).first()
    if target is None:
        platform = platforms.of_merchant(wish.merchant_id, platform_id=wish.platform_id)
        ActionTarget.objects.bulk_create(
            [ActionTarget(**name, platform=platform, updated_at=at)], ignore_conflicts=True
        )
        target = ActionTarget.objects.select_for_update().get(**name)
    return target


def require_decider(actor: Actor, merchant_id: int) -> None:
    """Refuse unless the actor decides what is asked of the platform for this shop."""
    require(policies.can_decide(actor, merchant_id))


def require_no_switch(wish: Wish) -> None:
    """Refuse while a kill switch is on."""
    switch = guards.stopped_by(wish.merchant_id, rules=switch_names(wish.feature, wish.rule, wish.verb))
    if switch is not None:
        raise Conflict(_("A kill switch is on: %(reason)s") % {"reason": switch.reason})


def switch_names(feature: str, rule: str, verb: str) -> list[str]:
    """Return the names by which an action can be switched off: its feature, its rule, holding a shop's orders."""
    own = ["shop_holds"] if VERBS[verb].purse == Purse.SHOP_HOLDS else []
    return [feature, wishes.rule_key(feature, rule), *own] if rule else [feature, *own]


def check(wish: Wish) -> None:
    """Refuse a wish that names nothing, or asks for what its verb does not take."""
    found = wishes.faults(wish)
    if found:
        raise Invalid(_("This cannot be asked of the platform."), fields=found)


def already(
    target: ActionTarget, wish: Wish, found: Sequence[PlatformAction], *, by_person: bool
) -> PlatformAction | None:
    """Return the action that already says this among those open on the target, if nothing needs to be written."""
    for action in found:
        says_so = wishes.same_state(action.value, wish.state)
        if says_so and (action.status in SENDING_ACTIONS or not by_person):
            return action
    is_on_its_way = any(action.status in SENDING_ACTIONS for action in found)
    is_wanted = wishes.same_state(target.desired, wish.state)
    if is_wanted and wishes.same_state(target.actual, wish.state) and not is_on_its_way:
        return queries.latest_of(target)
    return None


def _judge(wish: Wish, target: ActionTarget, *, mode: str, uses: list[BudgetUse] | None) -> _Judged:
    if guards.stopped_by(wish.merchant_id, rules=switch_names(wish.feature, wish.rule, wish.verb)):
        return _Judged(Review.SWITCH)
    purse = VERBS[wish.verb].purse
    is_shop_hold = purse == Purse.SHOP_HOLDS
    if not is_shop_hold and guards.is_paused(wish.merchant_id, feature=wish.feature, rule=wish.rule, purse=purse):
        return _Judged(Review.PAUSE)
    if target.is_latched and not wishes.same_state(target.desired, wish.state):
        is_wider = is_shop_hold and _widens(target.desired, wish.state)
        if not is_wider:
            return _Judged(Review.LATCH)
    if mode == Mode.APPROVE:
        return _Judged(Review.APPROVAL)
    if uses is None:
        return _Judged(Review.NO_BUDGET)
    if is_shop_hold and isinstance(target.desired, dict):
        return _Judged()  # one action for one shop: further listings of the same hold cost nothing
    exhausted = budgets.spend(uses)
    return _Judged(f"BUDGET_{exhausted.scope}", exhausted) if exhausted else _Judged()


def _widens(held: Any, wanted: Any) -> bool:
    return wishes.held_skus(held) <= wishes.held_skus(wanted)


def _shadow(wish: Wish, *, actor: Actor, at: datetime) -> PlatformAction:
    """Write what would have been asked, once for each rule version and cause; nothing else changes."""
    target = lock_target(wish, at=at)
    key = wishes.shadow_key(wish, generation=target.desired_generation)
    known = queries.shadow(wish.merchant_id, key)
    if known is not None:
        return known
    action = PlatformAction.objects.create(
        **_facts(wish, actor=actor, at=at),
        target=target,
        undo=_before(target, wish),
        desired_generation=target.desired_generation,
        idempotency_key=key,
        status=ActionStatus.SHADOW,
    )
    moving.note(action, "ask", actor=actor, at=at, text=wish.reason)
    return action


def _facts(wish: Wish, *, actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "merchant_id": wish.merchant_id,
        "verb": wish.verb,
        "value": wish.state,
        "feature": wish.feature,
        "rule": wish.rule,
        "rule_version": wish.rule_version[:40],
        "cause": wish.cause[:120],
        "reason": wish.reason[:300],
        "is_latching": wish.is_latched,
        "release_after": wish.release_after,
        "decided_at": at,
        "judged_at": at,
        "expires_at": wish.expires_at,
        "actor_name": actor.name[:200],
    }


def _before(target: ActionTarget, wish: Wish) -> Any:
    known = target.desired if target.desired is not None else target.actual
    return known if known is not None else wishes.DEFAULTS.get(VERBS[wish.verb].aspect)
