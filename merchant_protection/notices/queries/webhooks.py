"""Every read of webhooks: endpoints, what they were promised, how each telling went."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import StaffRole
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.notices.models import Attempt, Dispatch, Endpoint, EndpointSecret, Message

HANDING_OUT = 7_240_553_018_266_101  # any number that nothing else in this database locks


def endpoints_visible_to(actor: Actor) -> QuerySet[Endpoint]:
    """Return the endpoints of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    if actor.is_staff or actor.is_system:
        return Endpoint.objects.all()
    return Endpoint.objects.filter(merchant_id__in=_shops(actor))


def dispatches_visible_to(actor: Actor) -> QuerySet[Dispatch]:
    """Return what was, or is to be, told to the endpoints of the actor's shops; operations and the system see all."""
    tenancy.require_scope()
    if actor.has_staff_role(StaffRole.OPERATIONS) or actor.is_system:
        return Dispatch.objects.all()
    return Dispatch.objects.filter(merchant_id__in=_shops(actor))


def lock_endpoint(actor: Actor, endpoint_id: int) -> Endpoint:
    """Return an endpoint of the actor's shops, locked; a stranger's is not found."""
    found = endpoints_visible_to(actor).filter(pk=endpoint_id).select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise NotFound
    return found


def older_than(moment: datetime) -> QuerySet[Message]:
    """Return the messages of before a moment, the oldest first."""
    tenancy.require_scope()
    return Message.objects.filter(at__lt=moment).order_by("at", "pk")


def in_use(merchant_id: int) -> QuerySet[Endpoint]:
    """Return a shop's endpoints that are not switched off."""
    return Endpoint.objects.filter(merchant_id=merchant_id).exclude(state=Endpoint.State.DISABLED)


def dispatch_of(actor: Actor, dispatch_id: int) -> Dispatch:
    """Return a delivery of the actor's shops, as it is now; a stranger's is not found."""
    found = dispatches_visible_to(actor).filter(pk=dispatch_id).select_related("message").first()
    if found is None:
        raise NotFound
    return found


def with_counts(endpoints: QuerySet[Endpoint], *, since: datetime) -> QuerySet[Endpoint]:
    """Return endpoints with how many messages arrived and were given up since a moment, and how many are on their way.

    Those in use come first.
    """
    Status = Dispatch.Status

    def count(**which: Any) -> Subquery:
        rows = Dispatch.objects.filter(endpoint_id=OuterRef("pk"), merchant_id=OuterRef("merchant_id"), **which)
        return Subquery(rows.order_by().values("endpoint_id").annotate(n=Count("pk")).values("n"))

    return endpoints.annotate(
        arrived=count(status=Status.DELIVERED, finished_at__gte=since),
        given_up=count(status=Status.DEAD, finished_at__gte=since),
        waiting=count(status=Status.PENDING),
    ).order_by("state", "pk")


def counts_of(endpoint_id: int) -> dict[str, int]:
    """Return how many of an endpoint's messages of the last 30 days are on their way, arrived and were given up."""
    rows = Dispatch.objects.filter(endpoint_id=endpoint_id).order_by().values_list("status").annotate(n=Count("pk"))
    found = dict(rows)
    return {status: found.get(status, 0) for status in Dispatch.Status.values}


def log_of(actor: Actor, endpoint_id: int) -> QuerySet[Dispatch]:
    """Return what an endpoint was told, with the messages."""
    return dispatches_visible_to(actor).filter(endpoint_id=endpoint_id).select_related("message")


def secrets_of(endpoint_id: int) -> QuerySet[EndpointSecret]:
    """Return an endpoint's secrets, the newest first."""
    return EndpointSecret.objects.filter(endpoint_id=endpoint_id).order_by("-pk")


def live_secrets(endpoint_id: int, now: datetime) -> list[EndpointSecret]:
    """Return the secrets that messages are signed with now: two during a rotation, the newest first."""
    return [each for each in secrets_of(endpoint_id) if each.expires_at is None or each.expires_at > now]


def tries_of(dispatch_id: int) -> QuerySet[Attempt]:
    """Return the calls made for a delivery, the last one first."""
    return Attempt.objects.filter(dispatch_id=dispatch_id).order_by("-pk")


def take_turn_at_handing_out() -> bool:
    """Whether it is ours, until the transaction ends, to hand out what was promised."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [HANDING_OUT])
        return bool(cursor.fetchone()[0])


def to_hand_out(now: datetime) -> QuerySet[Message]:
    """Return what was promised and lies in no mailbox yet, in the order of the promises."""
    tenancy.require_scope()
    return Message.objects.filter(due_at__isnull=False, due_at__lte=now).order_by("pk")


def lock_listening(merchant_ids: Collection[int]) -> dict[int, list[Endpoint]]:
    """Return by shop the endpoints that are told, or will be when their pause ends, locked."""
    found: dict[int, list[Endpoint]] = defaultdict(list)
    rows = Endpoint.objects.filter(merchant_id__in=merchant_ids).exclude(state=Endpoint.State.DISABLED)
    for endpoint in rows.order_by("pk").select_for_update(of=("self",), no_key=True):
        found[endpoint.merchant_id].append(endpoint)
    return found


def mailboxes_due(now: datetime, *, slow: bool) -> QuerySet[Endpoint]:
    """Return the endpoints that have something to be told now, that nobody calls and that do not rest."""
    tenancy.require_scope()
    is_free = Q(held_until=None) | Q(held_until__lte=now)
    rested = Q(rests_until=None) | Q(rests_until__lte=now)
    due = Endpoint.objects.filter(is_free, rested, due_at__lte=now, state=Endpoint.State.ACTIVE, is_slow=slow)
    return due.order_by("due_at", "pk")


def take_mailbox(endpoint_id: int, *, now: datetime, slow: bool) -> Endpoint | None:
    """Return an endpoint that is to be called now, locked; nothing when somebody else was faster."""
    rows = mailboxes_due(now, slow=slow).filter(pk=endpoint_id)
    return rows.select_related("merchant").select_for_update(of=("self",), skip_locked=True, no_key=True).first()


def held_mailbox(endpoint_id: int, *, generation: int) -> Endpoint | None:
    """Return an endpoint that is still ours to call, locked; nothing when its lease ran out and it was taken over."""
    rows = Endpoint.objects.filter(pk=endpoint_id, generation=generation)
    return rows.select_for_update(of=("self",), no_key=True).first()


def pending(endpoint_id: int) -> QuerySet[Dispatch]:
    """Return what an endpoint can be told next: not while something earlier about the same thing is on its way."""
    rows = Dispatch.objects.filter(endpoint_id=endpoint_id, status=Dispatch.Status.PENDING)
    earlier = rows.filter(subject=OuterRef("subject"), pk__lt=OuterRef("pk")).exclude(subject="")
    return rows.exclude(Exists(earlier))


def first_due(endpoint_id: int, now: datetime) -> Dispatch | None:
    """Return what an endpoint is to be told now: what waits longest."""
    due = pending(endpoint_id).filter(due_at__lte=now).order_by("due_at", "pk")
    return due.select_related("message").first()


def dispatch_with_message(dispatch_id: int) -> Dispatch:
    """Return a delivery with its message."""
    return Dispatch.objects.select_related("message").get(pk=dispatch_id)


def next_due(endpoint_id: int) -> datetime | None:
    """Return when an endpoint's next message is to leave."""
    found: datetime | None = pending(endpoint_id).aggregate(first=Min("due_at"))["first"]
    return found


@dataclass(frozen=True)
class Waiting:
    """How many webhooks are due at one place, and for how long the first of them has been."""

    place: str
    rows: int
    oldest_seconds: float


def waiting(*, now: datetime) -> list[Waiting]:
    """Return what is due but not handed to the mailboxes yet, and what is due in the mailboxes of endpoints in use.

    What waits because its endpoint rests after failures, or for something earlier about the same thing, counts as a
    row; it makes nothing old, since nobody here could be faster.
    """
    promised = to_hand_out(now).aggregate(rows=Count("pk"), oldest=Min("due_at"))
    in_mailboxes = Dispatch.objects.filter(status=Dispatch.Status.PENDING, due_at__lte=now)
    rows = in_mailboxes.filter(endpoint__state=Endpoint.State.ACTIVE).count()
    mailboxes = mailboxes_due(now, slow=False) | mailboxes_due(now, slow=True)
    oldest = mailboxes.order_by().aggregate(oldest=Min("due_at"))["oldest"]
    return [
        Waiting("promised", promised["rows"], _age(promised["oldest"], now)),
        Waiting("mailbox", rows, _age(oldest, now)),
    ]


def _age(moment: datetime | None, now: datetime) -> float:
    return (now - moment).total_seconds() if moment else 0.0


def _shops(actor: Actor) -> set[int]:
    return {*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])}
