"""Telling the shop: one alert for each cause, with both answers in it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from merchant_protection.foundation import crypto
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import telling
from pricing_guard.lifecycle import UNFINISHED_INCIDENTS
from pricing_guard.models import Incident, IncidentLink
from pricing_guard.queries import incidents as queries
from pricing_guard.queries.listings import tidy

LINK_LIVES = timedelta(hours=72)


@transaction_required
def tell(opened: Sequence[Incident], *, at: datetime) -> None:
    """Tell the shop of incidents that were just opened: those that share a cause are one alert."""
    by_cause: dict[str, list[Incident]] = {}
    for incident in opened:
        by_cause.setdefault(incident.cause, []).append(incident)
    for cause, incidents in by_cause.items():
        first = incidents[0]
        count = queries.of_cause(first.merchant_id, cause).count()
        if count == 1:
            _tell_of_one(first, at=at)
        else:
            _tell_of_many(first, count, at=at)


@transaction_required
def remind(incident: Incident, *, at: datetime) -> None:
    """Tell again of an incident nobody answered."""
    telling.queue(
        merchant_id=incident.merchant_id,
        kind="price.unanswered",
        at=at,
        params=_params(incident) | {"links": _links(incident, at=at)},
        path=path_of(incident),
        subject_id=incident.pk,
        urgency=Notice.Urgency.CRITICAL,
        dedupe_key=f"{incident.pk}-{incident.reminded}",
    )


@transaction_required
def tell_hindered(incident: Incident, *, action_id: int | None, at: datetime) -> None:
    """Tell the shop that a product it wanted to sell again stays stopped, and what to do; in place of what was told
    of the platform action alone.
    """
    if action_id is not None:
        telling.put_away(
            merchant_id=incident.merchant_id, kinds=["action.failed", "action.review"], subject_id=action_id, at=at
        )
    good = incident.revert_price
    telling.queue(
        merchant_id=incident.merchant_id,
        kind="price.not_set",
        at=at,
        params={
            "title": incident.listing.title,
            "price": str(tidy(good, incident.currency)) if good is not None else "",
            "currency": incident.currency,
            "fault": incident.sale_fault,
        },
        path=path_of(incident),
        subject_id=incident.pk,
        urgency=Notice.Urgency.CRITICAL,
        dedupe_key=f"{incident.pk}-{incident.sale_asked_at:%Y%m%d%H%M%S%f}-{incident.sale_fault}"[:160],
    )


@transaction_required
def put_away_hindered(incident: Incident, *, at: datetime) -> None:
    """Ask nobody any more to set a good price by hand: the product sells again."""
    telling.put_away(merchant_id=incident.merchant_id, kinds=["price.not_set"], subject_id=incident.pk, at=at)


@transaction_required
def put_away(incident: Incident, *, price: Decimal, at: datetime) -> None:
    """Ask nobody any more about a price that was put right; the alert of a cause goes with its last doubt.

    Whoever was mailed about it already is told by one short mail, and only when the whole cause is over.
    """
    shop, alike = incident.merchant_id, queries.of_cause(incident.merchant_id, incident.cause)
    kinds = ["price.incident", "price.unanswered"]
    told = telling.put_away(merchant_id=shop, kinds=kinds, subject_id=incident.pk, at=at)
    if alike.filter(status__in=UNFINISHED_INCIDENTS).exists():
        return
    key, count = f"cause-{incident.cause}", alike.count()
    told += telling.put_away(merchant_id=shop, kinds=["price.incidents"], dedupe_key=key, at=at)
    telling.call_back(
        told,
        merchant_id=shop,
        kind="price.put_right",
        at=at,
        params={
            "title": incident.listing.title,
            "price": str(tidy(price, incident.currency)),
            "currency": incident.currency,
            "count": count,
        },
        path=path_of(incident) if count == 1 else _path_of_cause(incident),
        dedupe_key=f"{key}-{incident.pk}"[:160],
    )


def path_of(incident: Incident) -> str:
    """Return where an incident stands in the portal."""
    return f"/m/price-guard/incidents/{incident.pk}/"


def _tell_of_one(incident: Incident, *, at: datetime) -> None:
    telling.queue(
        merchant_id=incident.merchant_id,
        kind="price.incident",
        at=at,
        params=_params(incident) | {"links": _links(incident, at=at)},
        path=path_of(incident),
        subject_id=incident.pk,
        urgency=Notice.Urgency.CRITICAL,
        dedupe_key=f"incident-{incident.pk}",
    )


def _tell_of_many(first: Incident, count: int, *, at: datetime) -> None:
    telling.queue(
        merchant_id=first.merchant_id,
        kind="price.incidents",
        at=at,
        params=_params(first) | {"count": count},
        path=_path_of_cause(first),
        subject_id=first.pk,
        urgency=Notice.Urgency.CRITICAL,
        dedupe_key=f"cause-{first.cause}",
    )


def _path_of_cause(incident: Incident) -> str:
    return f"/m/price-guard/incidents/?{urlencode({'view': 'all', 'cause': incident.cause})}"


def _params(incident: Incident) -> dict[str, object]:
    return {
        "sku": incident.listing.sku,
        "title": incident.listing.title,
        "price": str(tidy(incident.price, incident.currency)),
        "currency": incident.currency,
        "finding": incident.findings[0],
        "is_stopped": incident.status == Incident.Status.TRIPPED,
        "acts_at": incident.due_at.isoformat() if incident.due_at else "",
    }


def _links(incident: Incident, *, at: datetime) -> dict[str, int]:
    """Return the numbers of the links by which the alert can be answered; they are made once."""
    fresh = [
        IncidentLink(
            merchant_id=incident.merchant_id,
            incident=incident,
            purpose=purpose,
            nonce=crypto.new_secret(),
            made_at=at,
            expires_at=at + LINK_LIVES,
        )
        for purpose in IncidentLink.Purpose
    ]
    IncidentLink.objects.bulk_create(fresh, ignore_conflicts=True)
    return {purpose.lower(): link.pk for purpose, link in queries.links_of(incident).items()}
