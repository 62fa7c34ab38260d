"""Who may do what with a shop's facts and the platform's actions."""

from datetime import datetime

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.marketplace.models import InboundSecret

OPERATIONS = "OPERATIONS"


def can_import(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators load their shop's history; operations may help."""
    return actor.may_write(merchant_id) or actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK


def can_decide(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators decide what is asked of the platform for their shop; operations may help."""
    return actor.may_write(merchant_id) or actor.has_staff_role(OPERATIONS)


def may_look_at_actions(actor: Actor) -> bool:
    """People look at the actions of their own shops, operations at all; a program needs the scope `actions:read`.

    Reviewers do not: an action tells what was decided about a case that they may be asked about blind.
    """
    if actor.kind in (Kind.KEY, Kind.PLATFORM):
        return actor.has_scope("actions:read")
    return actor.has_staff_role(OPERATIONS) or actor.is_system or bool(actor.merchant_roles)


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


def can_manage_sources(actor: Actor, merchant_id: int | None) -> bool:
    """Owners say who sends events for their shop; the platform's own source belongs to operations."""
    owns = merchant_id is not None and actor.owns(merchant_id)
    return owns or actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK


def can_list_addresses(actor: Actor, merchant_id: int | None) -> bool:
    """Owners and operators keep their shop's words for addresses; operations the platform's."""
    may = merchant_id is not None and actor.may_write(merchant_id)
    return may or actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK


def can_see_recipients(actor: Actor, merchant_id: int) -> bool:
    """Owners, senior reviewers and operations see who receives an order, and the shop's programs with the scope."""
    is_own_program = actor.kind == Kind.KEY and actor.merchant_id == merchant_id and actor.has_scope("recipients:read")
    return actor.owns(merchant_id) or actor.has_staff_role("SENIOR_REVIEWER", OPERATIONS) or is_own_program


def can_erase(actor: Actor, merchant_id: int) -> bool:
    """Owners and operations erase personal data, and hold it for a dispute or the law."""
    return actor.owns(merchant_id) or actor.has_staff_role(OPERATIONS)


def can_take_up_parked(actor: Actor) -> bool:
    """Operations take up again what was set aside."""
    return actor.has_staff_role(OPERATIONS)


def is_secret_live(secret: InboundSecret, *, at: datetime) -> bool:
    """Whether what is signed with this secret is believed."""
    return secret.revoked_at is None and (secret.expires_at is None or secret.expires_at > at)


def can_connect_platforms(actor: Actor) -> bool:
    """Operations say which selling platforms we stand beside."""
    return actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK
