"""Every read of people, shops and keys."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import (
    ApiKey,
    Invitation,
    KeptAnswer,
    Membership,
    Merchant,
    Role,
    SavedView,
    User,
)
from merchant_protection.foundation import prepared, rates, tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.foundation.rates import Limit


def merchants_visible_to(actor: Actor) -> QuerySet[Merchant]:
    """Return the shops the actor belongs to; staff and the system see all."""
    tenancy.require_scope()
    if actor.is_staff or actor.is_system:
        return Merchant.objects.all()
    return Merchant.objects.filter(pk__in=[*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])])


def memberships_of_user(user_id: int) -> QuerySet[Membership]:
    """Return the shops a person now belongs to, with the shop."""
    tenancy.require_scope()
    mine = Membership.objects.filter(user_id=user_id, is_active=True, merchant__is_active=True)
    return mine.select_related("merchant").order_by("merchant__name", "pk")


def members_visible_to(actor: Actor) -> QuerySet[Membership]:
    """Return who belongs to the actor's shops; staff see all."""
    tenancy.require_scope()
    members = Membership.objects.select_related("user")
    if actor.is_staff or actor.is_system:
        return members
    return members.filter(merchant_id__in=list(actor.merchant_roles))


def invitations_visible_to(actor: Actor) -> QuerySet[Invitation]:
    """Return the open invitations to the actor's shops."""
    tenancy.require_scope()
    waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None).select_related("invited_by")
    if actor.is_staff or actor.is_system:
        return waiting
    return waiting.filter(merchant_id__in=list(actor.merchant_roles))


def every_invitation_visible_to(actor: Actor) -> QuerySet[Invitation]:
    """Return the invitations to the actor's shops, answered and withdrawn ones too."""
    tenancy.require_scope()
    if actor.is_staff or actor.is_system:
        return Invitation.objects.all()
    return Invitation.objects.filter(merchant_id__in=list(actor.merchant_roles))


def users_visible_to(actor: Actor) -> QuerySet[User]:
    """Return everybody who signs in, to operations; others see themselves."""
    if actor.has_staff_role("OPERATIONS") or actor.is_system:
        return User.objects.all()
    return User.objects.filter(pk=actor.id)


def keys_visible_to(actor: Actor) -> QuerySet[ApiKey]:
    """Return the API keys of the actor's shops; operations see the platform's too."""
    tenancy.require_scope()
    if actor.has_staff_role("OPERATIONS") or actor.is_system:
        return ApiKey.objects.all()
    return ApiKey.objects.filter(merchant_id__in=list(actor.merchant_roles))


class LiveKey(NamedTuple):
    """A key that opens something, as far as a request needs it."""

    id: int
    merchant_id: int | None
    name: str
    scopes: list[str]
    last_used_at: datetime | None
    may_ask: bool


RATE = "key "  # with its number: the name under which a key's requests are counted
ASKING_KEY_AS_WRITTEN = """
WITH live AS (
    SELECT id, merchant_id, name, scopes, last_used_at FROM accounts_apikey
    WHERE prefix = %(prefix)s::text AND digest = %(digest)s::text AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > %(at)s::timestamptz)
), asks AS (
    SELECT '{rate}' || id AS name,
        CASE WHEN merchant_id IS NULL THEN %(step_of_platforms)s::interval ELSE %(step)s::interval END AS step,
        CASE WHEN merchant_id IS NULL THEN %(room_of_platforms)s::interval ELSE %(room)s::interval END AS room
    FROM live
), taken AS ({taken})
SELECT live.*, asks.step IS NULL OR EXISTS (SELECT FROM taken) FROM live, asks
"""
ASKING_KEY = ASKING_KEY_AS_WRITTEN.format(rate=RATE, taken=rates.TAKEN)


def rate_of(key_id: int) -> str:
    """Return the name under which a key's requests are counted."""
    return f"{RATE}{key_id}"


def asking_key(
    *, prefix: str, digest: str, limit: Limit | None, limit_of_platforms: Limit | None, at: datetime
) -> LiveKey | None:
    """Return the key with this beginning and digest if it still opens anything, and count its request.

    One question for both: it is asked at every request of a program.
    """
    given: dict[str, Any] = {
        "prefix": prefix,
        "digest": digest,
        "at": at,
        "step": limit.step if limit else None,
        "room": limit.room if limit else None,
        "step_of_platforms": limit_of_platforms.step if limit_of_platforms else None,
        "room_of_platforms": limit_of_platforms.room if limit_of_platforms else None,
    }
    with prepared.cursor() as cursor:
        cursor.execute(ASKING_KEY, given)
        row = cursor.fetchone()
    return LiveKey(*row) if row else None


def lock_merchant(merchant_id: int) -> Merchant:
    """Return the shop, locked until the end of the transaction."""
    return Merchant.objects.select_for_update().get(pk=merchant_id)


def user_by_email(email: str) -> User | None:
    """Return the person who signs in with this address."""
    return User.objects.filter(email__iexact=email).first()


def live_keys_of(merchant_id: int | None, *, at: datetime) -> QuerySet[ApiKey]:
    """Return the keys of a shop, or of the platform, that still open something."""
    return ApiKey.objects.filter(merchant_id=merchant_id, revoked_at=None).exclude(expires_at__lte=at)


def unrevoked_key(key_id: int) -> QuerySet[ApiKey]:
    """Return a key unless it was revoked."""
    return ApiKey.objects.filter(pk=key_id, revoked_at=None)


def lock_key(key_id: int) -> ApiKey:
    """Return the key, locked; a stranger's is not found."""
    return _locked(ApiKey.objects.filter(pk=key_id))


def lock_kept_answer(actor: Actor, key: str) -> KeptAnswer | None:
    """Return what a caller asked under an Idempotency-Key, locked, if anything."""
    mine = KeptAnswer.objects.filter(merchant_id=actor.merchant_id, caller_kind=actor.kind, caller_id=actor.id)
    return mine.filter(key=key).select_for_update().first()


def kept_answer(pk: int, *, generation: int) -> QuerySet[KeptAnswer]:
    """Return a request that is still held by whoever took it at this generation, or nothing."""
    return KeptAnswer.objects.filter(pk=pk, generation=generation, status=None)


def expired_answers(now: datetime) -> QuerySet[KeptAnswer]:
    """Return the answers that need not be kept any longer."""
    tenancy.require_scope()
    return KeptAnswer.objects.filter(expires_at__lte=now)


def lock_membership(membership_id: int) -> Membership:
    """Return the membership, locked; a stranger's is not found."""
    return _locked(Membership.objects.filter(pk=membership_id, is_active=True))


def lock_invitation(invitation_id: int) -> Invitation:
    """Return the invitation, locked; a stranger's is not found."""
    return _locked(Invitation.objects.filter(pk=invitation_id))


def lock_invitation_by_token(token_digest: str) -> Invitation | None:
    """Return the invitation that this link opens, locked, if there is one."""
    return Invitation.objects.select_for_update().filter(token_digest=token_digest).first()


def invitation_by_token(token_digest: str) -> Invitation | None:
    """Return the invitation that this link opens, with its shop."""
    return Invitation.objects.select_related("merchant", "invited_by").filter(token_digest=token_digest).first()


def open_invitations(merchant_id: int) -> QuerySet[Invitation]:
    """Return a shop's invitations that wait for an answer."""
    return Invitation.objects.filter(merchant_id=merchant_id, accepted_at=None, revoked_at=None)


def owners_of(merchant_id: int) -> QuerySet[Membership]:
    """Return a shop's owners."""
    return Membership.objects.filter(merchant_id=merchant_id, role=Role.OWNER, is_active=True)


def lock_membership_of(merchant_id: int, *, user_id: int) -> Membership | None:
    """Return a person's place in the shop, locked, if they belong to it now."""
    mine = Membership.objects.filter(merchant_id=merchant_id, user_id=user_id, is_active=True)
    return mine.select_for_update(of=("self",)).first()


def is_member(merchant_id: int, *, email: str) -> bool:
    """Whether the person with this address belongs to the shop."""
    return Membership.objects.filter(merchant_id=merchant_id, is_active=True, user__email__iexact=email).exists()


def user(user_id: int | None) -> User | None:
    """Return the person with this id, if any."""
    return User.objects.filter(pk=user_id).first()


def lock_user(user_id: int | None) -> User:
    """Return the person, locked."""
    return _locked(User.objects.filter(pk=user_id))


def _locked[M: Model](rows: QuerySet[M]) -> M:
    row = rows.select_for_update(of=("self",)).first()
    if row is None:
        raise NotFound
    return row


def shops_of_user(user_id: int | None) -> list[Membership]:
    """Return a person's shops; they lie outside the scope of the one they are in."""
    with tenancy.platform():
        return list(memberships_of_user(user_id or 0))


def team_of(actor: Actor, merchant_id: int) -> QuerySet[Membership]:
    """Return who now belongs to a shop, owners first."""
    return members_visible_to(actor).filter(merchant_id=merchant_id, is_active=True).order_by("role", "pk")


def saved_views_visible_to(actor: Actor) -> QuerySet[SavedView]:
    """Return the views a person saved in their shops and those that others share there, the own ones first."""
    return _saved_views(actor).filter(deleted_at=None).order_by("is_shared", "name", "pk")


def lock_saved_view(actor: Actor, view_id: int, *, deleted_too: bool = False) -> SavedView:
    """Return a view that the actor may know of, locked; a colleague's private one is not found."""
    rows = _saved_views(actor).filter(pk=view_id)
    return _locked(rows if deleted_too else rows.filter(deleted_at=None))


def _saved_views(actor: Actor) -> QuerySet[SavedView]:
    tenancy.require_scope()
    theirs = Q(user_id=actor.id) | Q(is_shared=True)
    return SavedView.objects.filter(theirs, merchant_id__in=list(actor.merchant_roles))
