"""Who may send events, and the secrets they sign with."""

import secrets
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import crypto, signatures
from merchant_protection.foundation.errors import Conflict, Invalid, NotFound, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.models import InboundSecret, InboundSource
from merchant_protection.marketplace.queries import inbox as queries

OVERLAP = timedelta(hours=24)
LIVE_SECRETS = 3


@transaction
def create(
    *, actor: Actor, platform_id: int, merchant_id: int | None, name: str, at: datetime, public_id: str = ""
) -> tuple[InboundSource, str]:
    """Let somebody send events, and return their first secret, which is never shown again.

    Without a merchant it is the selling platform itself, which sends for every shop.
    """
    require(policies.can_manage_sources(actor, merchant_id))
    if not name.strip():
        raise Invalid(fields={"name": [_("Give it a name.")]})
    source = InboundSource.objects.create(
        platform_id=platform_id,
        merchant_id=merchant_id,
        public_id=public_id or f"src_{secrets.token_hex(12)}",
        name=name.strip()[:80],
    )
    secret = _add(source=source, given="", at=at)
    _record(actor, "source.created", source, at=at, after={"name": source.name, "public_id": source.public_id})
    return source, secret


@transaction
def add_secret(*, actor: Actor, source_id: int, at: datetime, given: str = "", overlap: timedelta = OVERLAP) -> str:
    """Start a rotation: return a new secret; the ones before it stay good for the overlap."""
    source = _locked(source_id, actor=actor)
    live = [each for each in queries.secrets_of(source.pk) if policies.is_secret_live(each, at=at)]
    if len(live) >= LIVE_SECRETS:
        raise Conflict(_("There are enough secrets already. Revoke one that is not used."))
    for each in live:
        if each.expires_at is None or each.expires_at > at + overlap:
            InboundSecret.objects.filter(pk=each.pk).update(expires_at=at + overlap)
    secret = _add(source=source, given=given, at=at)
    _record(actor, "source.secret_added", source, at=at, after={"hint": secret[-4:]})
    return secret


@transaction
def revoke_secret(*, actor: Actor, source_id: int, secret_id: int, at: datetime) -> None:
    """Make a secret worthless at once."""
    source = _locked(source_id, actor=actor)
    secret = queries.secrets_of(source.pk).filter(pk=secret_id).first()
    if secret is None:
        raise NotFound
    if secret.revoked_at is None:
        InboundSecret.objects.filter(pk=secret.pk).update(revoked_at=at)
        _record(actor, "source.secret_revoked", source, at=at, after={"hint": secret.hint})


@transaction
def set_active(*, actor: Actor, source_id: int, is_active: bool, at: datetime) -> None:
    """Shut a source out, or let it in again."""
    source = _locked(source_id, actor=actor)
    InboundSource.objects.filter(pk=source.pk).update(is_active=is_active)
    _record(actor, "source.switched", source, at=at, after={"is_active": is_active})


def _locked(source_id: int, *, actor: Actor) -> InboundSource:
    source = queries.lock_source(source_id)
    require(policies.can_manage_sources(actor, source.merchant_id))
    return source


@transaction_required
def _add(*, source: InboundSource, given: str, at: datetime) -> str:
    secret = given or signatures.new_secret()
    InboundSecret.objects.create(
        merchant_id=source.merchant_id,
        source=source,
        secret_sealed=crypto.seal(secret),
        hint=secret[-4:],
        created_at=at,
    )
    return secret


def _record(actor: Actor, action: str, source: InboundSource, *, at: datetime, after: dict[str, object]) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=source.merchant_id,
        subject_kind="source",
        subject_id=source.pk,
        after=after,
    )
