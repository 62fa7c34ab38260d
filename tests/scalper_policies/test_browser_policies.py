"""A launch protected in a real browser: written, tried on past orders, watched; every page readable for everybody."""

from datetime import timedelta

import pytest
from django.utils import timezone

from merchant_protection.foundation import tenancy
from scalper_policies.models import PolicyVersion
from scalper_policies.services import backtests
from tests.factories.marketplace import OrderFactory
from tests.factories.scalper_policies import (
    BacktestRunFactory,
    DrawFactory,
    ListEntryFactory,
    OrderDecisionFactory,
    VersionFactory,
)
from tests.scalper_policies.test_pages import REASON

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
REPORT = {
    "hits": 12, "hits_kept": 12, "in_scope": 340, "orders": 400, "units": 900, "units_stopped": 60, "buyers": 200,
    "units_kept_for_ordinary": 840, "buyers_hit": 9, "ordinary_buyers": 200, "ordinary_buyers_hurt": 9, "labelled": 0,
    "precision": None, "recall": None, "hits_by_rule": {"account": 12}, "overlap": [[["account"], 12]],
    "days": [[f"2026-11-{day:02}", 30 + day, day % 5] for day in range(1, 25)],
    "findings": [
        {"code": "HITS_MANY_BUYERS", "gravity": "WARNING", "params": {"percent": 45, "hit": 9, "buyers": 20}}
    ],
}  # fmt: skip


@pytest.fixture
def furnished(live_server, merchant):
    shop, now = merchant.shop, timezone.now()
    version = VersionFactory(merchant=shop, policy__name="生肖礼盒首发 限量编号 2026 款", status="SHADOW")
    VersionFactory(merchant=shop, policy=version.policy, number=2, draft=True)
    with tenancy.platform():
        PolicyVersion.objects.filter(pk=version.pk).update(starts_at=now, ends_at=now + timedelta(days=3))
    answers = [
        {"policy": version.policy_id, "version": 1, "version_id": version.pk, "mode": "ENFORCING", "verdict": "HOLD",
         "score": 50, "exempt": False, "reasons": [REASON]}
    ]  # fmt: skip
    decision = OrderDecisionFactory(
        merchant=shop, number="2026112622001234", verdict="HOLD", reasons=[REASON], answers=answers,
        policies=[version.policy_id], buyer_key="a" * 64, buyer_shown="b***0001",
    )  # fmt: skip
    ListEntryFactory(merchant=shop, kind="EXEMPT", expires_at=now + timedelta(days=30))
    run = BacktestRunFactory(merchant=shop, version=version, report=REPORT)
    draw = DrawFactory(merchant=shop)
    base = "/m/scalper-policies/"
    return {
        "policies": base,
        "policy": f"{base}{version.policy_id}/",
        "editor": f"{base}{version.policy_id}/edit/",
        "compare": f"{base}{version.policy_id}/compare/",
        "backtest": f"{base}backtests/{run.pk}/",
        "decisions": f"{base}decisions/",
        "decision": f"{base}decisions/{decision.pk}/",
        "lists": f"{base}lists/",
        "list-add": f"{base}lists/add/",
        "calendar": f"{base}calendar/",
        "draws": f"{base}draws/",
        "draw": f"{base}draws/{draw.pk}/",
    }


@pytest.mark.parametrize(
    ("language", "width", "dark"), [("zh-CN", 1280, False), ("en", 390, True)], ids=["zh", "en-phone-dark"]
)
def test_every_page_is_readable_and_whole(open_page, axe, merchant, furnished, language, width, dark):
    page = open_page("/m/", as_=merchant, language=language, width=width, dark=dark)
    for name, path in furnished.items():
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_a_launch_is_protected_from_the_first_sentence_to_the_shadow(open_page, merchant):
    for index in range(6):
        OrderFactory(
            merchant=merchant.shop,
            placed_at=timezone.now() - timedelta(hours=index),
            units=1 + 3 * (index % 2),
            lines_count=1,
            skus=["SKU-1"],
        )
    page = open_page("/m/scalper-policies/", as_=merchant, language="zh-CN")

    page.click("text=限量首发")
    page.fill("[name=name]", "双十二首发")
    page.fill("[name=skus]", "SKU-1")
    page.uncheck("[name=may_reject]")
    page.click("text=保存草稿")
    page.wait_for_selector("text=第 1 版的内容")
    page.click("text=开始回测")
    page.wait_for_url("**/backtests/*/")
    with tenancy.platform():
        backtests.run_due(now=timezone.now())
    page.wait_for_selector("chart-box svg")
    page.click("a.back")
    page.click("button:text-is('批准')")
    page.click("button:text-is('开始观察')")
    page.wait_for_selector(".page-head .status:has-text('影子'), .page-head .status:has-text('观察')")

    with tenancy.platform():
        assert PolicyVersion.objects.get().status == "SHADOW"
