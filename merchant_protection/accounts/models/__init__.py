"""People, shops, who may do what in which, programs' keys, and lists as people like to see them."""

from merchant_protection.accounts.models.idempotency import KeptAnswer
from merchant_protection.accounts.models.keys import ApiKey
from merchant_protection.accounts.models.merchants import Invitation, Membership, Merchant, Role
from merchant_protection.accounts.models.saved_views import SavedView
from merchant_protection.accounts.models.users import StaffRole, User

__all__ = [
    "ApiKey",
    "Invitation",
    "KeptAnswer",
    "Membership",
    "Merchant",
    "Role",
    "SavedView",
    "StaffRole",
    "User",
]
