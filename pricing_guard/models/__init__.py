"""What the price guard keeps: policies, what it remembers of listings, incidents, jobs."""

from pricing_guard.models.checks import GuardHit, PriceCheck
from pricing_guard.models.incidents import (
    AffectedOrder,
    Incident,
    IncidentCause,
    IncidentLink,
    IncidentMove,
    IncidentStep,
)
from pricing_guard.models.jobs import (
    Backtest,
    BacktestHit,
    EvidencePack,
    FloorChange,
    FloorFault,
    FloorImport,
    HandOver,
)
from pricing_guard.models.memories import GuardShop, HadPrice, ListingGuard, PriceUse, PromotionLook
from pricing_guard.models.policies import ApprovedWindow, GuardPolicy, PolicyVersion, Suspension

__all__ = [
    "AffectedOrder",
    "ApprovedWindow",
    "Backtest",
    "BacktestHit",
    "EvidencePack",
    "FloorChange",
    "FloorFault",
    "FloorImport",
    "GuardHit",
    "GuardPolicy",
    "GuardShop",
    "HadPrice",
    "HandOver",
    "Incident",
    "IncidentCause",
    "IncidentLink",
    "IncidentMove",
    "IncidentStep",
    "ListingGuard",
    "PolicyVersion",
    "PriceCheck",
    "PriceUse",
    "PromotionLook",
    "Suspension",
]
