"""Who may do what with a shop's facts and the platform's actions."""

from merchant_protection.accounts.actor import Actor, Kind

OPERATIONS = "OPERATIONS"


def can_import(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators load their shop's history; operations may help."""
    return actor.may_write(merchant_id) or actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK


def can_decide(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators decide what is asked of the platform for their shop; operations may help."""
    return actor.may_write(merchant_id) or actor.has_staff_role(OPERATIONS)


def may_look_at_actions(actor: Actor) -> bool:
    """People look at the actions of their own shops; a program needs the scope `actions:read`."""
    if actor.kind in (Kind.KEY, Kind.PLATFORM):
        return actor.has_scope("actions:read")
    return actor.is_staff or actor.is_system or bool(actor.merchant_roles)


def can_stop(actor: Actor, *, scope: str, merchant_id: int | None) -> bool:
    """Whoever decides for a shop may stop it; the platform and a rule everywhere are stopped by operations."""
    if scope == "MERCHANT" and merchant_id is not None:
        return can_decide(actor, merchant_id)
    return actor.has_staff_role(OPERATIONS)


def can_resume(actor: Actor, *, scope: str, merchant_id: int | None) -> bool:
    """A shop goes on by its owner's word or operations'; the platform and a rule by operations'."""
    if scope == "MERCHANT" and merchant_id is not None:
        return actor.owns(merchant_id) or actor.has_staff_role(OPERATIONS)
    return actor.has_staff_role(OPERATIONS)


def can_set_budgets(actor: Actor) -> bool:
    """Operations set the budgets."""
    return actor.has_staff_role(OPERATIONS)
