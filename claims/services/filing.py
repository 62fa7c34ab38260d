"""A merchant files: begin a draft, by hand or from what the system knows; hand it in; take it back."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import Claim, ClaimKind, ClaimLine
from claims.queries import claims as queries
from claims.queries import filing as filing_queries
from claims.queries import kinds
from claims.rules import filing as rules
from claims.rules import kinds as kind_rules
from claims.services import entering, evidence, moving
from claims.wording import FAULTS
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, Invalid, NotFound, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.models import AfterSale, Order
from merchant_protection.marketplace.queries import orders
from merchant_protection.risk import queries as risk


class AlreadyDecided(Conflict):
    """The same order and kind was decided for good: it is not filed again, but it can be looked at."""

    def __init__(self, claim: Claim) -> None:
        said = _("A complaint of this kind about this order was decided: %(number)s. It cannot be filed again.")
        super().__init__(said % {"number": claim.number})
        self.claim = claim


class Stale(Conflict):
    """Somebody else changed the draft since the page was opened; `claim` is how it stands now."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(_("Somebody changed this complaint in the meantime."))
        self.claim = claim


@transaction
def draft(
    *,
    merchant_id: int,
    kind_code: str,
    order_id: int,
    actor: Actor,
    at: datetime,
    amount: Decimal | None = None,
    **said: Any,
) -> Claim:
    """Begin a complaint about an order; the same order and kind again is the same complaint while that can change."""
    require(policies.can_file(actor, merchant_id))
    order = orders.visible_to(actor).filter(merchant_id=merchant_id, pk=order_id).first()
    if order is None:
        raise NotFound
    return begin(order, kind_of(kind_code), actor=actor, at=at, amount=amount, **said)


@transaction_required
def begin(
    order: Order, kind: ClaimKind, *, actor: Actor, at: datetime, amount: Decimal | None = None, **said: Any
) -> Claim:
    """Write a draft about an order, or return the complaint of this kind that stands about it."""
    queries.lock_filing_of(order.pk)
    known = queries.standing(merchant_id=order.merchant_id, order_id=order.pk, kind_code=kind.code)
    if known is not None:
        if known.status in lifecycle.OVER:
            raise AlreadyDecided(known)
        return known
    said.setdefault("language", get_language() or "zh-hans")
    claim = Claim.objects.create(
        merchant_id=order.merchant_id,
        kind=kind,
        kind_code=kind.code,
        order=order,
        order_number=order.number,
        buyer=order.buyer,
        buyer_key=order.buyer.key if order.buyer else "",
        currency=order.currency,
        amount=max(order.total, Decimal(0)) if amount is None else amount,
        filed_by_id=actor.id,
        filed_by_name=actor.name[:200],
        created_at=at,
        updated_at=at,
        **said,
    )
    ClaimLine.objects.bulk_create(
        [
            ClaimLine(
                merchant_id=order.merchant_id,
                claim=claim,
                ordinal=line.ordinal,
                sku=line.sku,
                title=line.title,
                quantity=line.quantity,
                amount=max(line.paid, Decimal(0)),
            )
            for line in orders.lines_of(order)
        ]
    )
    return claim


@transaction
def draft_from_order(*, order_id: int, actor: Actor, at: datetime) -> Claim:
    """Begin a complaint about an order, or go on with the draft there is; its latest after-sale comes with it."""
    order = orders.visible_to(actor).filter(pk=order_id).first()
    if order is None:
        raise NotFound
    require(policies.can_file(actor, order.merchant_id))
    after_sale = filing_queries.latest_after_sale(order)
    return _begin(order, after_sale=after_sale, source=Claim.Source.ORDER, actor=actor, at=at)


@transaction
def draft_from_after_sale(*, after_sale_id: int, actor: Actor, at: datetime, source: str = "AFTER_SALE") -> Claim:
    """Begin a complaint about an after-sale: its amount, its words and its time are filled in."""
    after_sale = orders.after_sales_visible_to(actor).filter(pk=after_sale_id).first()
    if after_sale is None:
        raise NotFound
    require(policies.can_file(actor, after_sale.merchant_id))
    if after_sale.order is None:
        raise Conflict(str(FAULTS["no_order"]))
    return _begin(after_sale.order, after_sale=after_sale, source=source, actor=actor, at=at)


@transaction
def draft_from_warning(*, warning_id: int, actor: Actor, at: datetime) -> Claim:
    """Begin a complaint about what a warning is about; the same warning again is the same complaint."""
    warning = risk.visible_to(actor).filter(pk=warning_id).first()
    if warning is None:
        raise NotFound
    require(policies.can_file(actor, warning.merchant_id))
    known = filing_queries.from_warning(warning.pk)
    if known is not None:
        return known
    if warning.order is None:
        raise Conflict(str(FAULTS["no_order"]))
    after_sale = filing_queries.latest_after_sale(warning.order)
    return _begin(
        warning.order,
        after_sale=after_sale,
        source=Claim.Source.WARNING,
        actor=actor,
        at=at,
        warning=warning,
        risk=warning.level if warning.level in ("LOW", "MEDIUM", "HIGH") else "LOW",
    )


@transaction
def submit(*, claim_id: int, actor: Actor, at: datetime, version: int | None = None) -> Claim:
    """Hand the draft to the desk; handing it in twice is handing it in once."""
    claim = queries.lock(claim_id)
    require(policies.can_file(actor, claim.merchant_id))
    if claim.status != lifecycle.DRAFT and claim.submitted_at is not None:
        return claim
    if version is not None and version != claim.version:
        raise Stale(claim)
    if faults := faults_of(claim, at=at):
        raise Invalid(_("The complaint is not complete yet."), fields={name: [why] for name, why in faults.items()})
    evidence.measure(claim)
    entering.submit(claim, actor=actor, at=at)
    return claim


@transaction
def withdraw(*, claim_id: int, actor: Actor, at: datetime, note: str = "") -> Claim:
    """Take a complaint back; a draft is dropped. Safe to run twice."""
    claim = queries.lock(claim_id)
    require(policies.can_answer_as_merchant(actor, claim))
    if claim.status == lifecycle.WITHDRAWN:
        return claim
    if claim.status not in lifecycle.MOVES["withdraw"].sources:
        raise Conflict(_("This complaint is decided: it cannot be withdrawn any more."))
    was_handed_in = claim.status != lifecycle.DRAFT
    moving.release(claim, "WITHDRAWN", at=at)
    changes: dict[str, Any] = {"closed_at": at, "due_at": None, "evidence_due_at": None}
    moving.move(claim, "withdraw", actor=actor, at=at, note=note[:2000], **changes)
    if was_handed_in:
        entering.stop(claim, at=at)
    return claim


def drop_drafts(*, claim_ids: Iterable[int], actor: Actor, at: datetime) -> int:
    """Drop those of some complaints that are drafts still, each by itself; return how many."""
    return sum(_drop(claim_id=claim_id, actor=actor, at=at) for claim_id in claim_ids)


@transaction
def _drop(*, claim_id: int, actor: Actor, at: datetime) -> bool:
    claim = queries.lock(claim_id)
    require(policies.can_answer_as_merchant(actor, claim))
    if claim.status != lifecycle.DRAFT:
        return False
    moving.move(claim, "withdraw", actor=actor, at=at, closed_at=at)
    return True


def faults_of(claim: Claim, *, at: datetime) -> dict[str, str]:
    """Return what stands against handing a complaint in, in words by field; nothing when it can be."""
    told = rules.Told(
        story=claim.story,
        amount=claim.amount,
        amount_demanded=claim.amount_demanded,
        happened_at=claim.happened_at,
        placed_at=claim.order.placed_at if claim.order else None,
    )
    found = {name: str(FAULTS[code]) for name, code in rules.faults(told, at=at).items()}
    window = eligibility_of(claim, at=at)
    if "happened_at" not in found and window.timing != kind_rules.Timing.OPEN:
        found["kind"] = str(FAULTS[window.timing])
    return found


def eligibility_of(claim: Claim, *, at: datetime) -> kind_rules.Eligibility:
    """Return whether a complaint of its kind can be handed in now, and from when until when."""
    return kind_rules.eligibility(kinds.as_rule(claim.kind), filing_queries.moments_of(claim), at=at)


def kind_of(code: str) -> ClaimKind:
    """Return the kind of this code that is in use, or refuse."""
    kind = kinds.current_of(code)
    if kind is None:
        raise Invalid(fields={"kind": [_("There is no such kind of complaint.")]})
    return kind


def _begin(
    order: Order, *, after_sale: AfterSale | None, source: str, actor: Actor, at: datetime, **said: Any
) -> Claim:
    queries.lock_filing_of(order.pk)
    going_on = filing_queries.draft_about(order.pk)
    if going_on is not None:
        return going_on
    warning = said.get("warning")
    code = rules.kind_for(
        after_sale=after_sale.kind if after_sale else "",
        warning=warning.kind if warning else "",
        taken=filing_queries.kinds_standing(order.pk),
        known=list(kinds.current().values_list("code", flat=True)),
    )
    if after_sale is not None:
        said |= {"after_sale": after_sale, "amount": after_sale.amount, "happened_at": after_sale.opened_at}
    return begin(order, kind_of(code), actor=actor, at=at, source=source, **said)
