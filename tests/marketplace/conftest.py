"""What the tests of actions share: a platform over HTTP, a toy rule, and a drain that is run by hand."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import crypto
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace import drains
from merchant_protection.marketplace.models import Platform, PlatformAction
from merchant_protection.marketplace.outside.adapters import signed_webhook
from merchant_protection.marketplace.rules.wishes import Wish
from merchant_protection.marketplace.services import actions
from tests.factories.base import PlatformFactory
from tests.fixtures.people import Persona
from tests.marketplace.fake_platform import SECRET, FakePlatform

CLOCK = Actor.clock("toy rule")


class SellingPlatformFactory(PlatformFactory):
    """A selling platform at an address."""

    class Meta:
        model = Platform

    code = "market"
    name = "Market"


@pytest.fixture
def market() -> Iterator[FakePlatform]:
    """The selling platform's own server."""
    platform = FakePlatform()
    yield platform
    signed_webhook.hang_up()
    platform.stop()


@pytest.fixture
def platform(db: None, market: FakePlatform) -> Platform:
    """The platform as the portal knows it."""
    return SellingPlatformFactory(base_url=market.url, secret_sealed=crypto.seal(SECRET))


@pytest.fixture
def ask(merchant: Persona, platform: Platform, now: datetime) -> Callable[..., PlatformAction]:
    """Ask as a toy rule does, in a transaction of its own: `ask("delist", "SKU-1")`."""

    @transaction
    def asked(verb: str, ref: str, *, mode: str = "AUTO", at: datetime = now, **fields: Any) -> PlatformAction:
        if verb == "hold_order":
            fields.setdefault("release_after", timedelta(minutes=30))
        wish = Wish(
            **{"merchant_id": merchant.shop.pk, "feature": "toy", "rule": "floor", "rule_version": "1"} | fields,
            verb=verb,
            ref=ref,
        )
        return actions.ask(wish, mode=mode, actor=CLOCK, at=at)

    return asked


@pytest.fixture
def drain(now: datetime) -> Callable[..., int]:
    """Run the drain once at a moment: `drain()`, `drain(later=60)`."""

    def run(later: float = 0, **more: Any) -> int:
        return drains.act(lambda: now + timedelta(seconds=later), **more)

    return run
