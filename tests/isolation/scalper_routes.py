"""Shop A's policies, answers, lists, backtests and draws, by the route that shows them."""

from typing import Any

from merchant_protection.accounts.models import Merchant
from tests.factories.scalper_policies import (
    BacktestRunFactory,
    DrawFactory,
    ListEntryFactory,
    OrderDecisionFactory,
    VersionFactory,
)


def ids_of(shop: Merchant, canary: str) -> dict[str, dict[str, Any]]:
    """Each with the canary somewhere in it."""
    version = VersionFactory(merchant=shop, policy__name=canary, reason=canary, author=canary)
    pks = {
        "policy": {"pk": version.policy_id},
        "version": {"pk": version.pk},
        "decision": {"pk": OrderDecisionFactory(merchant=shop, number=canary, verdict="HOLD").pk},
        "entry": {"pk": ListEntryFactory(merchant=shop, shown=canary, reason=canary).pk},
        "run": {"pk": BacktestRunFactory(merchant=shop, version=version, created_by=canary).pk},
        "draw": {"pk": DrawFactory(merchant=shop, name=canary).pk},
    }
    routes = {
        "policy": ("scalper_policy", "scalper_policy_edit", "scalper_compare", "api_scalper_policy-detail"),
        "version": ("scalper_version_move", "scalper_backtest_start"),
        "decision": ("scalper_decision", "scalper_decision_say", "api_order_decision-detail"),
        "entry": ("scalper_list_remove", "api_scalper_list_entry-detail"),
        "run": ("scalper_backtest", "scalper_backtest_cancel", "scalper_backtest_csv", "api_scalper_backtest-detail"),
        "draw": ("scalper_draw", "scalper_draw_cancel", "scalper_draw_entries", "api_scalper_draw-detail"),
    }
    return {route: pks[kind] for kind, names in routes.items() for route in names}
