"""Who may do what with the guard's policies and incidents."""

from merchant_protection.accounts.actor import Actor, Kind
from pricing_guard.models import ApprovedWindow

OPERATIONS = "OPERATIONS"
READ, WRITE = "price_guard:read", "price_guard:write"


def may_look(actor: Actor) -> bool:
    """People look at the guard of their own shops; a program needs the scope `price_guard:read`."""
    if actor.kind in (Kind.KEY, Kind.PLATFORM):
        return actor.has_scope(READ) or actor.has_scope(WRITE)
    return actor.is_staff or actor.is_system or bool(actor.merchant_roles)


def can_set(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators set policies and floors, and so do their programs with the scope `price_guard:write`."""
    if actor.kind == Kind.KEY:
        return actor.has_scope(WRITE) and actor.merchant_id == merchant_id
    return actor.may_write(merchant_id) or actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK


def must_prove_again(actor: Actor) -> bool:
    """People prove again who they are before a rule acts by itself or lets more through; programs cannot do either."""
    return actor.kind != Kind.CLOCK


def can_answer(actor: Actor, merchant_id: int) -> bool:
    """Owners, operators and operations say of a price that it is wrong or meant; the clock acts when grace ends."""
    return can_set(actor, merchant_id)


def can_release(actor: Actor) -> bool:
    """In an emergency operations lift a stop for a shop, two people together."""
    return actor.has_staff_role(OPERATIONS)


def can_check(actor: Actor, merchant_id: int) -> bool:
    """The selling platform and the shop's own programs and people ask whether a price may be published."""
    if actor.kind == Kind.PLATFORM:
        return actor.has_scope(READ) or actor.has_scope(WRITE)
    if actor.kind == Kind.KEY:
        return actor.merchant_id == merchant_id and (actor.has_scope(READ) or actor.has_scope(WRITE))
    return actor.may_read(merchant_id) or actor.is_staff


def can_approve_window(actor: Actor, window: ApprovedWindow) -> bool:
    """A second person approves a window that gives much away; never the one who asked for it."""
    return can_set(actor, window.merchant_id) and (actor.id is None or actor.id != window.asked_by_id)
