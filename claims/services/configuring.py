"""Operations edit what the desk goes by: each change is a new version, and cases keep the one they were filed under."""

from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from claims import policies
from claims.models import CannedText, ClaimKind, DeskSettings, Filer, Phrase, Queue, ReasonCode, Reviewer
from claims.queries import desk
from claims.queries import kinds as queries
from claims.rules import wording
from claims.services import judging
from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required


@transaction
def publish_kind(*, code: str, actor: Actor, at: datetime, **facts: Any) -> ClaimKind:
    """Put a new version of a kind of complaint in force; one that could never be filed is refused."""
    return _publish(ClaimKind, code, actor=actor, at=at, facts=facts, check=_require_fileable)


@transaction
def publish_reason(*, code: str, actor: Actor, at: datetime, **facts: Any) -> ReasonCode:
    """Put a new version of a ground in force; decisions keep the words they were made with."""
    return _publish(ReasonCode, code, actor=actor, at=at, facts=facts)


@transaction
def publish_text(*, code: str, actor: Actor, at: datetime, **facts: Any) -> CannedText:
    """Put a new version of a canned text in use."""
    return _publish(CannedText, code, actor=actor, at=at, facts=facts)


@transaction
def retire(
    *, model: type[ClaimKind] | type[ReasonCode] | type[CannedText], code: str, actor: Actor, at: datetime
) -> None:
    """Take a kind, a ground or a text out of use; what was written with it stays."""
    require(policies.can_configure(actor))
    retired = model._default_manager.filter(code=code, is_current=True).update(is_current=False)
    if retired:
        _note(actor, "desk.retired", model, code, at=at)


@transaction
def set_limits(*, actor: Actor, at: datetime, **facts: Any) -> DeskSettings:
    """Put new limits of the desk in force."""
    require(policies.can_configure(actor))
    old = desk.limits()
    names = [field.name for field in DeskSettings._meta.concrete_fields]
    kept = {name: getattr(old, name) for name in names if name not in {"id", "version", "created_at", "created_by"}}
    fresh = DeskSettings(**(kept | facts), version=old.version + 1, created_at=at, created_by_id=actor.id)
    fresh.save(force_insert=True)
    _note(
        actor, "desk.limits_set", DeskSettings, str(fresh.version), at=at, after={k: str(v) for k, v in facts.items()}
    )
    return fresh


@transaction
def place_reviewer(
    *, user_id: int, queue_ids: list[int], actor: Actor, at: datetime, skills: list[str] | None = None, **facts: Any
) -> Reviewer:
    """Say which queues somebody works on, with which skills, and who leads them."""
    require(policies.can_lead(actor))
    defaults = facts | ({"skills": skills} if skills is not None else {})
    row, _created = Reviewer.objects.update_or_create(user_id=user_id, defaults=defaults)
    row.queues.set(Queue.objects.filter(pk__in=queue_ids))
    _note(actor, "desk.reviewer_placed", Reviewer, str(user_id), at=at)
    return row


@transaction
def put_phrase(*, text: str, points: int, actor: Actor, at: datetime, is_active: bool = True) -> Phrase:
    """Look for these words in what buyers write; too short ones would be found everywhere."""
    require(policies.can_configure(actor))
    if not wording.is_usable(text):
        raise Invalid(fields={"text": [_("Use at least two letters or characters.")]})
    row, _created = Phrase.objects.update_or_create(
        text=text.strip(), defaults={"points": points, "is_active": is_active}
    )
    _note(actor, "desk.phrase_put", Phrase, text, at=at)
    return row


@transaction
def set_tier(*, code: str, tier: str, reason: str, actor: Actor, at: datetime) -> Filer:
    """Say of which tier a shop is (商家等级): what it files from now on is routed and timed by it."""
    require(policies.can_configure(actor))
    shop = accounts.merchants_visible_to(actor).filter(code=code).first()
    if shop is None:
        raise Invalid(fields={"code": [_("There is no shop of this number.")]})
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why, for whoever reads it later.")]})
    filer, _created = Filer.objects.select_for_update().get_or_create(merchant_id=shop.pk, defaults={"updated_at": at})
    before, filer.tier, filer.updated_at = filer.tier, tier, at
    filer.save(update_fields=["tier", "updated_at"])
    audit.record(
        actor=actor,
        action="shop.tier_set",
        at=at,
        merchant_id=shop.pk,
        subject_kind="shop",
        subject_id=shop.code,
        before={"tier": before},
        after={"tier": tier},
        reason=reason.strip(),
    )
    return filer


@transaction_required
def _publish[M: ClaimKind | ReasonCode | CannedText](
    model: type[M], code: str, *, actor: Actor, at: datetime, facts: dict[str, Any], check: Any = None
) -> M:
    require(policies.can_configure(actor))
    manager = model._default_manager
    newest = manager.select_for_update().filter(code=code).order_by("-version").first()
    names = [field.attname for field in model._meta.concrete_fields]
    ours = {"id", "code", "version", "is_current", "created_at", "created_by_id"}
    kept = {name: getattr(newest, name) for name in names if name not in ours} if newest else {}
    fresh = model(
        **(kept | facts),
        code=code,
        version=newest.version + 1 if newest else 1,
        created_at=at,
        created_by_id=actor.id,
    )
    if check is not None:
        check(fresh)
    manager.filter(code=code, is_current=True).update(is_current=False)
    fresh.save(force_insert=True)
    _note(actor, "desk.published", model, code, at=at, after={"version": fresh.version})
    return fresh


def _require_fileable(kind: ClaimKind) -> None:
    found = judging.faults_of_kind(queries.as_rule(kind))
    if found:
        raise Invalid(_("Nobody could file this kind of complaint."), fields=found)


def _note(
    actor: Actor, action: str, model: type[Model], subject: str, *, at: datetime, after: dict[str, Any] | None = None
) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        subject_kind=str(model._meta.model_name),
        subject_id=subject,
        after=after or {},
    )
