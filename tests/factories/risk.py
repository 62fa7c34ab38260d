"""Warnings of a shop."""

from datetime import timedelta

import factory
from django.utils import timezone

from merchant_protection.risk.models import Warning
from tests.factories.accounts import MerchantFactory
from tests.factories.base import PlatformFactory


class WarningFactory(PlatformFactory):
    """Somebody hoards stock without paying."""

    class Meta:
        model = Warning

    class Params:
        overdue = factory.Trait(expires_at=factory.LazyFunction(lambda: timezone.now() - timedelta(minutes=1)))

    merchant = factory.SubFactory(MerchantFactory)
    kind = "hoarding"
    level = Warning.Level.MEDIUM
    source = "scalper_policies"
    dedupe_key = factory.Sequence(lambda n: f"order-{n}")
    raised_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=24))
