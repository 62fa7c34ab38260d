"""Who is behind a request: loaded once, by session or by key."""

import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from merchant_protection.accounts import queries
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.accounts.models import Membership, User
from merchant_protection.accounts.queries import LiveKey
from merchant_protection.accounts.services import keys
from merchant_protection.foundation import crypto, rates, tenancy
from merchant_protection.foundation.rates import Limit

CHOSEN_MERCHANT = "merchant_id"
PROGRAM = "program_that_asks"
NO_SESSION: Mapping[str, Any] = {}
NOTED_EVERY = timedelta(minutes=1)
KEY_PATTERN = re.compile(r"mp_(?:live|test)_(?P<prefix>[A-Za-z0-9]{8,12})_(?P<secret>[A-Za-z0-9_-]{20,100})\Z")


def places_of(user: User) -> list[Membership]:
    """Return the shops a person belongs to, in whatever scope."""
    with tenancy.platform():
        return list(queries.memberships_of_user(user.pk))


def of_user(
    user: User,
    session: SessionBase | Mapping[str, Any] = NO_SESSION,
    *,
    places: Sequence[Membership] | None = None,
    origin: str = "",
    request_id: str = "",
) -> Actor:
    """Return the person as actor, in the shop they chose, or their only or first one."""
    known = places_of(user) if places is None else places
    roles = {each.merchant_id: each.role for each in known}
    chosen = session.get(CHOSEN_MERCHANT)
    return Actor(
        kind=Kind.USER,
        id=user.pk,
        name=user.display_name or user.email,
        merchant_id=chosen if chosen in roles else next(iter(roles), None),
        merchant_roles=roles,
        staff_roles=frozenset(user.staff_roles),
        origin=origin,
        request_id=request_id,
    )


@dataclass(frozen=True)
class Program:
    """Who asks with a key, and how long it must wait if it has asked too often."""

    actor: Actor
    waits: timedelta | None = None


def program_of(request: HttpRequest) -> Program | None:
    """Return the program whose key came with a request, or nothing when the key opens nothing.

    The request is counted with it, once, whichever way it is answered.
    """
    if PROGRAM not in request.__dict__:
        request.__dict__[PROGRAM] = _program(request)
    found: Program | None = request.__dict__[PROGRAM]
    return found


def presented(request: HttpRequest) -> str:
    """The key a program sent, as it sent it."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _program(request: HttpRequest) -> Program | None:
    sent = presented(request)
    match = KEY_PATTERN.match(sent)
    if match is None:
        return None
    limits = {kind: Limit(*allowed) for kind, allowed in settings.API_RATES.items()}
    # Where everybody's rows are seen already, saying so again would be two questions more.
    with nullcontext() if tenancy.current() == tenancy.PLATFORM else tenancy.platform():
        now = timezone.now()
        key = queries.asking_key(
            prefix=match["prefix"],
            digest=crypto.digest(sent),
            limit=limits.get(Kind.KEY),
            limit_of_platforms=limits.get(Kind.PLATFORM),
            at=now,
        )
        if key is None:
            return None
        if key.last_used_at is None or now - key.last_used_at > NOTED_EVERY:
            keys.note_use(key_id=key.id, at=now)
        actor = _actor(key, origin=request.META.get("REMOTE_ADDR", ""), request_id=getattr(request, "request_id", ""))
        if key.may_ask:
            return Program(actor)
        return Program(actor, rates.wait_of(queries.rate_of(key.id), limits[actor.kind], at=now))


def _actor(key: LiveKey, *, origin: str, request_id: str) -> Actor:
    return Actor(
        kind=Kind.KEY if key.merchant_id else Kind.PLATFORM,
        id=key.id,
        name=key.name,
        merchant_id=key.merchant_id,
        scopes=frozenset(key.scopes),
        origin=origin,
        request_id=request_id,
    )
