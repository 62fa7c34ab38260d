"""Who may send, see and remove files."""

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.files.models import StoredFile
from merchant_protection.files.rules.limits import PURPOSES

CONTENT_ROLES = ("TRAINER", "OPERATIONS")
DESK_ROLES = ("REVIEWER", "SENIOR_REVIEWER", "OPERATIONS")


def can_send(actor: Actor, merchant_id: int | None, purpose: str) -> bool:
    """A shop's people and its programs send for their shop, the desk for a shop's case, trainers for everybody."""
    wanted = PURPOSES.get(purpose)
    if wanted is None or wanted.is_of_shops != (merchant_id is not None):
        return False
    if actor.is_system:
        return True
    if merchant_id is None:
        return actor.has_staff_role(*CONTENT_ROLES)
    return actor.may_write(merchant_id) or _is_writing_key(actor, merchant_id) or actor.has_staff_role(*DESK_ROLES)


def can_see(actor: Actor, file: StoredFile) -> bool:
    """Everybody who is known sees the platform's own content; a shop's files its members and the desk."""
    if file.merchant_id is None:
        return actor.kind != Kind.ANONYMOUS
    return actor.is_system or actor.may_read(file.merchant_id) or actor.has_staff_role(*DESK_ROLES)


def can_change(actor: Actor, file: StoredFile) -> bool:
    """Who may send such a file may also go on with it or take it out."""
    return can_send(actor, file.merchant_id, file.purpose)


def _is_writing_key(actor: Actor, merchant_id: int) -> bool:
    return actor.kind == Kind.KEY and actor.merchant_id == merchant_id and actor.has_scope("claims:write")
