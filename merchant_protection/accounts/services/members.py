"""Who belongs to a shop: invited, joined, given another role, removed."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from merchant_protection.accounts import policies, queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Invitation, Membership, Role, User
from merchant_protection.audit import services as audit
from merchant_protection.foundation import crypto
from merchant_protection.foundation.errors import Conflict, Invalid, NotFound, require
from merchant_protection.foundation.transactions import transaction, transaction_required

INVITATION_LASTS = timedelta(days=7)


@transaction
def invite(*, actor: Actor, merchant_id: int, email: str, role: str, at: datetime) -> Invitation:
    """Ask a colleague into the shop; the mail leaves by itself. Asking again sends a new link and voids the old."""
    require(policies.can_manage_team(actor, merchant_id))
    email = _checked(email=email, role=role)
    queries.lock_merchant(merchant_id)
    if queries.is_member(merchant_id, email=email):
        raise Conflict(_("%(email)s belongs to this shop already.") % {"email": email})
    queries.open_invitations(merchant_id).filter(email__iexact=email).update(revoked_at=at, mail_due_at=None)
    token = crypto.new_secret()
    invitation = Invitation.objects.create(
        merchant_id=merchant_id,
        email=email,
        role=role,
        invited_by_id=actor.id,
        token_digest=crypto.digest(token),
        token_sealed=crypto.seal(token),
        created_at=at,
        expires_at=at + INVITATION_LASTS,
        mail_due_at=at,
    )
    _audit("member.invited", invitation, actor=actor, at=at, after={"email": email, "role": role})
    return invitation


@transaction
def revoke_invitation(*, actor: Actor, invitation_id: int, at: datetime) -> Invitation:
    """Take an invitation back; its link opens nothing from now on."""
    invitation = queries.lock_invitation(invitation_id)
    require(policies.can_manage_team(actor, invitation.merchant_id))
    if invitation.accepted_at or invitation.revoked_at:
        raise Conflict(_("This invitation is no longer open."))
    invitation.revoked_at, invitation.mail_due_at, invitation.token_sealed = at, None, ""
    invitation.save(update_fields=["revoked_at", "mail_due_at", "token_sealed"])
    _audit("member.invitation_revoked", invitation, actor=actor, at=at, before={"email": invitation.email})
    return invitation


@transaction
def accept_as_member(*, actor: Actor, token: str, at: datetime) -> Membership:
    """Join the shop with the account one is signed in with, which must have the invited address."""
    invitation = _open_invitation(token, at=at)
    user = queries.user(actor.id)
    if user is None or user.email.lower() != invitation.email.lower():
        raise Conflict(_("This invitation is for %(email)s. Sign in with that address.") % {"email": invitation.email})
    return _join(invitation, user=user, actor=actor, at=at)


@transaction
def accept_as_newcomer(
    *, actor: Actor, token: str, display_name: str, password: str, language: str, at: datetime
) -> User:
    """Make an account for the invited address, which the link has proved, and join the shop."""
    invitation = _open_invitation(token, at=at)
    if queries.user_by_email(invitation.email) is not None:
        raise Conflict(_("There is an account for this address. Sign in to join."))
    if not display_name.strip():
        raise Invalid(fields={"display_name": [_("Enter the name your colleagues know you by.")]})
    user = User.objects.create_user(
        invitation.email, password, display_name=display_name.strip()[:80], language=language
    )
    _join(invitation, user=user, actor=actor, at=at)
    return user


@transaction
def appoint(*, actor: Actor, merchant_id: int, user_id: int, role: str, at: datetime) -> Membership:
    """Put a person into a newly opened shop without an invitation."""
    require(policies.can_open_shops(actor))
    membership = add(merchant_id=merchant_id, user_id=user_id, role=role)
    _audit_member("member.appointed", membership, actor=actor, at=at, after={"role": role})
    return membership


@transaction
def change_role(*, actor: Actor, membership_id: int, role: str, at: datetime) -> Membership:
    """Give a member another role; a shop always keeps an owner."""
    membership = queries.lock_membership(membership_id)
    require(policies.can_manage_team(actor, membership.merchant_id))
    if role not in Role.values:
        raise Invalid(fields={"role": [_("Choose a role.")]})
    before = membership.role
    if before == role:
        return membership
    _keep_an_owner(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    _audit_member("member.role_changed", membership, actor=actor, at=at, before={"role": before}, after={"role": role})
    return membership


@transaction
def remove(*, actor: Actor, membership_id: int, at: datetime) -> Membership:
    """End a membership; a shop always keeps an owner."""
    membership = queries.lock_membership(membership_id)
    require(policies.can_manage_team(actor, membership.merchant_id))
    _keep_an_owner(membership)
    membership.is_active = False
    membership.save(update_fields=["is_active"])
    _audit_member("member.removed", membership, actor=actor, at=at, before={"role": membership.role})
    return membership


@transaction_required
def add(*, merchant_id: int, user_id: int, role: str) -> Membership:
    """Put a person into a shop, or back into it; a shop always keeps an owner."""
    known = queries.lock_membership_of(merchant_id, user_id=user_id)
    if known is not None and role != known.role:
        _keep_an_owner(known)
    membership, _created = Membership.objects.update_or_create(
        merchant_id=merchant_id, user_id=user_id, defaults={"role": role, "is_active": True}
    )
    return membership


def _join(invitation: Invitation, *, user: User, actor: Actor, at: datetime) -> Membership:
    membership = add(merchant_id=invitation.merchant_id, user_id=user.pk, role=invitation.role)
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.mail_due_at, invitation.token_sealed = None, ""
    invitation.save(update_fields=["accepted_at", "accepted_by", "mail_due_at", "token_sealed"])
    _audit_member("member.joined", membership, actor=actor, at=at, after={"role": membership.role})
    return membership


def _open_invitation(token: str, *, at: datetime) -> Invitation:
    invitation = queries.lock_invitation_by_token(crypto.digest(token))
    if invitation is None or invitation.revoked_at or invitation.accepted_at:
        raise NotFound(_("This invitation is no longer open. Ask for a new one."))
    if invitation.expires_at <= at:
        raise Conflict(_("This invitation has expired. Ask for a new one."))
    return invitation


def _keep_an_owner(membership: Membership) -> None:
    queries.lock_merchant(membership.merchant_id)
    if membership.role == Role.OWNER and queries.owners_of(membership.merchant_id).count() <= 1:
        raise Conflict(_("A shop needs an owner. Make somebody else owner first."))


def _checked(*, email: str, role: str) -> str:
    faults: dict[str, list[str]] = {}
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        faults["email"] = [_("Enter an e-mail address, such as li@example.com.")]
    if role not in Role.values:
        faults["role"] = [_("Choose a role.")]
    if faults:
        raise Invalid(fields=faults)
    return email


def _audit(action: str, invitation: Invitation, *, actor: Actor, at: datetime, **states: Any) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=invitation.merchant_id,
        subject_kind="invitation",
        subject_id=invitation.pk,
        **states,
    )


def _audit_member(action: str, membership: Membership, *, actor: Actor, at: datetime, **states: Any) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=membership.merchant_id,
        subject_kind="member",
        subject_id=membership.user_id,
        **states,
    )
