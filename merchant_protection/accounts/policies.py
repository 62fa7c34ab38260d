"""Who may do what with shops, their people and their keys."""

from merchant_protection.accounts.actor import Actor, Kind

OPERATIONS = "OPERATIONS"

MERCHANT_SCOPES = (
    "orders:read",
    "listings:read",
    "events:read",
    "notices:read",
    "warnings:read",
    "actions:read",
)
PLATFORM_SCOPES = (*MERCHANT_SCOPES, "merchants:write")


def can_see_shop(actor: Actor, merchant_id: int) -> bool:
    """Members, the shop's programs, staff and the system may look at a shop."""
    return actor.is_staff or actor.is_system or actor.may_read(merchant_id)


def can_manage_team(actor: Actor, merchant_id: int) -> bool:
    """Owners decide who belongs to their shop; operations may help."""
    return actor.owns(merchant_id) or actor.has_staff_role(OPERATIONS)


def can_manage_keys(actor: Actor, merchant_id: int | None) -> bool:
    """Owners make and revoke their shop's keys; the platform's own belong to operations."""
    if merchant_id is None:
        return actor.has_staff_role(OPERATIONS)
    return actor.owns(merchant_id) or actor.has_staff_role(OPERATIONS)


def can_edit_shop(actor: Actor, merchant_id: int) -> bool:
    """Owners change their shop's settings; operations may help."""
    return actor.owns(merchant_id) or actor.has_staff_role(OPERATIONS)


def can_open_shops(actor: Actor) -> bool:
    """Operations and the system itself take new shops in."""
    return actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK


def can_manage_staff(actor: Actor) -> bool:
    """Operations give and take staff roles."""
    return actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK


def scopes_for(merchant_id: int | None) -> tuple[str, ...]:
    """Return the scopes a key of this shop, or of the platform, can be given."""
    return PLATFORM_SCOPES if merchant_id is None else MERCHANT_SCOPES
