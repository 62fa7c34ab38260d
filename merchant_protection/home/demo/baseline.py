"""The demo's baseline rules: one version in force, the next one being approved, a rule left aside in one shop."""

from datetime import datetime, timedelta
from functools import partial

from merchant_protection.home.demo.people import staff
from scalper_policies.models import BaselineVersion
from scalper_policies.queries import baseline as queries
from scalper_policies.rules import baseline as rules
from scalper_policies.rules.policy import Dimension, Measure, Verdict
from scalper_policies.services import baseline, baseline_trials, overruling

DAY = timedelta(days=1)
AUTHOR, SECOND = "operations@demo.test", "operations2@demo.test"
DEVICE = partial(
    rules.with_limit,
    dimension=Dimension.DEVICE,
    most=30,
    measure=Measure.ORDERS,
    window=timedelta(minutes=10),
    answer=Verdict.HOLD,
)
ACCOUNT = partial(
    rules.with_limit,
    dimension=Dimension.ACCOUNT,
    most=200,
    measure=Measure.UNITS,
    window=DAY,
    answer=Verdict.VERIFY,
)
TIES = partial(rules.with_ties, signals=4, answer=Verdict.VERIFY)


def seed(*, other_shop: int, at: datetime) -> None:
    """Write, try and put in force the first version, and begin the second; what is there already stays as it is."""
    if queries.last_number():
        return
    author, second = staff(AUTHOR), staff(SECOND)
    first = baseline.write(actor=author, at=at - 12 * DAY, reason="各店都要守住的底线")
    for change in (DEVICE, ACCOUNT):
        baseline.revise(actor=author, version_id=first.pk, change=change, at=at - 12 * DAY)
    _put_up(first, at=at - 12 * DAY)
    baseline.approve(actor=second, version_id=first.pk, at=at - 11 * DAY)
    baseline.enforce(actor=second, version_id=first.pk, at=at - 4 * DAY, note="观察一周，只命中脚本下单")
    overruling.overrule_rule(
        actor=author,
        merchant_id=other_shop,
        policy_id=None,
        rule="account-units",
        until=at + 7 * DAY,
        reason="企业集中采购，已核实合同",
        at=at - DAY,
    )
    next_one = baseline.write(actor=second, at=at - DAY, reason="增加关联账号验证")
    baseline.revise(actor=second, version_id=next_one.pk, change=TIES, at=at - DAY)
    _put_up(next_one, at=at, author=SECOND)


def _put_up(version: BaselineVersion, *, at: datetime, author: str = AUTHOR) -> None:
    actor = staff(author)
    baseline_trials.ask(actor=actor, version_id=version.pk, at=at)
    while baseline_trials.run_due(now=at, clock=lambda: at):
        pass
    baseline.submit(actor=actor, version_id=version.pk, at=at)
