"""The platform's baseline rules: written by one person, tried on every shop's past, let act by another."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction, transaction_required
from scalper_policies import policies
from scalper_policies.lifecycle import BASELINE_MOVES, BaselineStatus
from scalper_policies.models import BaselineMove, BaselineVersion, Policy
from scalper_policies.queries import baseline as queries
from scalper_policies.rules import baseline as rules
from scalper_policies.rules import checks, terms, words
from scalper_policies.rules.policy import Policy as Terms

SHADOW_DAYS = timedelta(days=7)
HOLDERS = """
INSERT INTO scalper_policies_policy (merchant_id, name, created_at, created_by, changed_at, is_baseline)
SELECT shop.id, '', %(at)s, %(by)s, %(at)s, true FROM accounts_merchant shop
ON CONFLICT DO NOTHING
"""

type Change = Callable[[Terms], Terms]


@transaction
def write(*, actor: Actor, at: datetime, plain: Mapping[str, Any] | None = None, reason: str = "") -> BaselineVersion:
    """Begin the next version; unless terms are given it begins as what acts now."""
    require(policies.can_override(actor))
    if queries.draft() is not None:
        raise Conflict(_("There is a version being written already."))
    acting = queries.in_force()
    begun = acting.terms if acting else terms.to_plain(rules.NOTHING_YET)
    read = _read(begun if plain is None else plain)
    version = BaselineVersion.objects.create(
        number=queries.last_number() + 1,
        author=actor.name[:200],
        author_id=actor.id,
        reason=reason[:300],
        created_at=at,
        changed_at=at,
        **_columns(read),
    )
    _note(version, "write", before="", actor=actor, at=at, note=reason)
    return version


@transaction
def revise(*, actor: Actor, version_id: int, change: Change, at: datetime, reason: str = "") -> BaselineVersion:
    """Change a draft by one rule; what was tried before no longer counts for it."""
    version = queries.lock(version_id)
    require(policies.can_override(actor))
    if version.status != BaselineStatus.DRAFT:
        raise Conflict(_("Only a draft may be changed; begin the next version."))
    changed = _columns(_read(terms.to_plain(change(terms.from_plain(version.terms)))))
    changed |= {"revision": version.revision + 1, "changed_at": at, "author": actor.name[:200], "author_id": actor.id}
    if reason:
        changed["reason"] = reason[:300]
    _set(version, changed)
    _note(version, "write", before=version.status, actor=actor, at=at, note=reason)
    return version


@transaction
def submit(*, actor: Actor, version_id: int, at: datetime, note: str = "") -> BaselineVersion:
    """Ask a second person; what the version would have done to past orders must be known by then."""
    version = queries.lock(version_id)
    require(policies.can_override(actor))
    _require_sound(version, at=at)
    if queries.last_trial(version) is None:
        raise Conflict(_("Try this version on past orders first."))
    return _move(version, "submit", actor=actor, at=at, note=note)


@transaction
def send_back(*, actor: Actor, version_id: int, at: datetime, note: str) -> BaselineVersion:
    """Give a version back to its author, with what is to be changed."""
    version = queries.lock(version_id)
    require(policies.can_override(actor))
    if not note.strip():
        raise Invalid(fields={"note": [_("Say what is to be changed.")]})
    return _move(version, "send_back", actor=actor, at=at, note=note)


@transaction
def approve(*, actor: Actor, version_id: int, at: datetime, note: str = "") -> BaselineVersion:
    """Approve a version as the second person: it watches every order in every shop, and changes no answer yet."""
    version = queries.lock(version_id)
    require(policies.can_override(actor))
    _require_second(version, actor)
    _require_sound(version, at=at)
    watching = BaselineVersion.objects.filter(status=BaselineStatus.SHADOW).first()
    if watching is not None:
        _move(watching, "retire", actor=actor, at=at, note=_replaced_by(version), ended_at=at)
    _hold_counts(actor, at=at)
    approval = {"approved_by": actor.name[:200], "approved_at": at, "watched_since": at}
    return _move(version, "approve", actor=actor, at=at, note=note, **approval)


@transaction
def enforce(*, actor: Actor, version_id: int, at: datetime, note: str = "") -> BaselineVersion:
    """Let a version act in every shop, as the second person, after seven days of watching."""
    version = queries.lock(version_id)
    require(policies.can_override(actor))
    _require_second(version, actor)
    if version.watched_since is None or at - version.watched_since < SHADOW_DAYS:
        raise Conflict(_("Baseline rules watch for 7 days before they act."))
    acting = queries.in_force()
    if acting is not None and acting.pk != version.pk:
        _move(acting, "retire", actor=actor, at=at, note=_replaced_by(version), ended_at=at)
    return _move(version, "enforce", actor=actor, at=at, note=note, acts_since=at)


@transaction
def retire(*, actor: Actor, version_id: int, at: datetime, note: str) -> BaselineVersion:
    """Take a version out of use for good, with a reason: one person may stop what acts everywhere, at once."""
    version = queries.lock(version_id)
    require(policies.can_override(actor))
    if not note.strip():
        raise Invalid(fields={"note": [_("Say why.")]})
    return _move(version, "retire", actor=actor, at=at, note=note, ended_at=at)


@transaction_required
def hold_counts_of(merchant_id: int, *, at: datetime) -> Policy:
    """Return the policy that what the baseline rules count in a shop is kept under; a new shop's is made now."""
    holder, _is_new = Policy.objects.get_or_create(
        merchant_id=merchant_id,
        is_baseline=True,
        defaults={"name": "", "created_at": at, "changed_at": at, "created_by": ""},
    )
    return holder


def _hold_counts(actor: Actor, *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, {"at": at, "by": actor.name[:200]})


def _read(plain: Mapping[str, Any]) -> Terms:
    try:
        return terms.readable(plain)
    except terms.UnreadableTerms as fault:
        raise Invalid(fields={fault.field: [str(fault)]}) from fault


def _columns(read: Terms) -> dict[str, Any]:
    return {"terms": terms.to_plain(read), "harshest": terms.harshest(read).value}


def _replaced_by(version: BaselineVersion) -> str:
    return _("Replaced by version %(number)s.") % {"number": version.number}


def _require_second(version: BaselineVersion, actor: Actor) -> None:
    if actor.id is None or actor.id == version.author_id:
        raise Conflict(_("Baseline rules need a second person: somebody else than their author."))


def _require_sound(version: BaselineVersion, *, at: datetime) -> None:
    read = terms.from_plain(version.terms)
    found = checks.findings(read, at=at)
    wrong = [_(words.FINDINGS[each.code]) % dict(each.params) for each in found if each.gravity is checks.Gravity.ERROR]
    wrong += [_(words.BASELINE[fault.code]) for fault in rules.faults(read)]
    if wrong:
        raise Conflict(" ".join(wrong))


def _set(version: BaselineVersion, changes: Mapping[str, Any]) -> BaselineVersion:
    for field, value in changes.items():
        setattr(version, field, value)
    version.save(update_fields=list(changes))
    return version


@transaction_required
def _move(
    version: BaselineVersion, name: str, *, actor: Actor, at: datetime, note: str = "", **changes: Any
) -> BaselineVersion:
    before = version.status
    _set(version, {"status": target_of(BASELINE_MOVES, name, before), "changed_at": at, **changes})
    _note(version, name, before=before, actor=actor, at=at, note=note)
    audit.record(
        actor=actor,
        action=f"baseline.{name}",
        at=at,
        subject_kind="baseline",
        subject_id=version.pk,
        before={"status": before},
        after={"status": version.status, "version": version.number},
        reason=note,
    )
    return version


def _note(version: BaselineVersion, name: str, *, before: str, actor: Actor, at: datetime, note: str) -> None:
    BaselineMove.objects.create(
        version=version,
        move=name,
        from_status=before,
        to_status=version.status,
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:200],
        note=note[:300],
    )
