"""What a merchant says in a draft, kept as it is typed."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import Claim, ClaimKind, ClaimLine
from claims.queries import claims as queries
from claims.services import evidence, joining
from claims.services.filing import Stale, kind_of
from claims.wording import FAULTS
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.queries import orders

# What lies beyond cannot be a mistake of a clock, and some of it not even be stored.
OLDEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
SAID = ("amount", "amount_demanded", "story", "happened_at", "demand_channel", "is_buyer_contacted", "review_ref")


@transaction
def say(
    *,
    claim_id: int,
    actor: Actor,
    at: datetime,
    version: int | None = None,
    kind_code: str | None = None,
    lines: Collection[int] | None = None,
    desired_remedies: Collection[str] | None = None,
    joined: Collection[int] | None = None,
    **said: Any,
) -> Claim:
    """Keep what a merchant has said so far in a draft, complete or not.

    `version` is that of the page it was typed on: somebody else's words are never overwritten.
    """
    claim = queries.lock(claim_id)
    require(policies.can_answer_as_merchant(actor, claim))
    if claim.status != lifecycle.DRAFT:
        raise Conflict(_("This complaint was handed in already."))
    if version is not None and version != claim.version:
        raise Stale(claim)
    if kind_code is not None and kind_code != claim.kind_code:
        _change_kind(claim, kind_of(kind_code))
    if lines is not None:
        _choose_lines(claim, set(lines))
    if joined is not None:
        joining.join(claim, joined)
    if desired_remedies is not None:
        claim.desired_remedies = sorted(set(desired_remedies))
    happened_at = said.get("happened_at")
    if happened_at is not None and not OLDEST < happened_at < LATEST:
        raise Invalid(fields={"happened_at": [str(FAULTS["time_too_old"])]})
    for name in SAID:
        if name in said:
            setattr(claim, name, said[name])
    claim.version, claim.updated_at = claim.version + 1, at
    claim.save()
    evidence.measure(claim)
    return claim


def _change_kind(claim: Claim, kind: ClaimKind) -> None:
    if claim.order_id is not None:
        other = queries.standing(merchant_id=claim.merchant_id, order_id=claim.order_id, kind_code=kind.code)
        if other is not None and other.pk != claim.pk:
            said = _("There is a complaint of this kind about this order already: %(number)s.")
            raise Invalid(fields={"kind": [said % {"number": other.number}]})
    claim.kind, claim.kind_code = kind, kind.code


def _choose_lines(claim: Claim, wanted: set[int]) -> None:
    """Keep the lines that are meant; those left out can be chosen again, as the order still has them."""
    order = claim.order
    if order is None:
        return
    known: Mapping[int, Any] = {line.ordinal: line for line in orders.lines_of(order)}
    if not wanted or wanted - set(known):
        raise Invalid(fields={"lines": [_("Choose at least one line of the order.")]})
    there = set(queries.lines_of(claim).values_list("ordinal", flat=True))
    queries.lines_of(claim).exclude(ordinal__in=wanted).delete()
    ClaimLine.objects.bulk_create(
        [
            ClaimLine(
                merchant_id=claim.merchant_id,
                claim=claim,
                ordinal=ordinal,
                sku=known[ordinal].sku,
                title=known[ordinal].title,
                quantity=known[ordinal].quantity,
                amount=max(known[ordinal].paid, Decimal(0)),
            )
            for ordinal in sorted(wanted - there)
        ]
    )
