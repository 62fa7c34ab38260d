"""What is asked of the selling platform. Features call `ask` in their own transaction; people have the rest."""

from merchant_protection.marketplace.services.actions.asking import ask, ask_by_person, person_wants
from merchant_protection.marketplace.services.actions.asking_many import ask_many
from merchant_protection.marketplace.services.actions.deciding import approve, decline, retry
from merchant_protection.marketplace.services.actions.holding import (
    expire_waiting,
    hold_new_orders,
    open_new_orders,
    release_due,
)
from merchant_protection.marketplace.services.actions.undoing import Undone, undo, undo_rule_since

__all__ = [
    "Undone",
    "approve",
    "ask",
    "ask_by_person",
    "ask_many",
    "decline",
    "expire_waiting",
    "hold_new_orders",
    "open_new_orders",
    "person_wants",
    "release_due",
    "retry",
    "undo",
    "undo_rule_since",
]
