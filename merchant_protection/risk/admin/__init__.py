"""Staff pages of warnings, restrictions, appeals, clusters and violations."""

from merchant_protection.risk.admin.buyers import BuyerClusterAdmin, RestrictionAdmin
from merchant_protection.risk.admin.objections import AppealAdmin, SignalDisputeAdmin
from merchant_protection.risk.admin.violations import ViolationAdmin
from merchant_protection.risk.admin.warnings import WarningAdmin

__all__ = [
    "AppealAdmin",
    "BuyerClusterAdmin",
    "RestrictionAdmin",
    "SignalDisputeAdmin",
    "ViolationAdmin",
    "WarningAdmin",
]
