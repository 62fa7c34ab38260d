"""Windows in which low prices are meant: asked for with a reason, approved by a second person above an amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require, require_proof
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.queries import guards
from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import telling
from pricing_guard import policies
from pricing_guard.lifecycle import WINDOW_MOVES
from pricing_guard.models import ApprovedWindow, GuardShop
from pricing_guard.queries import listings
from pricing_guard.queries import policies as queries
from pricing_guard.rules import facts
from pricing_guard.services.policies import restamp

LONGEST = timedelta(days=90)
ALONE_AFTER = timedelta(minutes=10)
MOST_NAMED = 2_000
MOST_WORTH = Decimal(10_000_000_000)
Status = ApprovedWindow.Status


@dataclass(frozen=True)
class Ask:
    """A window somebody asks for: why, on what, how low, from when until when."""

    reason: str
    starts_at: datetime
    ends_at: datetime
    skus: Sequence[str] = ()
    categories: Sequence[str] = ()
    lowest_price: Decimal | None = None
    note: str = ""


@transaction
def ask(*, merchant_id: int, wanted: Ask, actor: Actor, at: datetime) -> ApprovedWindow:
    """Ask for a window; it holds at once unless it may give away more than one person may approve alone."""
    require(policies.can_set(actor, merchant_id))
    _check(wanted, at=at)
    window = facts.Window(
        facts.Meaning(wanted.reason),
        wanted.starts_at,
        wanted.ends_at,
        frozenset(wanted.skus),
        frozenset(wanted.categories),
        wanted.lowest_price,
    )
    worth = listings.worth_of(merchant_id, skus=wanted.skus, categories=wanted.categories)
    shop = queries.shop(merchant_id)
    limit = shop.second_person_above if shop else None
    needs_second = facts.second_person_needed(window, worth=worth, limit=limit)
    lowest = wanted.lowest_price or Decimal(0)
    row = ApprovedWindow.objects.create(
        merchant_id=merchant_id,
        reason=wanted.reason,
        note=wanted.note[:300],
        skus=sorted(set(wanted.skus)),
        categories=sorted(set(wanted.categories)),
        lowest_price=wanted.lowest_price,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        status=Status.ASKED if needs_second else Status.APPROVED,
        worth=sum((max(price - lowest, Decimal(0)) * stock for price, stock in worth), Decimal(0)),
        asked_at=at,
        asked_by_id=actor.id,
        asked_by=actor.name[:200],
        decided_at=None if needs_second else at,
        decided_by="" if needs_second else actor.name[:200],
    )
    if needs_second:
        _tell(row, at=at)
    else:
        restamp(merchant_id, at=at)
    _record(row, "price_window.asked", actor=actor, at=at)
    return row


@transaction
def approve(*, window_id: int, actor: Actor, at: datetime, proved_again: bool = False) -> ApprovedWindow:
    """Approve a window as the second person.

    In a shop where only one person decides, that person approves ten minutes later, having proved
    again who they are (`proved_again`: a fresh second factor).
    """
    row = queries.lock_window(window_id)
    require(policies.can_set(actor, row.merchant_id))
    target_of(WINDOW_MOVES, "approve", row.status)
    if not policies.can_approve_window(actor, row):
        if guards.deciders_of(row.merchant_id) > 1:
            raise Conflict(_("A second person must approve this window."))
        if at - row.asked_at < ALONE_AFTER:
            raise Conflict(_("Wait ten minutes, then approve it yourself with your second factor."))
        require_proof(proved_again, _("Confirm with your second factor that it is you."))
    return _decide(row, "approve", actor=actor, at=at)


@transaction
def revoke(*, window_id: int, actor: Actor, at: datetime) -> ApprovedWindow:
    """End a window before its time, or refuse one that was asked for."""
    row = queries.lock_window(window_id)
    require(policies.can_set(actor, row.merchant_id))
    return _decide(row, "revoke", actor=actor, at=at)


@transaction
def set_second_person(
    *, merchant_id: int, above: Decimal | None, actor: Actor, at: datetime, proved_again: bool = False
) -> GuardShop:
    """Say from which amount on a window needs a second person; blank asks for nobody.

    Whoever lets one person alone approve more than before has just proved again who they are.
    """
    require(actor.owns(merchant_id) or actor.has_staff_role(policies.OPERATIONS))
    if above is not None and not 0 <= above < MOST_WORTH:
        raise Invalid(
            fields={"second_person_above": [_("Choose an amount from 0 to 9,999,999,999, or leave it blank.")]}
        )
    restamp(merchant_id, at=at)
    shop = GuardShop.objects.select_for_update().get(merchant_id=merchant_id)
    before, shop.second_person_above = shop.second_person_above, above
    if before is not None and (above is None or above > before):
        require_proof(proved_again, _("Confirm that it is you, then do it again."))
    shop.version += 1
    shop.save(update_fields=["second_person_above", "version"])
    audit.record(
        actor=actor,
        action="guard_shop.changed",
        at=at,
        merchant_id=merchant_id,
        subject_kind="guard_shop",
        subject_id=shop.pk,
        before={"second_person_above": str(before)},
        after={"second_person_above": str(above)},
    )
    return shop


@transaction_required
def _decide(row: ApprovedWindow, move: str, *, actor: Actor, at: datetime) -> ApprovedWindow:
    row.status = target_of(WINDOW_MOVES, move, row.status)
    row.decided_at, row.decided_by = at, actor.name[:200]
    row.save(update_fields=["status", "decided_at", "decided_by"])
    restamp(row.merchant_id, at=at)
    _record(row, f"price_window.{move}d", actor=actor, at=at)
    return row


def _check(wanted: Ask, *, at: datetime) -> None:
    faults: dict[str, list[str]] = {}
    if wanted.reason not in ApprovedWindow.Reason.values:
        faults["reason"] = [_("Choose why this price is meant.")]
    if wanted.ends_at <= wanted.starts_at:
        faults["ends_at"] = [_("It ends before it starts.")]
    elif wanted.ends_at <= at or wanted.ends_at - wanted.starts_at > LONGEST:
        faults["ends_at"] = [_("Choose a stretch of at most 90 days that is not over.")]
    names = [*wanted.skus, *wanted.categories]
    if not names or len(names) > MOST_NAMED or any(not name.strip() or "*" in name for name in names):
        faults["skus"] = [_("Name at least one listing or category, each by its own name.")]
    if wanted.lowest_price is not None and wanted.lowest_price < 0:
        faults["lowest_price"] = [_("This must not be negative.")]
    elif wanted.reason != ApprovedWindow.Reason.GIFT and wanted.lowest_price == 0:
        faults["lowest_price"] = [_("Only a gift may be free.")]
    if faults:
        raise Invalid(fields=faults)


def _tell(row: ApprovedWindow, *, at: datetime) -> None:
    telling.queue(
        merchant_id=row.merchant_id,
        kind="price.window_asked",
        at=at,
        params={"by": row.asked_by, "reason": row.reason},
        path="/m/price-guard/windows/",
        subject_id=row.pk,
        urgency=Notice.Urgency.NORMAL,
        dedupe_key=f"window-{row.pk}",
    )


def _record(row: ApprovedWindow, action: str, *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=row.merchant_id,
        subject_kind="price_window",
        subject_id=row.pk,
        after={"status": row.status, "reason": row.reason, "until": row.ends_at.isoformat()},
    )
