"""Who may do what with shops, their people and their keys."""

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.accounts.models import SavedView

OPERATIONS = "OPERATIONS"

# What a key can be allowed. Each opens something (a test says so); the words stand in `accounts/forms.py`.
HOUSE_SCOPES: tuple[str, ...] = (
    "orders:read",
    "listings:read",
    "events:read",
    "notices:read",
    "warnings:read",
    "warnings:write",
    "actions:read",
    "recipients:read",
    "webhooks:read",
    "webhooks:write",
)
CLAIMS_SCOPES: tuple[str, ...] = ("claims:read", "claims:write")
PRICING_GUARD_SCOPES: tuple[str, ...] = ("price_guard:read", "price_guard:write")
TRAINING_SCOPES: tuple[str, ...] = ("training:read", "training:write")
SCALPER_POLICIES_SCOPES: tuple[str, ...] = ("orders:decide", "policies:read", "policies:write")

MERCHANT_SCOPES = (
    *HOUSE_SCOPES,
    *CLAIMS_SCOPES,
    *PRICING_GUARD_SCOPES,
    *SCALPER_POLICIES_SCOPES,
    *TRAINING_SCOPES,
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
    """Owners change their shop's settings; operations may help, and so may the platform's programs."""
    return actor.owns(merchant_id) or actor.has_staff_role(OPERATIONS) or _is_platforms_program(actor)


def can_open_shops(actor: Actor) -> bool:
    """Operations, the platform's programs and the system itself take new shops in."""
    return actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK or _is_platforms_program(actor)


def can_manage_staff(actor: Actor) -> bool:
    """Operations give and take staff roles."""
    return actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK


def scopes_for(merchant_id: int | None) -> tuple[str, ...]:
    """Return the scopes a key of this shop, or of the platform, can be given."""
    return PLATFORM_SCOPES if merchant_id is None else MERCHANT_SCOPES


def can_keep_views(actor: Actor, merchant_id: int) -> bool:
    """Every member may keep views of the shop's lists for themselves."""
    return actor.kind == Kind.USER and actor.role_in(merchant_id) is not None


def can_share_views(actor: Actor, merchant_id: int) -> bool:
    """Who works in the shop may keep views for everybody in it."""
    return actor.kind == Kind.USER and actor.may_write(merchant_id)


def can_change_view(actor: Actor, view: SavedView) -> bool:
    """A view belongs to who saved it; owners also tidy up what is shared."""
    return view.user_id == actor.id or (view.is_shared and actor.owns(view.merchant_id))


def _is_platforms_program(actor: Actor) -> bool:
    return actor.kind == Kind.PLATFORM and actor.has_scope("merchants:write")
