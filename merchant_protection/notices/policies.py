"""Who may do what with a shop's notices."""

from merchant_protection.accounts.actor import Actor, Kind


def can_read(actor: Actor, merchant_id: int) -> bool:
    """Members read their shop's inbox."""
    return actor.kind == Kind.USER and actor.may_read(merchant_id)


def can_archive(actor: Actor, merchant_id: int) -> bool:
    """Owners and operators tidy the inbox for everybody."""
    return actor.may_write(merchant_id)
