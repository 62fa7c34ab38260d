"""Who may do what with warnings and outcomes."""

from merchant_protection.accounts.actor import Actor, Kind


def can_raise(actor: Actor) -> bool:
    """Only the system itself warns: features, in their sweeps and drains."""
    return actor.kind == Kind.CLOCK


def can_answer(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators answer their shop's warnings, and so do its programs that were allowed to."""
    return actor.may_write(merchant_id) or _is_own_program(actor, merchant_id)


def can_tune(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators say from where on their shop is warned; the demo's seed may too."""
    return actor.may_write(merchant_id) or actor.kind == Kind.CLOCK


def _is_own_program(actor: Actor, merchant_id: int) -> bool:
    return actor.kind == Kind.KEY and actor.merchant_id == merchant_id and actor.has_scope("warnings:write")
