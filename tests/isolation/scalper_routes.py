"""Shop A's policies, answers, lists, backtests and draws, by the route that shows them."""

from typing import Any

from merchant_protection.accounts.models import Merchant
from tests.factories.scalper_policies import (
    BacktestRunFactory,
    BaselineVersionFactory,
    DrawFactory,
    ListEntryFactory,
    ListFileFactory,
    OrderDecisionFactory,
    OverrideFactory,
    SnoozeFactory,
    VersionFactory,
)

# What a draw published is for anybody who has its commitment; buyers are not named there.
OPEN = {"draw_published", "draw_published_entries"}


def ids_of(shop: Merchant, canary: str) -> dict[str, dict[str, Any]]:
    """Each with the canary somewhere in it."""
    version = VersionFactory(merchant=shop, policy__name=canary, reason=canary, author=canary)
    pks = {
        "policy": {"pk": version.policy_id},
        "version": {"pk": version.pk},
        "decision": {"pk": OrderDecisionFactory(merchant=shop, number=canary, verdict="HOLD").pk},
        "entry": {"pk": ListEntryFactory(merchant=shop, shown=canary, reason=canary).pk},
        "run": {"pk": BacktestRunFactory(merchant=shop, version=version, created_by=canary).pk},
        "file": {"pk": ListFileFactory(merchant=shop, file_name=canary, reason=canary).pk},
        "snooze": {"pk": SnoozeFactory(merchant=shop, policy=version.policy, shown=canary, reason=canary).pk},
        "override": {"pk": OverrideFactory(merchant=shop, decision__number=f"{canary}-2", reason=canary).pk},
        # A draft of the platform's own rules is for staff alone.
        "baseline": {"pk": BaselineVersionFactory(status="DRAFT", watched_since=None, reason=canary).pk},
        "draw": {"pk": DrawFactory(merchant=shop, name=canary).pk},
    }
    moves = ("submit", "approve", "send-back", "watch", "try-out", "enforce", "retire")
    routes = {
        "policy": ("scalper_policy", "scalper_policy_edit", "scalper_compare", *api("policy", "detail", "revise")),
        "version": ("scalper_version_move", "scalper_backtest_start", *api("version", "detail", *moves)),
        "decision": ("scalper_decision", "scalper_decision_say", "api_order_decision-detail"),
        "entry": ("scalper_list_remove", *api("list_entry", "detail")),
        "override": api("override", "detail", "end"),
        "baseline": api("baseline", "detail"),
        "file": api("list_file", "detail"),
        "snooze": api("snooze", "detail"),
        "run": (
            *("scalper_backtest", "scalper_backtest_cancel", "scalper_backtest_csv"),
            *api("backtest", "detail", "cancel"),
        ),
        "draw": (
            *("scalper_draw", "scalper_draw_cancel", "scalper_draw_recompute", "scalper_draw_entries"),
            *api("draw", "detail", "cancel", "entries"),
        ),
    }
    return {route: pks[kind] for kind, names in routes.items() for route in names}


def api(family: str, *actions: str) -> tuple[str, ...]:
    """The names of a family's routes."""
    return tuple(f"api_scalper_{family}-{action}" for action in actions)
