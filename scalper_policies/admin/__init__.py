"""Staff pages of the scalper policies."""

from scalper_policies.admin.baseline import BaselineTrialAdmin, BaselineVersionAdmin
from scalper_policies.admin.overrides import OverrideAdmin
from scalper_policies.admin.policies import (
    BacktestRunAdmin,
    DegradedAnswerAdmin,
    OrderDecisionAdmin,
    PolicyVersionAdmin,
)

__all__ = [
    "BacktestRunAdmin",
    "BaselineTrialAdmin",
    "BaselineVersionAdmin",
    "DegradedAnswerAdmin",
    "OrderDecisionAdmin",
    "OverrideAdmin",
    "PolicyVersionAdmin",
]
