"""What a replay needs of the portal that runs here: shops of its own, a key for each, a source that signs."""

import secrets
from datetime import timedelta
from typing import Any

from django.utils import timezone

from benchmarks.replay import ACTIONS_SECRET, Replay
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.accounts.services import keys, merchants
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Platform
from merchant_protection.marketplace.services import platforms, sources

SHOPS = 2
SCOPES = ("claims:write", "claims:read", "orders:read")
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody takes actions there


def opened(*, portal: str, days: int, orders_a_day: float, stories_a_day: float, seed: int, **more: Any) -> Replay:
    """Open the shops, and return a replay into them that ends now."""
    at, run = timezone.now(), secrets.token_hex(3)
    clock = Actor.clock("replay")
    operations = Actor(kind=Kind.USER, name="Replay", staff_roles=frozenset({"OPERATIONS"}))
    with tenancy.platform():
        platform = Platform.objects.filter(code="simulator").first() or platforms.connect(
            actor=clock, code="replay", name="Replay", base_url=NOWHERE, secret=ACTIONS_SECRET, at=at
        )
        source, secret = sources.create(actor=clock, platform_id=platform.pk, merchant_id=None, name="Replay", at=at)
        presented = {}
        for number in range(1, SHOPS + 1):
            shop = merchants.open_shop(actor=clock, code=f"R{run}-{number}", name=f"Replay {run} {number}", at=at)
            _key, presented[shop.code] = keys.create(
                actor=operations,
                merchant_id=shop.pk,
                name="Replay",
                scopes=SCOPES,
                expires_at=at + timedelta(days=1),
                at=at,
            )
    return Replay(
        portal,
        source.public_id,
        secret,
        presented,
        until=at,
        days=days,
        orders_a_day=orders_a_day,
        stories_a_day=stories_a_day,
        seed=seed,
        **more,
    )
