"""Telling the shop: one alert for each cause, with both answers in it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.foundation import crypto
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import telling
from pricing_guard.lifecycle import UNFINISHED_INCIDENTS
from pricing_guard.models import Incident, IncidentLink
from pricing_guard.queries import causes
from pricing_guard.queries import incidents as queries
from pricing_guard.queries.listings import tidy

LINK_LIVES = timedelta(hours=72)
OF_ONE = ("price.incident", "price.unanswered")
ALONE = 20


@transaction_required
def tell(opened: Sequence[Incident], *, at: datetime) -> None:
    """Tell the shop of incidents that were just opened: those that share a cause are one alert."""
    by_cause: dict[str, list[Incident]] = {}
    for incident in opened:
        by_cause.setdefault(incident.cause, []).append(incident)
    for cause, incidents in by_cause.items():
        first = incidents[0]
        count = causes.open_of(first.merchant_id, cause).count()
        if count == 1:
            _tell_of_one(first, at=at)
        elif _tell_of_many(first, count, at=at) is not None:
            _put_away_first(incidents, at=at)


@transaction_required
def remind(incident: Incident, *, at: datetime) -> None:
    """Tell again of an incident nobody answered; those of one cause are one reminder."""
    count = causes.waiting_of(incident.merchant_id, incident.cause).count()
    is_one = count <= 1
    telling.queue(
        merchant_id=incident.merchant_id,
        kind="price.unanswered",
        at=at,
        params=_params(incident) | {"count": count} | ({"links": _links(incident, at=at)} if is_one else {}),
        path=path_of(incident) if is_one else _path_of_cause(incident),
        subject_id=incident.pk if is_one else _subject(incident.cause),
        urgency=Notice.Urgency.CRITICAL,
        dedupe_key=f"{incident.pk}-{at:%Y%m%d%H%M%S}" if is_one else f"{incident.cause}-{incident.reminded}",
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
    shop, alike = incident.merchant_id, causes.of_cause(incident.merchant_id, incident.cause)
    told = telling.put_away(merchant_id=shop, kinds=OF_ONE, subject_id=incident.pk, at=at)
    if alike.filter(status__in=UNFINISHED_INCIDENTS).exists():
        return
    told += _put_away_cause(incident, at=at)
    count = alike.count()
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
        dedupe_key=f"cause-{incident.cause}-{incident.pk}"[:160],
    )


@transaction_required
def answered(incident: Incident, answer: str, *, actor: Actor, at: datetime) -> None:
    """Ask nobody any more about what a person answered; the alert of a cause goes with its last answer.

    Mail that has not left never does. Whoever was mailed already reads by one short mail who answered and how, but
    not whoever answered.
    """
    shop = incident.merchant_id
    told = telling.put_away(merchant_id=shop, kinds=OF_ONE, subject_id=incident.pk, at=at)
    together = [] if causes.unanswered_of(shop, incident.cause).exists() else _put_away_cause(incident, at=at)
    count = causes.of_cause(shop, incident.cause).count() if together else 1
    telling.call_back(
        told + together,
        merchant_id=shop,
        kind="price.answered",
        at=at,
        params={"title": incident.listing.title, "answer": answer, "by": actor.name, "count": count},
        path=path_of(incident) if count == 1 else _path_of_cause(incident),
        dedupe_key=f"answered-{incident.pk}-{at:%Y%m%d%H%M%S%f}",
        but_not=actor.id if actor.kind == Kind.USER else None,
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


def _tell_of_many(first: Incident, count: int, *, at: datetime) -> Notice | None:
    return telling.queue(
        merchant_id=first.merchant_id,
        kind="price.incidents",
        at=at,
        params=_params(first) | {"count": count},
        path=_path_of_cause(first),
        subject_id=first.pk,
        urgency=Notice.Urgency.CRITICAL,
        dedupe_key=f"cause-{first.cause}",
    )


def _put_away_first(opened: Sequence[Incident], *, at: datetime) -> None:
    """One alert for a cause: what was told of its first price alone is in the alert of all of them."""
    shop = opened[0].merchant_id
    before = causes.open_of(shop, opened[0].cause).exclude(pk__in=[one.pk for one in opened])
    for incident_id in before.order_by("pk").values_list("pk", flat=True)[:ALONE]:
        telling.put_away(merchant_id=shop, kinds=["price.incident"], subject_id=incident_id, at=at)


def _put_away_cause(incident: Incident, *, at: datetime) -> list[int]:
    shop = incident.merchant_id
    told = telling.put_away(merchant_id=shop, kinds=["price.incidents"], dedupe_key=f"cause-{incident.cause}", at=at)
    return told + telling.put_away(
        merchant_id=shop, kinds=["price.unanswered"], subject_id=_subject(incident.cause), at=at
    )


def _subject(cause: str) -> str:
    return f"cause-{cause}"[-80:]


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
