"""Who may ask about orders, and who may make, approve and switch policies."""

from merchant_protection.accounts.actor import Actor, Kind

OPERATIONS = "OPERATIONS"
REVIEWERS = ("SENIOR_REVIEWER", OPERATIONS)
ASK = "orders:decide"
READ = "policies:read"
WRITE = "policies:write"


def can_ask(actor: Actor) -> bool:
    """The selling platform asks about orders, and a shop's own system about its own; both need the scope."""
    return (actor.kind in (Kind.PLATFORM, Kind.KEY) and actor.has_scope(ASK)) or actor.kind == Kind.CLOCK


def can_read(actor: Actor) -> bool:
    """People look at their shop's policies and decisions, staff at all; a program needs the scope."""
    return actor.kind not in (Kind.KEY, Kind.PLATFORM) or actor.has_scope(READ)


def can_write(actor: Actor, merchant_id: int) -> bool:
    """Owners, operators and the shop's programs with the scope write policies and lists; the clock seeds them."""
    return actor.may_act(merchant_id, WRITE) or actor.kind == Kind.CLOCK


def can_approve(actor: Actor, merchant_id: int, *, author_id: int | None, deciders: int) -> bool:
    """Somebody else than the author approves, where the shop has somebody else; operations may too."""
    if actor.kind == Kind.CLOCK or actor.has_staff_role(OPERATIONS):
        return True
    return actor.owns(merchant_id) and (actor.id != author_id or deciders < 2)


def can_review(actor: Actor) -> bool:
    """Senior reviewers and operations look at policies that reject orders before they may act."""
    return actor.has_staff_role(*REVIEWERS) or actor.kind == Kind.CLOCK


def can_override(actor: Actor) -> bool:
    """Operations may stop a shop's policy, or let it act without the days in shadow."""
    return actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK
