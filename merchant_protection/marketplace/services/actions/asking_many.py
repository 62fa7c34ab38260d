"""Ask for states of many targets at once: judged as one by one, in as many statements as for one."""

from collections.abc import Sequence
from datetime import datetime

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import waking
from merchant_protection.foundation.errors import Invalid
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.lifecycle import ActionStatus
from merchant_protection.marketplace.models import ActionEvent, ActionTarget, BudgetUse, PlatformAction
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.queries import guards, platforms
from merchant_protection.marketplace.rules import wishes
from merchant_protection.marketplace.rules.wishes import VERBS, Purse, Wish
from merchant_protection.marketplace.services import budgets
from merchant_protection.marketplace.services.actions import asking, moving

Review = PlatformAction.Review
WANTED = ("desired", "is_latched", "release_at", "reconcile_at", "desired_generation", "updated_at")
type Named = tuple[str, str, str]


@transaction_required
def ask_many(wanted: Sequence[Wish], *, actor: Actor, at: datetime) -> list[PlatformAction | None]:
    """Ask for one state of each of many targets, on behalf of one rule that acts by itself, in the order given.

    The wishes share shop, rule and purse. Each gets what `asking.ask` would give it, up to the first
    that has to wait for a switch, a pause or a budget; the rest are not asked at all (None). A target
    that is named twice is asked once.
    """
    for wish in wanted:
        asking.check(wish)
    first, purse = _shared(wanted)
    spending = budgets.Spending(
        first.merchant_id, feature=first.feature, rule=first.rule, purse=purse, kind=VERBS[first.verb].kind, at=at
    )
    uses = budgets.queue_up(spending)
    targets = _lock_targets(wanted, at=at)
    there = queries.open_among(first.merchant_id, targets.values())
    same = {
        name: asking.already(targets[name], wish, there[targets[name].pk], by_person=False)
        for name, wish in _by_target(wanted).items()
    }
    fresh = {name: wish for name, wish in _by_target(wanted).items() if same[name] is None}
    latched = {name for name, wish in fresh.items() if _is_latched(targets[name], wish)}
    blocked = _blocked(first, purse) or (Review.NO_BUDGET if uses is None else "")
    spending_count = 0 if blocked else len(fresh) - len(latched)
    granted, exhausted = budgets.spend_up_to(uses, spending_count) if uses and spending_count else (0, None)
    stops_with = blocked or (f"BUDGET_{exhausted.scope}" if exhausted else "")
    reviews = _reviews(fresh, latched, granted=granted, stops_with=stops_with)
    made = _write(reviews, fresh, targets, there, actor=actor, at=at)
    _tell(made, spending, exhausted, at=at)
    return _answers(wanted, same, made, reviews)


def _shared(wanted: Sequence[Wish]) -> tuple[Wish, str]:
    whose = {(one.merchant_id, one.feature, one.rule, VERBS[one.verb].kind, VERBS[one.verb].purse) for one in wanted}
    if len(whose) != 1 or VERBS[wanted[0].verb].purse == Purse.SHOP_HOLDS:
        raise Invalid(fields={"wishes": ["Ask for one shop, by one rule, from one purse."]})
    return wanted[0], VERBS[wanted[0].verb].purse


def _named(wish: Wish) -> Named:
    verb = VERBS[wish.verb]
    return verb.kind, wish.ref, verb.aspect


def _by_target(wanted: Sequence[Wish]) -> dict[Named, Wish]:
    found: dict[Named, Wish] = {}
    for wish in wanted:
        found.setdefault(_named(wish), wish)
    return found


def _lock_targets(wanted: Sequence[Wish], *, at: datetime) -> dict[Named, ActionTarget]:
    """Return the targets of the wishes, locked; those that are wished for the first time are made."""
    merchant_id, names = wanted[0].merchant_id, set(_by_target(wanted))
    rows = ActionTarget.objects.select_for_update().filter(
        merchant_id=merchant_id,
        kind=VERBS[wanted[0].verb].kind,
        ref__in={ref for _, ref, _ in names},
        aspect__in={aspect for *_, aspect in names},
    )
    found = {(row.kind, row.ref, row.aspect): row for row in rows.order_by("pk")}
    missing = sorted(names - set(found))
    if missing:
        platform = platforms.of_merchant(merchant_id, platform_id=wanted[0].platform_id)
        fresh = [
            ActionTarget(merchant_id=merchant_id, kind=kind, ref=ref, aspect=aspect, platform=platform, updated_at=at)
            for kind, ref, aspect in missing
        ]
        ActionTarget.objects.bulk_create(fresh, ignore_conflicts=True)
        found = {(row.kind, row.ref, row.aspect): row for row in rows.order_by("pk")}
    return {name: found[name] for name in names}


def _is_latched(target: ActionTarget, wish: Wish) -> bool:
    return target.is_latched and not wishes.same_state(target.desired, wish.state)


def _blocked(wish: Wish, purse: str) -> str:
    if guards.stopped_by(wish.merchant_id, rules=asking.switch_names(wish.feature, wish.rule, wish.verb)):
        return Review.SWITCH
    if guards.is_paused(wish.merchant_id, feature=wish.feature, rule=wish.rule, purse=purse):
        return Review.PAUSE
    return ""


def _reviews(fresh: dict[Named, Wish], latched: set[Named], *, granted: int, stops_with: str) -> dict[Named, str]:
    """Return why each wish that is written waits, if it does; the first that is stopped ends the list."""
    reviews: dict[Named, str] = {}
    is_blocked = stops_with in (Review.SWITCH, Review.PAUSE, Review.NO_BUDGET)
    for name in fresh:
        if name in latched and (not is_blocked or stops_with == Review.NO_BUDGET):
            reviews[name] = Review.LATCH
        elif granted:
            granted -= 1
            reviews[name] = ""
        else:
            reviews[name] = stops_with
            break
    return reviews


def _write(
    reviews: dict[Named, str],
    fresh: dict[Named, Wish],
    targets: dict[Named, ActionTarget],
    there: dict[int, list[PlatformAction]],
    *,
    actor: Actor,
    at: datetime,
) -> dict[Named, PlatformAction]:
    made = {}
    for name, review in reviews.items():
        target = targets[name]
        for earlier in there[target.pk]:
            if not review or earlier.status == ActionStatus.NEEDS_REVIEW:
                moving.move(earlier, "supersede", actor=actor, at=at)
        made[name] = asking.build(fresh[name], target, review=review, is_automatic=True, actor=actor, at=at)
    if made:
        ActionTarget.objects.bulk_update([targets[name] for name in made], WANTED)
        PlatformAction.objects.bulk_create(made.values())
        lines = [
            moving.line(action, "ask", actor=actor, at=at, text=fresh[name].reason) for name, action in made.items()
        ]
        ActionEvent.objects.bulk_create([ActionEvent(**line) for line in lines])
        waking.wake()
    return made


def _tell(
    made: dict[Named, PlatformAction], spending: budgets.Spending, exhausted: BudgetUse | None, *, at: datetime
) -> None:
    if exhausted is not None:
        budgets.trip(exhausted, spending)
    for action in made.values():
        moving.publish(action, at=at)
        if action.review_reason and not action.review_reason.startswith("BUDGET_"):
            moving.tell(action, "action.review", at=at)


def _answers(
    wanted: Sequence[Wish],
    same: dict[Named, PlatformAction | None],
    made: dict[Named, PlatformAction],
    reviews: dict[Named, str],
) -> list[PlatformAction | None]:
    """What comes after the one that was stopped is not answered, even where it was wanted already."""
    stopped_at = next((name for name, review in reviews.items() if review and review != Review.LATCH), None)
    answers: list[PlatformAction | None] = []
    is_over = False
    for wish in wanted:
        name = _named(wish)
        answers.append(None if is_over else same[name] or made.get(name))
        is_over = is_over or name == stopped_at
    return answers
