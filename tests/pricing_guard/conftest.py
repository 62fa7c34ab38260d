"""What the guard's tests share: a selling platform over HTTP, prices posted as events, and drains run by hand."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.home.drains import GATES
from merchant_protection.marketplace import drains as marketplace
from merchant_protection.marketplace.models import Platform
from merchant_protection.marketplace.outside.adapters import signed_webhook
from pricing_guard import drains
from pricing_guard.models import GuardPolicy
from pricing_guard.services import policies
from tests.factories.marketplace import InboundSourceFactory
from tests.fixtures.people import Persona
from tests.marketplace import posting
from tests.marketplace.fake_platform import SECRET, FakePlatform
from tests.pricing_guard.repricing import Marketplace

LIMITS = {"floor_price": "800", "max_drop_last": "30", "decimal_shift": True, "digit_slips": True}


@pytest.fixture
def market() -> Iterator[FakePlatform]:
    """The selling platform's own server."""
    platform = FakePlatform()
    yield platform
    signed_webhook.hang_up()
    platform.stop()


@pytest.fixture
def platform(merchant: Persona, market: FakePlatform) -> Platform:
    """The platform as the portal knows it, and its signed source."""
    source = InboundSourceFactory(public_id="src_tests", merchant=None)
    found = source.platform
    with tenancy.platform():
        found.base_url, found.secret_sealed = market.url, crypto.seal(SECRET)
        found.save()
    return found


@pytest.fixture
def tell(platform: Platform, now: datetime) -> Callable[..., None]:
    """Post events as the platform does, and let the drains decide and judge them."""

    def post(*events: dict[str, Any], later: float = 0) -> None:
        answer = posting.post([*events])
        assert answer.status_code == 202, answer.content
        assert not answer.json()["invalid"], answer.json()
        judge(now + timedelta(seconds=later))

    return post


@pytest.fixture
def opened() -> Iterator[Callable[..., Marketplace]]:
    """Opens a marketplace of the simulator, and closes it at the end."""
    places: list[Marketplace] = []

    def open_one(**more: int) -> Marketplace:
        places.append(Marketplace(**more))
        return places[-1]

    yield open_one
    signed_webhook.hang_up()
    for place in places:
        place.stop()


def judge(at: datetime) -> None:
    """Decide what was received and put it through the guard, at a moment or, where that is past, now."""
    at = max(at, timezone.now())
    with tenancy.platform():
        while marketplace.decide(lambda: at):
            pass
        while drains.judge(lambda: at):
            pass


def act(at: datetime) -> int:
    """Carry out what is due on the platform, past the guard's own gate."""
    at = max(at, timezone.now())
    with tenancy.platform():
        return marketplace.act(lambda: at, gates=GATES)


def price(value: str, version: int, *, sku: str = "WM-1", at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """A price event of a washing machine."""
    moment = {"occurred_at": at.isoformat()} if at else {}
    return posting.event("price.changed", version=version, sku=sku, price=value, **moment, **more)


def listing(sku: str = "WM-1", **more: Any) -> dict[str, Any]:
    """A listing event of a washing machine; a price event beside it goes before what it says of the price."""
    return posting.event("listing.changed", sku=sku, **more)


def guarded(
    shop: Merchant, person: Persona, *, at: datetime, mode: str = "AUTO", scope: str = "SHOP", **thresholds: Any
) -> GuardPolicy:
    """A published policy of a shop in a mode, as its owner makes it: learned checks have been watched for a week."""
    draft = policies.Draft(name=f"Policy {mode}", scope=scope, thresholds=thresholds or LIMITS)
    with tenancy.platform():
        saved = policies.save_version(merchant_id=shop.pk, draft=draft, actor=person.actor, at=at - timedelta(days=8))
        policies.publish(
            policy_id=saved.policy_id, number=1, actor=person.actor, at=at - timedelta(days=8), is_acknowledged=True
        )
        return policies.set_mode(
            policy_id=saved.policy_id, mode=mode, actor=person.actor, at=at, is_acknowledged=True, proved_again=True
        )
