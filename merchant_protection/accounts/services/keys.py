"""Keys for programs: made, shown once, revoked."""

import secrets
import string
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts import policies, queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import ApiKey
from merchant_protection.audit import services as audit
from merchant_protection.foundation import crypto
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction

LIVE_KEYS = 20
_LETTERS = string.ascii_letters + string.digits


@transaction
def create(
    *,
    actor: Actor,
    merchant_id: int | None,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None,
    at: datetime,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its secret, which is never shown again."""
    require(policies.can_manage_keys(actor, merchant_id))
    _check(merchant_id=merchant_id, name=name, scopes=scopes, expires_at=expires_at, at=at)
    if queries.live_keys_of(merchant_id, at=at).count() >= LIVE_KEYS:
        raise Conflict(_("There are %(count)d keys already. Revoke one that is not used.") % {"count": LIVE_KEYS})
    prefix = "".join(secrets.choice(_LETTERS) for _index in range(10))
    secret = f"mp_live_{prefix}_{crypto.new_secret()}"
    key = ApiKey.objects.create(
        merchant_id=merchant_id,
        name=name.strip(),
        prefix=prefix,
        digest=crypto.digest(secret),
        scopes=sorted(set(scopes)),
        created_by_id=actor.id,
        created_at=at,
        expires_at=expires_at,
    )
    audit.record(
        actor=actor,
        action="key.created",
        at=at,
        merchant_id=merchant_id,
        subject_kind="key",
        subject_id=key.pk,
        after={"name": key.name, "prefix": prefix, "scopes": key.scopes},
    )
    return key, secret


@transaction
def revoke(*, actor: Actor, key_id: int, at: datetime, reason: str = "") -> ApiKey:
    """Make a key open nothing from now on; safe to run twice."""
    key = queries.lock_key(key_id)
    require(policies.can_manage_keys(actor, key.merchant_id))
    if key.revoked_at is not None:
        return key
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    audit.record(
        actor=actor,
        action="key.revoked",
        at=at,
        merchant_id=key.merchant_id,
        subject_kind="key",
        subject_id=key.pk,
        before={"name": key.name, "prefix": key.prefix},
        reason=reason,
    )
    return key


def note_use(*, key_id: int, at: datetime) -> None:
    """Note that a key was used, so that its owner sees which are not."""
    queries.unrevoked_key(key_id).update(last_used_at=at)


def _check(
    *, merchant_id: int | None, name: str, scopes: Sequence[str], expires_at: datetime | None, at: datetime
) -> None:
    faults: dict[str, list[str]] = {}
    if not name.strip():
        faults["name"] = [_("Give the key a name, so that you know later what uses it.")]
    elif len(name.strip()) > 80:
        faults["name"] = [_("Use at most 80 characters.")]
    unknown = sorted(set(scopes) - set(policies.scopes_for(merchant_id)))
    if unknown:
        faults["scopes"] = [_("There is no scope “%(scope)s” for this key.") % {"scope": unknown[0]}]
    elif not scopes:
        faults["scopes"] = [_("Choose at least one scope.")]
    if expires_at is not None and expires_at <= at:
        faults["expires_at"] = [_("Choose a time in the future.")]
    if faults:
        raise Invalid(fields=faults)
