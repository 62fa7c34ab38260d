"""The demo's launches: policies at every stage of their life, lists, and draws."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from merchant_protection.accounts.actor import Actor
from scalper_policies.models import BacktestRun, PolicyVersion
from scalper_policies.queries import policies as queries
from scalper_policies.rules import terms
from scalper_policies.rules.gallery import MILD, STRICT, TEMPLATES
from scalper_policies.rules.policy import (
    AddressRule,
    Check,
    ClusterRule,
    Dimension,
    Eligibility,
    Limit,
    Policy,
    SaleMode,
    Scope,
    Verdict,
    velocity,
)
from scalper_policies.services import backtests, draws, lists, versions

DAY = timedelta(days=1)
LAUNCH_DAYS, LAUNCHES_A_DAY = 5, 8
ENTRANTS = 60
CHINA = ZoneInfo("Asia/Shanghai")
TESTED = "演示：已观察两周。"


def seed(*, actor: Actor, merchant_id: int, code: str, at: datetime) -> None:
    """Make the shop's policies, lists and draws; what is there already stays as it is."""
    if queries.visible_to(actor).filter(merchant_id=merchant_id).exists():
        return
    _launch(actor, merchant_id, code, at)
    _everyday(actor, merchant_id, at)
    _waiting(actor, merchant_id, at)
    _queued(actor, merchant_id, at)
    _lists(actor, merchant_id, at)
    _draws(actor, merchant_id, at)


def launch_skus(code: str, at: datetime) -> frozenset[str]:
    """The numbers that the selling platform gives the launches of the next days."""
    first = at.astimezone(CHINA)
    return frozenset(
        f"{code.split('-')[0]}-L{first + DAY * day:%y%m%d}-{number:02d}"
        for day in range(LAUNCH_DAYS)
        for number in range(1, LAUNCHES_A_DAY + 1)
    )


def launch_terms(skus: frozenset[str], *, at: datetime, most: int = 2) -> Mapping[str, Any]:
    """Two pieces for one buyer, whoever they say they are; a ring on few devices is held."""
    limits = (
        Limit("account-units-1440m-each", Dimension.ACCOUNT, most, DAY, per_listing=True, score=50),
        Limit("phone-units-1440m-each", Dimension.PHONE, most, DAY, per_listing=True, score=50),
        Limit("device-units-1440m-each", Dimension.DEVICE, most, DAY, per_listing=True, score=50),
        Limit("payment-units-1440m-each", Dimension.PAYMENT, most, DAY, per_listing=True, score=50),
        Limit("address_cluster-units-1440m-each", Dimension.ADDRESS_CLUSTER, 3 * most, DAY, per_listing=True, score=20),
    )
    policy = Policy(
        scope=Scope(skus=skus, starts_at=at - 6 * DAY, ends_at=at + 30 * DAY),
        eligibility=Eligibility(announced_at=at - 6 * DAY, account_created_before=at - 7 * DAY, score=50),
        limits=limits,
        velocity=(velocity("device-velocity", Dimension.DEVICE, orders=3, score=50),),
        addresses=(AddressRule("to-freight_forwarder", "FREIGHT_FORWARDER", 50),),
        clusters=(ClusterRule("cluster", score=50),),
        bands=MILD,
        when_we_fail=Verdict.HOLD,
    )
    return terms.to_plain(policy)


def _launch(actor: Actor, merchant_id: int, code: str, at: datetime) -> None:
    """In force, with a stricter version beside it in shadow."""
    skus = launch_skus(code, at)
    first = versions.create(
        actor=actor,
        merchant_id=merchant_id,
        name="生肖礼盒首发",
        plain=launch_terms(skus, at=at),
        at=at - 15 * DAY,
        reason="首发每人两件",
    )
    _bring_to_force(actor, first, at=at)
    second = versions.revise(
        actor=actor,
        policy_id=first.policy_id,
        plain=launch_terms(skus, at=at, most=1),
        at=at - DAY,
        reason="想看看每人一件会怎样",
    )
    versions.approve(actor=actor, version_id=second.pk, at=at - DAY)
    versions.watch(actor=actor, version_id=second.pk, at=at - DAY)


def _everyday(actor: Actor, merchant_id: int, at: datetime) -> None:
    limit = Limit("account-units-1440m-each", Dimension.ACCOUNT, 20, DAY, per_listing=True, score=50)
    plain = terms.to_plain(Policy(scope=Scope(all_listings=True), limits=(limit,), bands=MILD))
    made = versions.create(actor=actor, merchant_id=merchant_id, name="日常限购", plain=plain, at=at - 20 * DAY)
    versions.approve(actor=actor, version_id=made.pk, at=at - 20 * DAY)
    versions.watch(actor=actor, version_id=made.pk, at=at - 19 * DAY)
    _try_on_past(actor, made, at=at)
    versions.try_out(actor=actor, version_id=made.pk, percent=20, at=at - 8 * DAY, acknowledged=True)


def _waiting(actor: Actor, merchant_id: int, at: datetime) -> None:
    """One that rejects waits for the marketplace's staff; one is a draft."""
    skus = frozenset({"QH-001-01", "QH-001-02"})
    limited = TEMPLATES["limited"]
    strict = Policy(
        scope=Scope(skus=skus, starts_at=at + 12 * DAY, ends_at=at + 14 * DAY),
        limits=limited.limits,
        velocity=limited.velocity,
        clusters=limited.clusters,
        bands=STRICT,
        when_we_fail=Verdict.HOLD,
    )
    made = versions.create(
        actor=actor, merchant_id=merchant_id, name="双十二爆款", plain=terms.to_plain(strict), at=at - 2 * DAY
    )
    versions.submit(actor=actor, version_id=made.pk, at=at - 2 * DAY, note="大促当天再开")
    plain = terms.to_plain(TEMPLATES["resale"])
    versions.create(actor=actor, merchant_id=merchant_id, name="转卖地址", plain=plain, at=at - 3 * DAY)


def _queued(actor: Actor, merchant_id: int, at: datetime) -> None:
    """Orders of one dish wait for their turn, and whoever takes more than two enters a code first."""
    queued = Policy(
        scope=Scope(skus=frozenset({"QH-001-01"}), starts_at=at - 6 * DAY, ends_at=at + 9 * DAY),
        limits=(Limit("account-units-1440m", Dimension.ACCOUNT, 2, DAY, score=20),),
        mode=SaleMode.QUEUE,
        queue_per_minute=1,
        check=Check.PHONE,
        bands=MILD,
    )
    made = versions.create(
        actor=actor, merchant_id=merchant_id, name="限时返场排队", plain=terms.to_plain(queued), at=at - 16 * DAY
    )
    _bring_to_force(actor, made, at=at)


def _bring_to_force(actor: Actor, version: PolicyVersion, *, at: datetime) -> None:
    versions.approve(actor=actor, version_id=version.pk, at=at - 15 * DAY)
    versions.watch(actor=actor, version_id=version.pk, at=at - 14 * DAY)
    _try_on_past(actor, version, at=at)
    versions.enforce(actor=actor, version_id=version.pk, at=at - 6 * DAY, note=TESTED, acknowledged=True)


def _try_on_past(actor: Actor, version: PolicyVersion, *, at: datetime) -> None:
    """A demo that was started before these pages were has orders, and what acts is tried on them first."""
    if queries.has_orders(version.merchant_id):
        backtests.ask(actor=actor, version_id=version.pk, reading=BacktestRun.Reading.OBSERVED, at=at)
        backtests.run_due(now=at)


def _lists(actor: Actor, merchant_id: int, at: datetime) -> None:
    entries = (
        ("EXEMPT", "ACCOUNT", "b-100001", "会员日团购老客户", 180),
        ("EXEMPT", "ACCOUNT", "b-100007", "企业采购，已核实", 90),
        ("DENY", "PHONE", "13900001234", "多次转卖被买家投诉", 365),
        ("DENY", "ADDRESS_CLUSTER", "广东省深圳市龙岗区坂田街道雅宝路8号仓", "代收转寄仓库", 365),
    )
    for kind, dimension, text, reason, days in entries:
        lists.add(
            actor=actor,
            merchant_id=merchant_id,
            kind=kind,
            dimension=dimension,
            text=text,
            reason=reason,
            expires_at=at + days * DAY,
            at=at,
        )


def _draws(actor: Actor, merchant_id: int, at: datetime) -> None:
    """One that was drawn, and one that takes entries, for a launch whose buyers chance decides."""
    made = _drawn_launch(actor, merchant_id, at)
    for name, opens, closes in (("联名茶具抽签", 9, -2), ("生肖礼盒第二批", 1, 3)):
        draw = draws.commit(
            actor=actor,
            merchant_id=merchant_id,
            name=name,
            places=12,
            policy_id=made.policy_id,
            opens_at=at - opens * DAY,
            closes_at=at + closes * DAY,
            at=at - opens * DAY,
        )
        for number in range(ENTRANTS):
            entered = at - opens * DAY + timedelta(minutes=7 * number)
            draws.enter(actor=Actor.clock("seed_demo"), draw_id=draw.pk, buyer=f"b-{200_000 + number}", at=entered)
    draws.draw_due(now=at)


def _drawn_launch(actor: Actor, merchant_id: int, at: datetime) -> PolicyVersion:
    """One piece for each of those whom the draw chose; it watches, so that the demo's other buyers may buy."""
    begins = at + 4 * DAY
    drawn = Policy(
        scope=Scope(skus=frozenset({"QH-001-03"}), starts_at=begins, ends_at=begins + 3 * DAY),
        limits=(Limit("account-units-launch", Dimension.ACCOUNT, 1),),
        mode=SaleMode.DRAW,
        bands=MILD,
    )
    made = versions.create(
        actor=actor, merchant_id=merchant_id, name="联名茶具抽签发售", plain=terms.to_plain(drawn), at=at - 10 * DAY
    )
    versions.approve(actor=actor, version_id=made.pk, at=at - 10 * DAY)
    return versions.watch(actor=actor, version_id=made.pk, at=at - 10 * DAY)
