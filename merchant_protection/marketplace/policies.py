"""Who may do what with a shop's facts and the platform's actions."""

from merchant_protection.accounts.actor import Actor, Kind

OPERATIONS = "OPERATIONS"


def can_import(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators load their shop's history; operations may help."""
    return actor.may_write(merchant_id) or actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK
