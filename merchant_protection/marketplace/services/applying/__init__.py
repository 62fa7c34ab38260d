"""Bringing the shop's facts forward by what events told, set by set.

Every step is safe to repeat and in any order: the newest version wins, history
keeps the older ones too, and the end is the same.
"""

from merchant_protection.marketplace.services.applying.batches import apply

__all__ = ["apply"]
