"""How much of the shops' learning an actor is shown.

Lists that grow with what people learn fetch what a row points at for the rows of the page alone (`prefetch_related`):
joined, the database would take the joins for cheap under row-level security, and join every row before it takes a page.
"""

from merchant_protection.accounts.actor import Actor

STAFF = ("TRAINER", "OPERATIONS")


def sees_all(actor: Actor) -> bool:
    """Trainers, operations and the system see drafts, and the learning of all shops."""
    return actor.has_staff_role(*STAFF) or actor.is_system


def sees_team(actor: Actor) -> bool:
    """Owners and the shop's programs see all its people; others see themselves."""
    shop = actor.merchant_id
    return shop is not None and (actor.owns(shop) or (actor.role_in(shop) is None and actor.may_read(shop)))
