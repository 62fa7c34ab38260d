"""How many automatic actions an hour may bring: counted by the database, in the decision's own transaction."""

import logging
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from django.db import connection
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, require, require_proof
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.models import Budget, BudgetUse, RulePause
from merchant_protection.marketplace.queries import guards as queries
from merchant_protection.marketplace.rules.wishes import rule_key
from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import telling

logger = logging.getLogger(__name__)
LEAST_SHARE = 3  # a tiny catalogue may still lose this many listings an hour

SPEND = """
UPDATE marketplace_budgetuse SET used = used + 1
WHERE id = %s AND used < cap RETURNING used
"""
LEFT = "SELECT id, greatest(cap - used, 0) FROM marketplace_budgetuse WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
SPEND_MANY = "UPDATE marketplace_budgetuse SET used = used + %s WHERE id = ANY(%s)"
GIVE_BACK = "UPDATE marketplace_budgetuse SET used = used - 1 WHERE id = ANY(%s)"


@dataclass(frozen=True)
class Spending:
    """One automatic action that wants to be paid for: whose, by which rule, from which purse, on what kind of thing."""

    merchant_id: int
    feature: str
    rule: str
    purse: str
    kind: str
    at: datetime


@transaction_required
def queue_up(spending: Spending) -> list[BudgetUse] | None:
    """Wait for one's turn at the platform's purse and return the hour's counters; None when a budget is not set.

    It comes before any target is locked: those who spend then never wait for each other in a circle.
    """
    with tenancy.platform():
        uses = []
        for scope in (Budget.Scope.PLATFORM, Budget.Scope.MERCHANT, Budget.Scope.RULE):
            use = _use(spending, scope)
            if use is None:
                return None
            uses.append(use)
        return uses


@transaction_required
def spend(uses: list[BudgetUse]) -> BudgetUse | None:
    """Take one from each of the hour's counters; if one is used up take nothing and return that one."""
    taken: list[int] = []
    with tenancy.platform(), connection.cursor() as cursor:
        for use in uses:
            cursor.execute(SPEND, [use.pk])
            if cursor.fetchone() is None:
                cursor.execute(GIVE_BACK, [taken])
                return use
            taken.append(use.pk)
    return None


@transaction_required
def spend_up_to(uses: list[BudgetUse], wanted: int) -> tuple[int, BudgetUse | None]:
    """Take up to `wanted` from each of the hour's counters; return how many were granted, and which one ran out."""
    with tenancy.platform(), connection.cursor() as cursor:
        cursor.execute(LEFT, [[use.pk for use in uses]])
        left = dict(cursor.fetchall())
        granted = min(wanted, *left.values())
        cursor.execute(SPEND_MANY, [granted, list(left)])
    for use in uses:
        use.used += granted
    first_empty = next((use for use in uses if left[use.pk] == granted), None)
    return granted, first_empty if granted < wanted else None


@transaction_required
def trip(use: BudgetUse, spending: Spending) -> None:
    """Pause the rule that used a budget up, and tell the shop once.

    When the whole platform's budget is used up the rule is not to blame: it is not paused, its
    wishes wait for a person until the hour is over.
    """
    with tenancy.platform():
        first = BudgetUse.objects.filter(pk=use.pk, tripped_at=None).update(tripped_at=spending.at)
    is_rules_fault = use.scope != Budget.Scope.PLATFORM and bool(spending.rule)
    if is_rules_fault:
        _pause(spending, reason=f"{use.scope} {use.used}/{use.cap}")
    if first:
        logger.error("Budget used up", extra={"scope": use.scope, "key": use.key, "cap": use.cap, "purse": use.purse})
        telling.queue(
            merchant_id=spending.merchant_id,
            kind="rule.paused" if is_rules_fault else "budget.used_up",
            at=spending.at,
            params={"rule": spending.rule, "feature": spending.feature, "cap": use.cap, "scope": use.scope},
            urgency=Notice.Urgency.CRITICAL,
            dedupe_key=f"{use.scope}-{use.purse}-{use.key}-{use.hour.isoformat()}",
        )


@transaction
def change_budget(
    *,
    scope: str,
    merchant_id: int | None,
    purse: str,
    cap: int,
    actor: Actor,
    at: datetime,
    catalogue_share: Decimal | None = None,
    reason: str = "",
    proved_again: bool = False,
) -> Budget:
    """Set a budget: lowering holds at once, raising only when a second person asks for the same figure.

    Who asks to raise it, and who agrees, has just proved again who they are (`proved_again`).
    """
    require(policies.can_set_budgets(actor))
    _check(scope=scope, merchant_id=merchant_id, purse=purse, cap=cap, share=catalogue_share)
    budget = queries.lock_budget_at(scope=scope, merchant_id=merchant_id, purse=purse)
    before = {"cap": budget.cap if budget else None}
    if budget is None or cap > budget.cap or _is_wider(budget, catalogue_share):
        require_proof(proved_again, _("Confirm that it is you, then do it again."))
        budget = budget or _as_it_stands(scope=scope, merchant_id=merchant_id, purse=purse)
        if budget.raise_to != cap or budget.raise_asked_by is None:
            return _ask_to_raise(budget, cap=cap, actor=actor, at=at, reason=reason)
        if budget.raise_asked_by == actor.id:
            raise Conflict(_("Raising a budget needs a second person."))
    budget.cap, budget.catalogue_share = cap, catalogue_share
    budget.raise_to = budget.raise_asked_by = budget.raise_asked_at = None
    budget.save()
    _carry_into_this_hour(budget, at=at)
    _record(actor, "budget.changed", budget, at=at, before=before, after={"cap": cap}, reason=reason)
    return budget


def _as_it_stands(*, scope: str, merchant_id: int | None, purse: str) -> Budget:
    """Return a new budget that changes nothing yet: everybody's figures, or nothing where there are none."""
    general = queries.budget(scope=scope, merchant_id=merchant_id or 0, purse=purse)
    cap, share = (general.cap, general.catalogue_share) if general else (0, None)
    return Budget(scope=scope, merchant_id=merchant_id, purse=purse, cap=cap, catalogue_share=share)


def _ask_to_raise(budget: Budget, *, cap: int, actor: Actor, at: datetime, reason: str) -> Budget:
    budget.raise_to, budget.raise_asked_by, budget.raise_asked_at = cap, actor.id, at
    budget.save()
    _record(actor, "budget.raise_asked", budget, at=at, before={"cap": budget.cap}, after={"cap": cap}, reason=reason)
    return budget


def _record(
    actor: Actor,
    action: str,
    budget: Budget,
    *,
    at: datetime,
    before: dict[str, int | None],
    after: dict[str, int | None],
    reason: str,
) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=budget.merchant_id,
        subject_kind="budget",
        subject_id=budget.pk,
        before=before | {"scope": budget.scope, "purse": budget.purse},
        after=after,
        reason=reason,
    )


def _check(*, scope: str, merchant_id: int | None, purse: str, cap: int, share: Decimal | None) -> None:
    faults: dict[str, list[str]] = {}
    if scope not in Budget.Scope.values or (scope == Budget.Scope.PLATFORM and merchant_id is not None):
        faults["scope"] = [_("Choose one of the scopes; the platform's budget belongs to no shop.")]
    if purse not in Budget.Purse.values:
        faults["purse"] = [_("There is no such purse.")]
    if not 0 <= cap <= 1_000_000:
        faults["cap"] = [_("Choose a number from 0 to 1,000,000.")]
    if share is not None and not 0 < share <= 1:
        faults["catalogue_share"] = [_("Choose a share above 0 and up to 1.")]
    if faults:
        raise Invalid(fields=faults)


def _is_wider(budget: Budget, share: Decimal | None) -> bool:
    return budget.catalogue_share is not None and (share is None or share > budget.catalogue_share)


def _use(spending: Spending, scope: str) -> BudgetUse | None:
    budget = queries.budget(scope=scope, merchant_id=spending.merchant_id, purse=spending.purse)
    if budget is None:
        return None
    whose = {
        "merchant_id": None if scope == Budget.Scope.PLATFORM else spending.merchant_id,
        "scope": scope,
        "purse": spending.purse,
        "key": rule_key(spending.feature, spending.rule) if scope == Budget.Scope.RULE else "",
        "hour": spending.at.replace(minute=0, second=0, microsecond=0),
    }
    use = BudgetUse.objects.select_for_update().filter(**whose).first()
    if use is None:
        BudgetUse.objects.bulk_create([BudgetUse(**whose, cap=_cap(budget, spending))], ignore_conflicts=True)
        use = BudgetUse.objects.select_for_update().get(**whose)
    return use


def _cap(budget: Budget, spending: Spending) -> int:
    if budget.catalogue_share is None or spending.kind != "LISTING":
        return budget.cap
    part = (budget.catalogue_share * queries.listed(spending.merchant_id)).to_integral_value(ROUND_FLOOR)
    return min(budget.cap, max(LEAST_SHARE, int(part)))


def _carry_into_this_hour(budget: Budget, *, at: datetime) -> None:
    """Let a new cap hold for the hour already begun; what was used stays used."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    uses = BudgetUse.objects.filter(scope=budget.scope, purse=budget.purse, hour=hour)
    if budget.merchant_id is not None:
        uses = uses.filter(merchant_id=budget.merchant_id)
    for use in uses.select_for_update():
        own = queries.budget(scope=budget.scope, merchant_id=use.merchant_id or 0, purse=budget.purse)
        if own is not None and own.pk == budget.pk:
            # A share of the catalogue only ever lowers a cap, so a counter it lowered keeps the lower one.
            use.cap = max(use.used, budget.cap if budget.catalogue_share is None else min(use.cap, budget.cap))
            use.save(update_fields=["cap"])


def _pause(spending: Spending, *, reason: str) -> None:
    RulePause.objects.bulk_create(
        [
            RulePause(
                merchant_id=spending.merchant_id,
                feature=spending.feature,
                rule=spending.rule,
                reason=f"budget: {reason}",
                paused_at=spending.at,
                paused_by=RulePause.BY_BUDGET,
            )
        ],
        ignore_conflicts=True,
    )
