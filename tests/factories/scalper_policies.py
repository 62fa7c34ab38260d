"""Launch policies of a shop, their versions and answered orders."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import factory
from django.utils import timezone

from merchant_protection.foundation import crypto, tenancy
from scalper_policies.models import (
    BacktestRun,
    BaselineVersion,
    Draw,
    ListEntry,
    ListFile,
    OrderDecision,
    Override,
    Policy,
    PolicyVersion,
    Reach,
    Snooze,
)
from scalper_policies.rules import backtest, terms
from scalper_policies.rules.backtest import Reading
from scalper_policies.rules.policy import Dimension, Limit, Scope
from scalper_policies.rules.policy import Policy as Terms
from tests.factories.accounts import MerchantFactory
from tests.factories.base import PlatformFactory


def per_account(most: int, *, hours: int | None = 24, **more: Any) -> Limit:
    """At most so many units for one account, in so many hours or in the whole launch."""
    return Limit("account", Dimension.ACCOUNT, most, timedelta(hours=hours) if hours else None, **more)


def about(*skus: str, limits: tuple[Limit, ...] = (), **more: Any) -> Mapping[str, Any]:
    """The terms of a policy about these listings, or about every listing when none is named."""
    scope = Scope(skus=frozenset(skus), all_listings=not skus, **more.pop("scope", {}))
    return terms.to_plain(Terms(scope=scope, limits=limits, **more))


def nothing_found(plain: Mapping[str, Any], *, reading: str) -> dict[str, Any]:
    """What a backtest over no orders reports, as it is kept."""
    report = asdict(backtest.backtest(terms.from_plain(plain), (), Reading(reading)))
    verdicts = {verdict.value: number for verdict, number in report["verdicts"].items()}
    of_orders = {"days": [], "overlap": [], "hits": 0, "hits_kept": 0, "findings": []}
    return report | of_orders | {"reading": reading, "verdicts": verdicts}


class PolicyFactory(PlatformFactory):
    """A policy without versions."""

    class Meta:
        model = Policy

    merchant = factory.SubFactory(MerchantFactory)
    name = factory.Sequence(lambda n: f"限量发售 {n}")
    created_at = factory.LazyFunction(timezone.now)
    changed_at = factory.LazyFunction(timezone.now)
    created_by = "Ann Owner"


class VersionFactory(PlatformFactory):
    """A version in force, of two pieces of SKU-HOT for one account in a day, found by its listings."""

    class Meta:
        model = PolicyVersion

    class Params:
        draft = factory.Trait(status="DRAFT", approved_at=None, acts_since=None)

    merchant = factory.SubFactory(MerchantFactory)
    policy = factory.SubFactory(PolicyFactory, merchant=factory.SelfAttribute("..merchant"))
    number = 1
    status = "ENFORCING"
    terms = factory.LazyFunction(lambda: about("SKU-HOT", limits=(per_account(2),)))
    when_we_fail = factory.LazyAttribute(lambda version: version.terms["when_we_fail"])
    harshest = factory.LazyAttribute(lambda version: terms.harshest(terms.from_plain(version.terms)).value)
    starts_at = factory.LazyAttribute(lambda version: _moment(version.terms["scope"]["starts_at"]))
    ends_at = factory.LazyAttribute(lambda version: _moment(version.terms["scope"]["ends_at"]))
    author = "Ann Owner"
    created_at = factory.LazyFunction(timezone.now)
    changed_at = factory.LazyFunction(timezone.now)
    approved_at = factory.LazyFunction(timezone.now)
    acts_since = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def reach(self: Any, create: bool, extracted: Any, **_: Any) -> None:
        if self.status not in ("SHADOW", "CANARY", "ENFORCING"):
            return
        scope = self.terms["scope"]
        with tenancy.platform():
            for sku in [""] if scope["all_listings"] else scope["skus"]:
                Reach.objects.create(merchant=self.merchant, version=self, sku=sku)


class OrderDecisionFactory(PlatformFactory):
    """An order that was allowed."""

    class Meta:
        model = OrderDecision

    merchant = factory.SubFactory(MerchantFactory)
    number = factory.Sequence(lambda n: f"D{n:010}")
    digest = "0" * 64
    verdict = "ALLOW"
    facts = factory.LazyAttribute(
        lambda decision: {"number": decision.number, "placed_at": decision.placed_at.isoformat(), "lines": []}
    )
    placed_at = factory.LazyFunction(timezone.now)
    decided_at = factory.SelfAttribute("placed_at")
    expires_at = factory.LazyAttribute(lambda decision: decision.placed_at + timedelta(minutes=30))


class OverrideFactory(PlatformFactory):
    """A held order that staff let pass for a day."""

    class Meta:
        model = Override

    merchant = factory.SubFactory(MerchantFactory)
    kind = "DECISION"
    decision = factory.SubFactory(OrderDecisionFactory, merchant=factory.SelfAttribute("..merchant"), verdict="HOLD")
    verdict = "ALLOW"
    reason = "测试"
    starts_at = factory.LazyFunction(timezone.now)
    ends_at = factory.LazyAttribute(lambda override: override.starts_at + timedelta(days=1))
    made_by = "Opal Operations"


class BaselineVersionFactory(PlatformFactory):
    """A version of the baseline rules that acts: ten units for one account in a day."""

    class Meta:
        model = BaselineVersion

    number = factory.Sequence(lambda n: n + 1)
    status = "ENFORCING"
    terms = factory.LazyFunction(lambda: about(limits=(per_account(10),)))
    harshest = "REJECT"
    author = "Opal Operations"
    created_at = factory.LazyFunction(timezone.now)
    changed_at = factory.LazyFunction(timezone.now)
    approved_at = factory.LazyFunction(timezone.now)
    watched_since = factory.LazyFunction(timezone.now)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


class ListEntryFactory(PlatformFactory):
    """An account on the deny list for good."""

    class Meta:
        model = ListEntry

    merchant = factory.SubFactory(MerchantFactory)
    kind = "DENY"
    dimension = "ACCOUNT"
    key = factory.Sequence(lambda n: f"{n:064}")
    shown = "b***1"
    reason = "测试"
    created_at = factory.LazyFunction(timezone.now)
    created_by = "Ann Owner"


class ListFileFactory(PlatformFactory):
    """A file of denied accounts that waits."""

    class Meta:
        model = ListFile

    merchant = factory.SubFactory(MerchantFactory)
    kind = "DENY"
    dimension = "ACCOUNT"
    file_name = "deny.csv"
    path = "/nowhere"
    reason = "测试"
    created_at = factory.LazyFunction(timezone.now)
    created_by = "Ann Owner"


class SnoozeFactory(PlatformFactory):
    """One rule left aside for one account for a day."""

    class Meta:
        model = Snooze

    merchant = factory.SubFactory(MerchantFactory)
    policy = factory.SubFactory(PolicyFactory, merchant=factory.SelfAttribute("..merchant"))
    rule = "account"
    dimension = "ACCOUNT"
    key = factory.Sequence(lambda n: f"{n:064}")
    until = factory.LazyFunction(lambda: timezone.now() + timedelta(days=1))
    created_at = factory.LazyFunction(timezone.now)
    created_by = "Ann Owner"


class BacktestRunFactory(PlatformFactory):
    """A finished backtest that found nothing."""

    class Meta:
        model = BacktestRun

    merchant = factory.SubFactory(MerchantFactory)
    version = factory.SubFactory(VersionFactory, merchant=factory.SelfAttribute("..merchant"))
    reading = "observed"
    status = "DONE"
    report = factory.LazyAttribute(lambda run: nothing_found(run.version.terms, reading=run.reading))
    created_at = factory.LazyFunction(timezone.now)
    created_by = "Ann Owner"
    finished_at = factory.LazyFunction(timezone.now)


class DrawFactory(PlatformFactory):
    """A draw that takes entries."""

    class Meta:
        model = Draw

    merchant = factory.SubFactory(MerchantFactory)
    name = factory.Sequence(lambda n: f"抽签 {n}")
    places = 10
    commitment = "0" * 64
    seed_sealed = factory.LazyFunction(lambda: crypto.seal("11" * 32))
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))
    closes_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=1))
    created_at = factory.LazyFunction(timezone.now)
    created_by = "Ann Owner"
