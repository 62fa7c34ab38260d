"""Who may do what with a shop's notices."""

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.notices.models import Export

READ_WEBHOOKS = "webhooks:read"
WRITE_WEBHOOKS = "webhooks:write"


def can_read(actor: Actor, merchant_id: int) -> bool:
    """Members read their shop's inbox."""
    return actor.kind == Kind.USER and actor.may_read(merchant_id)


def can_archive(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators tidy the inbox for everybody."""
    return actor.may_write(merchant_id)


def can_export(actor: Actor, merchant_id: int) -> bool:
    """Members take away as a file what they see on the shop's pages."""
    return actor.kind == Kind.USER and actor.role_in(merchant_id) is not None


def can_fetch(actor: Actor, job: Export) -> bool:
    """Only who asked for a file gets it: it shows what that person's role may see."""
    return can_export(actor, job.merchant_id) and job.user_id == actor.id


def can_manage_webhooks(actor: Actor, merchant_id: int) -> bool:
    """Owners decide which systems outside are told; so does a program they gave the scope."""
    is_own_program = actor.kind == Kind.KEY and actor.merchant_id == merchant_id
    return actor.owns(merchant_id) or (is_own_program and actor.has_scope(WRITE_WEBHOOKS))


def can_see_webhooks(actor: Actor, merchant_id: int) -> bool:
    """Members and the shop's programs see where the shop's news goes; staff may look."""
    return actor.is_staff or actor.may_read(merchant_id)
