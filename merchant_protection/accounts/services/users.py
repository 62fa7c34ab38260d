"""A person's own account, and the staff's roles."""

import zoneinfo
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from merchant_protection.accounts import policies, queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import StaffRole, User
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.foundation.transactions import transaction


@transaction
def update_preferences(
    *,
    actor: Actor,
    at: datetime,
    display_name: str,
    language: str,
    time_zone: str,
    theme: str,
    single_keys: bool,
) -> User:
    """Change how the portal looks and speaks to the person who is signed in."""
    user = queries.lock_user(actor.id)
    faults: dict[str, list[str]] = {}
    if not display_name.strip():
        faults["display_name"] = [_("Enter the name your colleagues know you by.")]
    if language not in dict(settings.LANGUAGES):
        faults["language"] = [_("Choose a language.")]
    if time_zone not in zoneinfo.available_timezones():
        faults["time_zone"] = [_("Choose a time zone, such as Asia/Shanghai.")]
    if theme not in User.Theme.values:
        faults["theme"] = [_("Choose light, dark, or as the device.")]
    if faults:
        raise Invalid(fields=faults)
    wanted = {
        "display_name": display_name.strip()[:80],
        "language": language,
        "time_zone": time_zone,
        "theme": theme,
        "single_keys": single_keys,
    }
    before = {name: getattr(user, name) for name, value in wanted.items() if getattr(user, name) != value}
    if not before:
        return user
    for name in before:
        setattr(user, name, wanted[name])
    user.save(update_fields=list(before))
    audit.record(
        actor=actor,
        action="account.changed",
        at=at,
        subject_kind="user",
        subject_id=user.pk,
        before=before,
        after={name: wanted[name] for name in before},
    )
    return user


@transaction
def open_account(
    *,
    actor: Actor,
    email: str,
    display_name: str,
    password: str,
    at: datetime,
    staff_roles: Sequence[str] = (),
    is_demo: bool = False,
) -> User:
    """Make an account without an invitation, or return the one that has this address."""
    require(policies.can_manage_staff(actor))
    known = queries.user_by_email(email)
    if known is not None:
        return known
    user = User.objects.create_user(
        email, password, display_name=display_name, staff_roles=sorted(staff_roles), is_demo=is_demo
    )
    audit.record(
        actor=actor,
        action="account.opened",
        at=at,
        subject_kind="user",
        subject_id=user.pk,
        after={"roles": user.staff_roles},
    )
    return user


@transaction
def set_staff_roles(*, actor: Actor, user_id: int, roles: Sequence[str], at: datetime, reason: str = "") -> User:
    """Give a person exactly these staff roles."""
    user = queries.lock_user(user_id)
    require(policies.can_manage_staff(actor))
    unknown = sorted(set(roles) - set(StaffRole.values))
    if unknown:
        raise Invalid(fields={"staff_roles": [_("There is no role “%(role)s”.") % {"role": unknown[0]}]})
    before, user.staff_roles = user.staff_roles, sorted(set(roles))
    user.save(update_fields=["staff_roles"])
    audit.record(
        actor=actor,
        action="staff.roles_changed",
        at=at,
        subject_kind="user",
        subject_id=user.pk,
        before={"roles": before},
        after={"roles": user.staff_roles},
        reason=reason,
    )
    return user
