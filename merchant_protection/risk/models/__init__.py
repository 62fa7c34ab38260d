"""What features share about orders and buyers: warnings, clusters, restrictions, appeals, outcomes."""

from merchant_protection.risk.models.buyers import Appeal, BuyerSignal, Restriction, RestrictionMove, SignalDispute
from merchant_protection.risk.models.clusters import BuyerCluster, ClusterMember
from merchant_protection.risk.models.outcomes import Outcome
from merchant_protection.risk.models.violations import Relief, Violation
from merchant_protection.risk.models.warnings import BulkAnswer, Label, Snooze, Warning, WarningLimits, WarningMove

__all__ = [
    "Appeal",
    "BulkAnswer",
    "BuyerCluster",
    "BuyerSignal",
    "ClusterMember",
    "Label",
    "Outcome",
    "Relief",
    "Restriction",
    "RestrictionMove",
    "SignalDispute",
    "Snooze",
    "Violation",
    "Warning",
    "WarningLimits",
    "WarningMove",
]
