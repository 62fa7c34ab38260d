"""Who is behind a request: loaded once, by session or by key."""

import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from merchant_protection.accounts import queries
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.accounts.models import Membership, User
from merchant_protection.accounts.queries import LiveKey
from merchant_protection.accounts.services import keys
from merchant_protection.foundation import crypto, tenancy

CHOSEN_MERCHANT = "merchant_id"
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


def of_key(presented: str, *, origin: str = "", request_id: str = "") -> Actor | None:
    """Return the program whose key this is, or nothing when the key opens nothing."""
    match = KEY_PATTERN.match(presented)
    if match is None:
        return None
    # Where everybody's rows are seen already, saying so again would be two questions more.
    with nullcontext() if tenancy.current() == tenancy.PLATFORM else tenancy.platform():
        now = timezone.now()
        key = queries.live_key(prefix=match["prefix"], digest=crypto.digest(presented), at=now)
        if key and (key.last_used_at is None or now - key.last_used_at > NOTED_EVERY):
            keys.note_use(key_id=key.id, at=now)
    return _actor(key, origin=origin, request_id=request_id) if key else None


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
