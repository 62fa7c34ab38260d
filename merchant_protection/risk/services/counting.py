"""Counts over shops: how many shops a buyer lately claimed against, without names, fading, open to dispute."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction
from merchant_protection.risk import policies, queries
from merchant_protection.risk.lifecycle import APPEAL_MOVES, AppealStatus
from merchant_protection.risk.models import BuyerSignal, SignalDispute

WITHIN = timedelta(days=30)
HALVES_IN = timedelta(days=10)
ANSWERED_WITHIN = timedelta(hours=72)

# One buyer is one keyed hash over all shops. Who claimed in fewer shops than may be shown is not kept at all.
COUNT = """
WITH counted AS (
    SELECT buyer.key, count(DISTINCT sale.merchant_id) AS shops, count(*) AS cases, max(sale.opened_at) AS newest,
           sum(power(0.5, extract(epoch FROM %(now)s - sale.opened_at) / %(half)s)) AS weight
    FROM marketplace_aftersale sale JOIN marketplace_buyer buyer
      ON buyer.id = sale.buyer_id AND buyer.merchant_id = sale.merchant_id
    WHERE sale.kind = 'REFUND_ONLY' AND sale.opened_at > %(since)s AND sale.opened_at <= %(now)s
    GROUP BY buyer.key HAVING count(DISTINCT sale.merchant_id) >= %(least)s
)
INSERT INTO risk_buyersignal (key, kind, shops, cases, weight, newest_at, counted_at)
SELECT key, 'CLAIMS', shops, cases, weight, newest, %(now)s FROM counted ORDER BY key
ON CONFLICT (key, kind) DO UPDATE SET shops = excluded.shops, cases = excluded.cases, weight = excluded.weight,
    newest_at = excluded.newest_at, counted_at = excluded.counted_at
"""


@transaction
def count_over_shops(*, now: datetime) -> int:
    """Count anew, over all shops, in how many of them each buyer claimed; return how many buyers are counted.

    What no longer reaches the least number of shops is forgotten.
    """
    tenancy.require_scope()
    values: dict[str, Any] = {
        "now": now,
        "since": now - WITHIN,
        "half": HALVES_IN.total_seconds(),
        "least": queries.LEAST_SHOPS,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        counted = int(cursor.rowcount)
    BuyerSignal.objects.filter(counted_at__lt=now).delete()
    return counted


@transaction
def dispute(*, buyer_ref: str, words: str, actor: Actor, at: datetime) -> SignalDispute:
    """Dispute, in a buyer's name, what is counted over shops: until a person answers it is shown to nobody."""
    require(policies.speaks_for_buyers(actor))
    if not words.strip() or not buyer_ref.strip():
        raise Invalid(fields={"words": [_("Name the buyer, and say what is wrong.")]})
    found, is_new = SignalDispute.objects.get_or_create(
        key=crypto.keyed_hash("buyer", buyer_ref),
        kind=BuyerSignal.Kind.CLAIMS,
        status=AppealStatus.OPEN,
        defaults={
            "words": words,
            "opened_at": at,
            "opened_by": actor.name[:200],
            "due_at": at + ANSWERED_WITHIN,
        },
    )
    if is_new:
        audit.record(actor=actor, action="dispute.opened", at=at, subject_kind="dispute", subject_id=found.pk)
    return found


@transaction
def answer(*, dispute_id: int, name: str, actor: Actor, at: datetime, note: str) -> SignalDispute:
    """Answer a dispute: "uphold" keeps the count hidden for good, "dismiss" lets it be shown again."""
    found = queries.lock_dispute(dispute_id)
    require(policies.can_review(actor))
    if not note.strip():
        raise Invalid(fields={"note": [_("Say why.")]})
    found.status = target_of(APPEAL_MOVES, name, found.status)
    found.answered_at, found.answered_by, found.answer_note = at, actor.name[:200], note
    found.save(update_fields=["status", "answered_at", "answered_by", "answer_note"])
    audit.record(
        actor=actor,
        action=f"dispute.{name}",
        at=at,
        subject_kind="dispute",
        subject_id=found.pk,
        after={"status": found.status},
        reason=note,
    )
    return found
