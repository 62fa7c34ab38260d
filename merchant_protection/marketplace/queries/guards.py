"""Every read of budgets, switches, pauses and breakers. What concerns everybody is read in everybody's scope."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Membership, Role
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.marketplace.models import Breaker, Budget, BudgetUse, Listing, Platform, RulePause, Switch
from merchant_protection.marketplace.rules.wishes import Purse, rule_key


def stopped_by(merchant_id: int, *, rules: Iterable[str] = ()) -> Switch | None:
    """Return a kill switch that is on for this shop or one of these rules, read afresh each time.

    An error while reading is not caught: what cannot be read means stop, and nothing is sent.
    """
    named = [rule for rule in rules if rule]
    with tenancy.platform():  # a shop's own scope does not show the switches of everybody
        return (
            Switch.objects.filter(is_stopped=True)
            .filter(
                Q(scope=Switch.Scope.PLATFORM)
                | Q(scope=Switch.Scope.MERCHANT, merchant_id=merchant_id)
                | Q(scope=Switch.Scope.RULE, rule__in=named)
            )
            .order_by("pk")
            .first()
        )


def switches(actor: Actor) -> QuerySet[Switch]:
    """Return the kill switches that the actor may see: their shops' own, and all for staff."""
    tenancy.require_scope()
    if actor.is_staff or actor.is_system:
        return Switch.objects.order_by("scope", "pk")
    return Switch.objects.filter(scope=Switch.Scope.MERCHANT, merchant_id__in=list(actor.merchant_roles))


def lock_switch(*, scope: str, merchant_id: int | None, rule: str) -> Switch | None:
    """Return a switch, locked, if it was ever touched."""
    rows = Switch.objects.select_for_update().filter(scope=scope, merchant_id=merchant_id, rule=rule)
    return rows.first()


def is_paused(merchant_id: int, *, feature: str, rule: str, purse: str = Purse.GENERAL) -> bool:
    """Whether a rule is paused in a shop, as far as this purse goes.

    Orders may be held on while a rule is paused because it used up another purse: what it stopped
    would be shipped at the wrong price else. Their own purse used up, or a person's word, ends that too.
    """
    pause = RulePause.objects.filter(merchant_id=merchant_id, feature=feature, rule=rule, resumed_at=None).first()
    if pause is None or not rule:
        return False
    if purse != Purse.ORDER_HOLDS or pause.paused_by != RulePause.BY_BUDGET:
        return True
    with tenancy.platform():
        used_up = BudgetUse.objects.filter(
            merchant_id=merchant_id, purse=purse, key__in=("", rule_key(feature, rule)), tripped_at__gte=pause.paused_at
        )
        return used_up.exists()


def has_just_paused(merchant_id: int, *, feature: str, rule: str, since: datetime) -> bool:
    """Whether a budget has paused a rule since a moment, which its shop was told of."""
    rows = RulePause.objects.filter(merchant_id=merchant_id, feature=feature, rule=rule, resumed_at=None)
    return rows.filter(paused_by=RulePause.BY_BUDGET, paused_at__gte=since).exists()


def open_pauses(actor: Actor) -> QuerySet[RulePause]:
    """Return the rules that are paused now in the actor's shops."""
    tenancy.require_scope()
    pauses = RulePause.objects.filter(resumed_at=None).order_by("-pk")
    if actor.is_staff or actor.is_system:
        return pauses
    return pauses.filter(merchant_id__in=list(actor.merchant_roles))


def lock_pause(pause_id: int) -> RulePause:
    """Return a pause, locked; a stranger's is not found."""
    pause = RulePause.objects.select_for_update().filter(pk=pause_id).first()
    if pause is None:
        raise NotFound
    return pause


def deciders_of(merchant_id: int) -> int:
    """Return how many people may decide things in a shop."""
    members = Membership.objects.filter(merchant_id=merchant_id, is_active=True, user__is_active=True)
    return members.filter(role__in=[Role.OWNER, Role.OPERATOR]).count()


def budget(*, scope: str, merchant_id: int, purse: str) -> Budget | None:
    """Return the budget that holds for a shop: its own, else everybody's; None when nobody set one."""
    rows = Budget.objects.filter(scope=scope, purse=purse)
    if scope == Budget.Scope.PLATFORM:
        return rows.filter(merchant_id=None).first()
    own = rows.filter(merchant_id=merchant_id).first()
    return own or rows.filter(merchant_id=None).first()


def lock_budget(budget_id: int) -> Budget:
    """Return a budget, locked."""
    found = Budget.objects.select_for_update().filter(pk=budget_id).first()
    if found is None:
        raise NotFound
    return found


def lock_budget_at(*, scope: str, merchant_id: int | None, purse: str) -> Budget | None:
    """Return the budget of exactly this scope and shop, locked, if somebody set one."""
    rows = Budget.objects.select_for_update().filter(scope=scope, merchant_id=merchant_id, purse=purse)
    return rows.first()


def budgets() -> QuerySet[Budget]:
    """Return all budgets, for staff."""
    tenancy.require_scope()
    return Budget.objects.select_related("merchant").order_by("purse", "scope", "merchant_id")


def uses_since(since: datetime) -> QuerySet[BudgetUse]:
    """Return what has been used of the budgets since a moment, newest first."""
    tenancy.require_scope()
    return BudgetUse.objects.filter(hour__gte=since).order_by("-hour", "-used")


def uses() -> QuerySet[BudgetUse]:
    """Return what was used of the budgets, hour by hour, for staff."""
    tenancy.require_scope()
    return BudgetUse.objects.all()


def pauses(actor: Actor) -> QuerySet[RulePause]:
    """Return the rules that are or were paused in the actor's shops."""
    tenancy.require_scope()
    rows = RulePause.objects.all()
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=list(actor.merchant_roles))


def platforms() -> QuerySet[Platform]:
    """Return the selling platforms."""
    return Platform.objects.all()


def listed(merchant_id: int) -> int:
    """Return how many listings a shop has on sale."""
    return Listing.objects.filter(merchant_id=merchant_id, status=Listing.Status.LISTED).count()


def lock_breaker(platform_id: int) -> Breaker:
    """Return a platform's breaker, locked; it must exist."""
    return Breaker.objects.select_for_update().get(platform_id=platform_id)


def breaker(platform_id: int) -> Breaker | None:
    """Return a platform's breaker, if it ever came into play."""
    return Breaker.objects.filter(platform_id=platform_id).first()
