"""Who may do what with warnings and outcomes."""

from merchant_protection.accounts.actor import Actor, Kind

WRITE = "warnings:write"
REVIEWING = ("REVIEWER", "SENIOR_REVIEWER", "OPERATIONS")


def can_raise(actor: Actor) -> bool:
    """Only the system itself warns: features, in their sweeps and drains."""
    return actor.kind == Kind.CLOCK


def can_answer(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators answer their shop's warnings, and so do its programs that were allowed to."""
    return actor.may_act(merchant_id, WRITE)


def can_tune(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators say from where on their shop is warned; the demo's seed may too."""
    return actor.may_write(merchant_id) or actor.kind == Kind.CLOCK


def can_restrict(actor: Actor, merchant_id: int) -> bool:
    """Owners, operators and the shop's programs restrict buyers in their own shop, and let them go."""
    return actor.may_act(merchant_id, WRITE)


def can_review(actor: Actor) -> bool:
    """Reviewers of the marketplace say whether a restriction stands, and answer appeals and disputes."""
    return actor.has_staff_role(*REVIEWING)


def can_appeal(actor: Actor, merchant_id: int) -> bool:
    """The shop says that the wrong buyer was hit, or the platform does in the buyer's name."""
    return actor.may_act(merchant_id, WRITE) or speaks_for_buyers(actor)


def speaks_for_buyers(actor: Actor) -> bool:
    """Only the selling platform knows who a buyer is, so only its programs speak in a buyer's name."""
    return actor.kind == Kind.PLATFORM and actor.has_scope(WRITE)


def can_record_violations(actor: Actor) -> bool:
    """The marketplace says which of its rules a shop broke: its operations, or its programs."""
    return actor.has_staff_role("OPERATIONS") or speaks_for_buyers(actor) or actor.kind == Kind.CLOCK
