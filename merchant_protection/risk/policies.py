"""Who may do what with warnings and outcomes."""

from merchant_protection.accounts.actor import Actor, Kind


def can_raise(actor: Actor) -> bool:
    """Only the system itself warns: features, in their sweeps and drains."""
    return actor.kind == Kind.CLOCK


def can_answer(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators answer their shop's warnings."""
    return actor.may_write(merchant_id)
