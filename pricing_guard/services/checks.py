"""The question before publishing: may this price go live? Answered from what is remembered; nothing is learned."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import NotFound, require
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Listing
from pricing_guard import policies
from pricing_guard.models import PriceCheck
from pricing_guard.queries import asking
from pricing_guard.queries import listings as queries
from pricing_guard.rules import ladder, replay, stored
from pricing_guard.services.watching import loading


@dataclass(frozen=True)
class Question:
    """A price somebody is about to publish."""

    sku: str
    price: Decimal
    currency: str = ""
    list_price: Decimal | None = None
    cost: Decimal | None = None
    category: str = ""
    by: str = ""


@transaction
def check(
    *, code: str | None = None, merchant_id: int | None = None, question: Question, actor: Actor, at: datetime
) -> PriceCheck:
    """Answer whether a price may be published, and keep the question with its answer.

    The shop is named by its code, or by its number where no code is given; an unknown one is not found.
    Allow; ask somebody of the shop to confirm; or block. A listing we do not know yet is judged by the
    limits that hold for it. A policy that only watches lets everything pass.
    """
    seen = asking.look(code=code, own=merchant_id, sku=question.sku, price=question.price, at=at)
    if seen is None:
        raise NotFound
    require(policies.can_check(actor, seen.shop))
    row = seen.listing_row(question.sku) or Listing(
        merchant_id=seen.shop, sku=question.sku, category=question.category, currency=question.currency
    )
    currency = question.currency or row.currency or seen.currency
    price = queries.tidy(question.price, currency)
    held = loading.hold_seen(seen, row, price=price, at=at)
    event = replay.PriceSet(
        sku=question.sku,
        at=at,
        price=price,
        currency=currency,
        category=question.category or row.category,
        list_price=question.list_price if question.list_price is not None else row.list_price,
        cost=question.cost if question.cost is not None else row.cost,
    )
    judgement = replay.step(held.published.policy, held.shop, event)[0].judgement
    resolved = held.published.policy.holding_for(held.shop.listings[question.sku].facts)
    response = held.published.policy.response(resolved)
    leading = resolved.leading.policy_id if resolved.leading else 0
    return PriceCheck.objects.create(
        merchant=seen.shop_row(),
        sku=question.sku,
        price=question.price,
        currency=currency,
        verdict=ladder.answer(judgement, response).value,
        severity=judgement.severity,
        findings=stored.findings_out(judgement.findings),
        excused=stored.findings_out(judgement.excused),
        policy_id=leading or None,
        policy_number=held.published.numbers.get(leading),
        mode=response.mode.value,
        by=question.by[:80],
        at=at,
        actor_name=actor.name[:200],
    )
