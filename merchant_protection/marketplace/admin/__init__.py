"""Staff pages of the marketplace: what arrived, what is asked, and what holds it in check."""

from merchant_protection.marketplace.admin import actions, address_lists, facts, guards, inbox

__all__ = ["actions", "address_lists", "facts", "guards", "inbox"]
