"""What the tests of restrictions and appeals share."""

import pytest

from merchant_protection.accounts.actor import Actor, Kind
from tests.factories.marketplace import SellingPlatformFactory


@pytest.fixture
def selling_platform(db: None) -> None:
    """A platform that can be asked."""
    SellingPlatformFactory()


@pytest.fixture
def speaker() -> Actor:
    """The platform's program that speaks for buyers."""
    return Actor(kind=Kind.PLATFORM, name="market", scopes=frozenset({"warnings:write"}))
