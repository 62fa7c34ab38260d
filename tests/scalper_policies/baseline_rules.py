"""What the tests of the baseline rules share: two people of operations, and a version that acts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from scalper_policies.models import BaselineVersion
from scalper_policies.services import baseline, baseline_trials
from tests.factories.accounts import UserFactory
from tests.factories.scalper_policies import about, per_account
from tests.fixtures.people import Persona

TWO_A_DAY = about(limits=(per_account(2),))


def second_person() -> Persona:
    """Somebody else of operations."""
    return Persona(UserFactory(operations=True, email="second@portal.example", display_name="Sven Second"))


def tried(actor: Actor, *, at: datetime, plain: Any = TWO_A_DAY) -> BaselineVersion:
    """Write a version and try it on the past."""
    with tenancy.platform():
        version = baseline.write(actor=actor, at=at, plain=plain, reason="Scalpers buy by the dozen")
        baseline_trials.ask(actor=actor, version_id=version.pk, at=at)
        while baseline_trials.run_due(now=at, clock=lambda: at):
            pass
    return version


def watching(author: Actor, other: Actor, *, at: datetime, plain: Any = TWO_A_DAY) -> BaselineVersion:
    """Let a version watch, approved by the second person."""
    version = tried(author, at=at, plain=plain)
    with tenancy.platform():
        baseline.submit(actor=author, version_id=version.pk, at=at)
        return baseline.approve(actor=other, version_id=version.pk, at=at)


def acting(author: Actor, other: Actor, *, at: datetime, plain: Any = TWO_A_DAY) -> BaselineVersion:
    """Let a version act from a moment on, after it watched for its seven days."""
    version = watching(author, other, at=at - timedelta(days=7), plain=plain)
    with tenancy.platform():
        return baseline.enforce(actor=other, version_id=version.pk, at=at)


@pytest.fixture
def second(db: None) -> Persona:
    """A second person of operations."""
    return second_person()


@pytest.fixture
def english() -> Iterator[None]:
    """Refusals are looked at in English."""
    with translation.override("en"):
        yield
