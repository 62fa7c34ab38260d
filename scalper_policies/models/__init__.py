from scalper_policies.models.backtests import BacktestHit, BacktestRun
from scalper_policies.models.decisions import DecisionNote, DegradedAnswer, OrderDecision, Reservation, VersionFailure
from scalper_policies.models.draws import Draw, DrawEntry
from scalper_policies.models.lists import Kind, ListEntry, ListFile, Matched
from scalper_policies.models.policies import Policy, PolicyVersion, Reach, Snooze, VersionMove

__all__ = [
    "BacktestHit",
    "BacktestRun",
    "DecisionNote",
    "DegradedAnswer",
    "Draw",
    "DrawEntry",
    "Kind",
    "ListEntry",
    "ListFile",
    "Matched",
    "OrderDecision",
    "Policy",
    "PolicyVersion",
    "Reach",
    "Reservation",
    "Snooze",
    "VersionFailure",
    "VersionMove",
]
