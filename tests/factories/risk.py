"""Warnings, restrictions and appeals of a shop."""

from datetime import timedelta

import factory
from django.utils import timezone

from merchant_protection.risk.models import Appeal, BuyerSignal, Restriction, SignalDispute, Violation, Warning
from tests.factories.accounts import MerchantFactory
from tests.factories.base import PlatformFactory
from tests.factories.marketplace import BuyerFactory


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


class RestrictionFactory(PlatformFactory):
    """A buyer may not order for a month; it waits for its review."""

    class Meta:
        model = Restriction

    merchant = factory.SubFactory(MerchantFactory)
    buyer = factory.SubFactory(BuyerFactory, merchant=factory.SelfAttribute("..merchant"))
    limits = ["NO_ORDERS"]
    reason = "three unpaid orders of the whole stock"
    made_at = factory.LazyFunction(timezone.now)
    made_by = "Ann Owner"
    review_due_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=24))
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=30))


class AppealFactory(PlatformFactory):
    """A buyer says that the hold was wrong."""

    class Meta:
        model = Appeal

    merchant = factory.SubFactory(MerchantFactory)
    reference = factory.Sequence(lambda n: f"AP-{n}")
    source = Appeal.Source.PLATFORM
    words = "I buy for my school every autumn."
    opened_at = factory.LazyFunction(timezone.now)
    opened_by = "platform"
    due_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=8))


class BuyerSignalFactory(PlatformFactory):
    """Claims against nine shops in 30 days."""

    class Meta:
        model = BuyerSignal

    kind = BuyerSignal.Kind.CLAIMS
    shops = 9
    cases = 12
    weight = 4.0
    newest_at = factory.LazyFunction(timezone.now)
    counted_at = factory.LazyFunction(timezone.now)


class SignalDisputeFactory(PlatformFactory):
    """A buyer says that the count is of somebody else."""

    class Meta:
        model = SignalDispute

    kind = BuyerSignal.Kind.CLAIMS
    words = "My account was used by somebody else."
    opened_at = factory.LazyFunction(timezone.now)
    opened_by = "platform"
    due_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=72))


class ViolationFactory(PlatformFactory):
    """A struck-out price that was never asked; three points for a year."""

    class Meta:
        model = Violation

    merchant = factory.SubFactory(MerchantFactory)
    reference = factory.Sequence(lambda n: f"V-{n}")
    kind = Violation.Kind.MISLEADING_PRICE
    reason = "The struck-out price was never asked."
    points = 3
    happened_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=2))
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=363))
    recorded_at = factory.LazyFunction(timezone.now)
    recorded_by = "Ops"
