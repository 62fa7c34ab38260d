"""A policy's versions: written, approved, watched, tried on some buyers, in force, over."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.services import telling
from scalper_policies import policies
from scalper_policies.lifecycle import LIVE, VERSION_MOVES, VersionStatus
from scalper_policies.models import Policy, PolicyVersion, Reach, VersionMove
from scalper_policies.queries import figures
from scalper_policies.queries import policies as queries
from scalper_policies.rules import checks, terms, words
from scalper_policies.rules.policy import SEVERITY, Verdict
from scalper_policies.rules.policy import Policy as Terms
from scalper_policies.services import publishing

logger = logging.getLogger(__name__)
SHADOW_DAYS = timedelta(days=7)
ENOUGH_REVIEWED, RIGHT_ENOUGH = 200, 95  # hits that people looked at, and the percentage that was right
MOST_SKUS = 10_000
TOLD = {
    "submit": "policy.submitted",
    "approve": "policy.approved",
    "send_back": "policy.sent_back",
    "expire": "policy.expired",
}
S = VersionStatus


@transaction
def create(
    *, actor: Actor, merchant_id: int, name: str, plain: Mapping[str, Any], at: datetime, reason: str = ""
) -> PolicyVersion:
    """Write the first draft of a new policy."""
    require(policies.can_write(actor, merchant_id))
    read = _read(plain)
    name = _named(name)
    policy, is_new = Policy.objects.get_or_create(
        merchant_id=merchant_id,
        name=name,
        defaults={"created_at": at, "changed_at": at, "created_by": actor.name[:200]},
    )
    if not is_new:
        raise Invalid(fields={"name": [_("There is a policy of this name already.")]})
    return _new(policy, read, actor=actor, reason=reason, at=at)


@transaction
def revise(
    *,
    actor: Actor,
    policy_id: int,
    plain: Mapping[str, Any],
    at: datetime,
    reason: str = "",
    name: str | None = None,
    revision: int | None = None,
) -> PolicyVersion:
    """Change the draft, or begin a new version where the last one is a draft no more.

    With a `revision` the draft must still be as the author saw it.
    """
    policy = queries.lock(policy_id)
    require(policies.can_write(actor, policy.merchant_id))
    read = _read(plain)
    draft = queries.draft_of(policy)
    if revision is not None and draft is not None and draft.revision != revision:
        raise Conflict(_("Somebody changed this policy in the meantime."))
    if name is not None and _named(name) != policy.name:
        _rename(policy, _named(name))
    Policy.objects.filter(pk=policy.pk).update(changed_at=at)
    if draft is None:
        return _new(policy, read, actor=actor, reason=reason, at=at)
    changed = _columns(read) | {"reason": reason[:300], "revision": draft.revision + 1, "changed_at": at}
    changed |= {"author": actor.name[:200], "author_id": actor.id}
    for field, value in changed.items():
        setattr(draft, field, value)
    draft.save(update_fields=list(changed))
    audit.record(
        actor=actor,
        action="policy.draft_changed",
        at=at,
        merchant_id=policy.merchant_id,
        subject_kind="policy",
        subject_id=policy.pk,
        after={"version": draft.number, "revision": draft.revision},
        reason=draft.reason,
    )
    return draft


@transaction
def submit(*, actor: Actor, version_id: int, at: datetime, note: str = "") -> PolicyVersion:
    """Put a version before somebody who may approve it."""
    version = queries.lock_version(version_id)
    require(policies.can_write(actor, version.merchant_id))
    _require_sound(version, at=at)
    return _move(version, "submit", actor=actor, at=at, note=note)


@transaction
def send_back(*, actor: Actor, version_id: int, at: datetime, note: str) -> PolicyVersion:
    """Give a version back to its author, with what is to be changed."""
    version = queries.lock_version(version_id)
    require(policies.can_review(actor) or actor.owns(version.merchant_id))
    if not note.strip():
        raise Invalid(fields={"note": [_("Say what is to be changed.")]})
    return _move(version, "send_back", actor=actor, at=at, note=note)


@transaction
def approve(*, actor: Actor, version_id: int, at: datetime, note: str = "") -> PolicyVersion:
    """Approve a version: its text never changes again. One that rejects orders is approved by the marketplace."""
    version = queries.lock_version(version_id)
    if version.harshest == Verdict.REJECT:
        require(policies.can_review(actor), _("A policy that rejects orders is approved by the marketplace's staff."))
    else:
        require(
            policies.can_approve(
                actor,
                version.merchant_id,
                author_id=version.author_id,
                deciders=queries.deciders(version.merchant_id),
            ),
            _("Another owner of the shop approves it."),
        )
    _require_sound(version, at=at)
    return _move(version, "approve", actor=actor, at=at, note=note, approved_by=actor.name[:200], approved_at=at)


@transaction
def watch(*, actor: Actor, version_id: int, at: datetime, note: str = "") -> PolicyVersion:
    """Let a version watch every order and change no answer (观察)."""
    version = queries.lock_version(version_id)
    require(policies.can_write(actor, version.merchant_id))
    _require_only_candidate(version)
    return _move(version, "watch", actor=actor, at=at, note=note, watched_since=at, canary_percent=0)


@transaction
def try_out(
    *, actor: Actor, version_id: int, percent: int, at: datetime, note: str = "", acknowledged: bool = False
) -> PolicyVersion:
    """Let a version act for a share of the buyers, the same ones every time; the others keep the version in force."""
    version = queries.lock_version(version_id)
    require(policies.can_write(actor, version.merchant_id))
    if not 1 <= percent <= 99:
        raise Invalid(fields={"percent": [_("Enter a whole number from 1 to 99.")]})
    _require_only_candidate(version)
    _require_tried(version, acknowledged=acknowledged)
    acts_since = version.acts_since or at
    return _move(version, "try_out", actor=actor, at=at, note=note, canary_percent=percent, acts_since=acts_since)


@transaction
def enforce(
    *, actor: Actor, version_id: int, at: datetime, note: str = "", acknowledged: bool = False
) -> PolicyVersion:
    """Put a version in force in the place of the one before it.

    What holds or rejects orders was in shadow for seven days first, or people found 200 of its hits right, but for
    five in a hundred; operations may decide otherwise, with a reason.
    """
    version = queries.lock_version(version_id)
    is_override = policies.can_override(actor) and not actor.may_write(version.merchant_id)
    require(is_override or policies.can_write(actor, version.merchant_id))
    if is_override and not note.strip():
        raise Invalid(fields={"note": [_("Say why.")]})
    if not is_override:
        _require_watched(version, at=at)
        _require_tried(version, acknowledged=acknowledged)
    before = queries.enforcing_of(version.policy)
    if before is not None and before.pk != version.pk:
        _move(
            before, "retire", actor=actor, at=at, note=_("Replaced by version %(number)s.") % {"number": version.number}
        )
    return _move(version, "enforce", actor=actor, at=at, note=note, canary_percent=0, acts_since=at)


@transaction
def retire(*, actor: Actor, version_id: int, at: datetime, note: str = "") -> PolicyVersion:
    """Take a version out of use for good; its answers of the past stay."""
    version = queries.lock_version(version_id)
    require(policies.can_write(actor, version.merchant_id) or policies.can_override(actor))
    return _move(version, "retire", actor=actor, at=at, note=note)


def expire_due(*, now: datetime) -> int:
    """End the versions whose launch is over; return how many. Safe to run at any time and by several at once."""
    done = 0
    for version_id in queries.ended(now):
        try:
            done += _expire(version_id=version_id, now=now)
        except Exception:
            logger.exception("Could not end policy version %s", version_id)
    return done


@transaction
def _expire(*, version_id: int, now: datetime) -> bool:
    version = queries.lock_version(version_id)
    if version.ends_at is None or version.ends_at > now or version.status not in (S.APPROVED, *LIVE):
        return False
    _move(version, "expire", actor=Actor.clock("scalper_policies.expire_due"), at=now)
    return True


def _read(plain: Mapping[str, Any]) -> Terms:
    try:
        read = terms.readable(plain)
    except terms.UnreadableTerms as fault:
        raise Invalid(fields={fault.field: [str(fault)]}) from fault
    scope = read.scope
    if len(scope.skus) > MOST_SKUS:
        raise Invalid(fields={"scope": [_("At most %(most)s listings in one policy.") % {"most": MOST_SKUS}]})
    if scope.starts_at and scope.ends_at and scope.ends_at <= scope.starts_at:
        text = words.FINDINGS["ENDS_BEFORE_IT_STARTS"]
        raise Invalid(fields={"ends_at": [_(text)]})
    return read


def _named(name: str) -> str:
    name = " ".join(name.split())[:120]
    if not name:
        raise Invalid(fields={"name": [_("Give it a name.")]})
    return name


def _rename(policy: Policy, name: str) -> None:
    if Policy.objects.filter(merchant_id=policy.merchant_id, name=name).exists():
        raise Invalid(fields={"name": [_("There is a policy of this name already.")]})
    Policy.objects.filter(pk=policy.pk).update(name=name)
    policy.name = name


def _columns(read: Terms) -> dict[str, Any]:
    return {
        "terms": terms.to_plain(read),
        "when_we_fail": read.when_we_fail.value,
        "harshest": terms.harshest(read).value,
        "starts_at": read.scope.starts_at,
        "ends_at": read.scope.ends_at,
    }


@transaction_required
def _new(policy: Policy, read: Terms, *, actor: Actor, reason: str, at: datetime) -> PolicyVersion:
    version = PolicyVersion.objects.create(
        merchant_id=policy.merchant_id,
        policy=policy,
        number=queries.last_number(policy) + 1,
        author=actor.name[:200],
        author_id=actor.id,
        reason=reason[:300],
        created_at=at,
        changed_at=at,
        **_columns(read),
    )
    _write(version, "write", before="", actor=actor, at=at, note=reason)
    return version


def _require_sound(version: PolicyVersion, *, at: datetime) -> None:
    found = checks.findings(terms.from_plain(version.terms), at=at)
    if checks.blocks(found):
        errors = [finding for finding in found if finding.gravity is checks.Gravity.ERROR]
        raise Conflict(" ".join(_(words.FINDINGS[each.code]) % dict(each.params) for each in errors))


def _require_only_candidate(version: PolicyVersion) -> None:
    other = queries.candidate_of(version.policy)
    if other is not None and other.pk != version.pk:
        raise Conflict(_("Version %(number)s is being tried already; end that first.") % {"number": other.number})


def _require_watched(version: PolicyVersion, *, at: datetime) -> None:
    if SEVERITY[Verdict(version.harshest)] <= SEVERITY[Verdict.VERIFY]:
        return
    since = version.watched_since or version.acts_since
    if since is not None and at - since >= SHADOW_DAYS:
        return
    reviewed = figures.reviewed_hits(version.merchant_id, version.policy_id, version_id=version.pk)
    if reviewed.judged < ENOUGH_REVIEWED or 100 * reviewed.right < RIGHT_ENOUGH * reviewed.judged:
        raise Conflict(
            _(
                "A policy that holds or rejects orders is in shadow for 7 days before it is in force, or 200 of its "
                "hits are reviewed and 95 %% of them right. Reviewed so far: %(judged)s, right: %(right)s."
            )
            % {"judged": reviewed.judged, "right": reviewed.right}
        )


def _require_tried(version: PolicyVersion, *, acknowledged: bool) -> None:
    """Show what the version would have hit before it acts; a warning must be acknowledged."""
    run = queries.last_backtest(version)
    if run is None:
        if queries.has_orders(version.merchant_id):
            raise Conflict(_("Try this version on past orders first."))
        if not acknowledged:
            raise Conflict(_("There are no past orders to try it on. Say that you know this, to go on."))
        return
    if run.report and not acknowledged:
        warned = [each for each in run.report.get("findings", ()) if each["gravity"] == checks.Gravity.WARNING]
        if warned:
            raise Conflict(" ".join(_(words.FINDINGS[each["code"]]) % each["params"] for each in warned))


@transaction_required
def _move(
    version: PolicyVersion, name: str, *, actor: Actor, at: datetime, note: str = "", **changes: Any
) -> PolicyVersion:
    before = version.status
    changes["status"] = target_of(VERSION_MOVES, name, before)
    if changes["status"] not in LIVE and before in LIVE:
        changes["ended_at"] = at
    for field, value in changes.items():
        setattr(version, field, value)
    version.changed_at = at
    version.save(update_fields=[*changes, "changed_at"])
    Policy.objects.filter(pk=version.policy_id).update(changed_at=at)
    _reach(version)
    line = _write(version, name, before=before, actor=actor, at=at, note=note)
    publishing.moved(version, name, move_id=line.pk, at=at)
    audit.record(
        actor=actor,
        action=f"policy.{name}",
        at=at,
        merchant_id=version.merchant_id,
        subject_kind="policy",
        subject_id=version.policy_id,
        before={"status": before},
        after={"status": version.status, "version": version.number},
    )
    if name in TOLD:
        telling.queue(
            merchant_id=version.merchant_id,
            kind=TOLD[name],
            at=at,
            params={"name": version.policy.name, "number": version.number, "by": actor.name, "note": note},
            path=f"/m/scalper-policies/{version.policy_id}/",
            subject_id=version.pk,
        )
    return version


@transaction_required
def _reach(version: PolicyVersion) -> None:
    """A live version is found by its listings; any other by none."""
    if version.status not in LIVE:
        queries.reach_of(version).delete()
        return
    scope = terms.from_plain(version.terms).scope
    skus = [""] if scope.all_listings else sorted(scope.skus)
    rows = [Reach(merchant_id=version.merchant_id, version=version, sku=sku) for sku in skus]
    Reach.objects.bulk_create(rows, ignore_conflicts=True)


def _write(
    version: PolicyVersion, name: str, *, before: str, actor: Actor, at: datetime, note: str = ""
) -> VersionMove:
    return VersionMove.objects.create(
        merchant_id=version.merchant_id,
        version=version,
        move=name,
        from_status=before,
        to_status=version.status,
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:200],
        note=note[:300],
        facts={"canary_percent": version.canary_percent} if version.canary_percent else {},
    )
