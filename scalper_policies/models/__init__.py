from scalper_policies.models.backtests import BacktestHit, BacktestRun
from scalper_policies.models.baseline import BaselineMove, BaselineTrial, BaselineVersion
from scalper_policies.models.decisions import DecisionNote, DegradedAnswer, OrderDecision, Reservation, VersionFailure
from scalper_policies.models.draws import Draw, DrawEntry
from scalper_policies.models.lists import Kind, ListEntry, ListFile, Matched
from scalper_policies.models.overrides import Override
from scalper_policies.models.policies import Policy, PolicyVersion, Reach, Snooze, VersionMove
from scalper_policies.models.queues import Queue

__all__ = [
    "BacktestHit",
    "BacktestRun",
    "BaselineMove",
    "BaselineTrial",
    "BaselineVersion",
    "DecisionNote",
    "DegradedAnswer",
    "Draw",
    "DrawEntry",
    "Kind",
    "ListEntry",
    "ListFile",
    "Matched",
    "OrderDecision",
    "Override",
    "Policy",
    "PolicyVersion",
    "Queue",
    "Reach",
    "Reservation",
    "Snooze",
    "VersionFailure",
    "VersionMove",
]
