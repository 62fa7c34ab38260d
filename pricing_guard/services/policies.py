"""What merchants set: policies with versions that never change, and how far each may go by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, require, require_proof
from merchant_protection.foundation.transactions import transaction, transaction_required
from pricing_guard import policies
from pricing_guard.models import GuardPolicy, GuardShop, PolicyVersion
from pricing_guard.queries import incidents
from pricing_guard.queries import policies as queries
from pricing_guard.rules import comparing, stored, validation
from pricing_guard.rules.findings import Severity
from pricing_guard.rules.ladder import Action
from pricing_guard.rules.thresholds import SWITCH, Thresholds

WATCHED_FOR = timedelta(days=7)
REVIEWED_ENOUGH = 200
RIGHT_ENOUGH = 0.95
MOST_NAMED = 2_000
MOST_GRACE = 24 * 60
Mode = GuardPolicy.Mode


@dataclass(frozen=True)
class Draft:
    """What a person typed: thresholds by name (blank means not set), steps by severity, where it holds."""

    name: str
    scope: str
    thresholds: Mapping[str, object]
    categories: Sequence[str] = ()
    skus: Sequence[str] = ()
    ladder: Mapping[str, str] | None = None
    grace_minutes: int | None = None
    note: str = ""


@transaction
def save_version(
    *,
    merchant_id: int,
    draft: Draft,
    actor: Actor,
    at: datetime,
    policy_id: int | None = None,
    version: int | None = None,
) -> PolicyVersion:
    """Save a new version of a policy as a draft; nothing holds until it is published.

    `version` is the one that was edited: when a colleague saved meanwhile, nothing is overwritten.
    """
    require(policies.can_set(actor, merchant_id))
    thresholds = _check(merchant_id, draft)
    if policy_id is None:
        policy = _make(merchant_id, draft, actor=actor, at=at)
    else:
        policy = queries.lock(policy_id)
        require(policies.can_set(actor, policy.merchant_id))
        _require_as_seen(policy, version)
        if draft.scope != policy.scope:
            raise Invalid(fields={"scope": [_("A policy keeps its scope; make another one.")]})
    newest = queries.versions_of(policy).first()
    saved = PolicyVersion.objects.create(
        merchant_id=policy.merchant_id,
        policy=policy,
        number=newest.number + 1 if newest else 1,
        categories=sorted(set(draft.categories)),
        skus=sorted(set(draft.skus)),
        thresholds=stored.thresholds_out(thresholds),
        ladder=dict(draft.ladder or {}),
        grace_minutes=draft.grace_minutes,
        note=draft.note[:300],
        saved_at=at,
        saved_by=actor.name[:200],
    )
    policy.name, policy.updated_at, policy.version = draft.name.strip(), at, policy.version + 1
    policy.save(update_fields=["name", "updated_at", "version"])
    _record(policy, "guard_policy.saved", actor=actor, at=at, after={"version": saved.number})
    return saved


@transaction
def publish(
    *,
    policy_id: int,
    number: int,
    actor: Actor,
    at: datetime,
    is_acknowledged: bool = False,
    proved_again: bool = False,
    version: int | None = None,
) -> GuardPolicy:
    """Let a version hold from now on; asking twice does it once.

    Tightening always may; loosening needs a finished backtest of these very values, or the word
    that it goes without. A rule that acts by itself is loosened only by a person who has just
    proved again who they are. `version` is the policy as it was looked at: when a colleague changed it
    meanwhile, nothing is done.
    """
    policy = queries.lock(policy_id)
    require(policies.can_set(actor, policy.merchant_id))
    if policy.live_number == number and policy.mode != Mode.OFF:
        return policy
    _require_as_seen(policy, version)
    chosen = queries.version(policy, number)
    before = queries.live_version(policy)
    if before is not None and comparing.is_looser(
        stored.thresholds_in(chosen.thresholds), stored.thresholds_in(before.thresholds)
    ):
        _require_shown(policy, chosen, is_acknowledged=is_acknowledged)
        if policy.mode == Mode.AUTO:
            _require_proof(actor, proved_again)
    policy.live_number, policy.published_at = chosen.number, at
    policy.categories, policy.skus = chosen.categories, chosen.skus
    if policy.mode == Mode.OFF:
        policy.mode, policy.watched_since = Mode.SHADOW, at
    policy.version, policy.updated_at = policy.version + 1, at
    policy.save()
    restamp(policy.merchant_id, at=at)
    _record(policy, "guard_policy.published", actor=actor, at=at, after={"version": number, "mode": policy.mode})
    return policy


@transaction
def set_mode(
    *,
    policy_id: int,
    mode: str,
    actor: Actor,
    at: datetime,
    is_acknowledged: bool = False,
    proved_again: bool = False,
    version: int | None = None,
) -> GuardPolicy:
    """Say how far a policy may go by itself: off, shadow, asks first, automatic; asking twice does it once.

    Limits the merchant states itself may act at once; checks that learn from the past ask first until
    they were watched for seven days, or two hundred of their hits were reviewed and 95 % were right. A
    policy of nothing but such checks is refused until then. Whoever makes it automatic has just proved
    again who they are (`proved_again`); going back, or off, asks for nothing. `version` is the policy as
    it was looked at: nobody lets act what a colleague published meanwhile.
    """
    policy = queries.lock(policy_id)
    require(policies.can_set(actor, policy.merchant_id))
    if mode not in Mode.values:
        raise Invalid(fields={"mode": [_("There is no such mode.")]})
    live = queries.live_version(policy)
    if live is None and mode != Mode.OFF:
        raise Conflict(_("Publish a version first."))
    if policy.mode == mode:
        return policy
    _require_as_seen(policy, version)
    before = policy.mode
    if live is not None and _rank(mode) > _rank(before):
        _require_shown(policy, live, is_acknowledged=is_acknowledged)
    if mode == Mode.AUTO and live is not None:
        _prove_or_limit(policy, live, at=at)
        if before != Mode.AUTO:
            _require_proof(actor, proved_again)
    if mode in (Mode.OFF,):
        policy.watched_since = None
    elif policy.watched_since is None:
        policy.watched_since = at
    policy.mode, policy.updated_at, policy.version = mode, at, policy.version + 1
    policy.save()
    restamp(policy.merchant_id, at=at)
    _record(policy, "guard_policy.mode", actor=actor, at=at, before={"mode": before}, after={"mode": mode})
    return policy


@transaction
def retire(*, policy_id: int, actor: Actor, at: datetime) -> GuardPolicy:
    """Put a policy away: it holds for nothing from now on; its versions and hits stay."""
    policy = queries.lock(policy_id)
    require(policies.can_set(actor, policy.merchant_id))
    policy.is_retired, policy.mode, policy.updated_at = True, Mode.OFF, at
    policy.save(update_fields=["is_retired", "mode", "updated_at"])
    restamp(policy.merchant_id, at=at)
    _record(policy, "guard_policy.retired", actor=actor, at=at)
    return policy


@transaction_required
def restamp(merchant_id: int, *, at: datetime) -> None:
    """Say that something which holds for a shop's listings changed: each is looked at again."""
    GuardShop.objects.bulk_create([GuardShop(merchant_id=merchant_id, updated_at=at)], ignore_conflicts=True)
    GuardShop.objects.filter(merchant_id=merchant_id).update(stamp=F("stamp") + 1, updated_at=at)


def is_proven(policy: GuardPolicy, *, at: datetime) -> bool:
    """Say whether a policy's learned checks have shown enough to act by themselves."""
    if policy.watched_since is not None and at - policy.watched_since >= WATCHED_FOR:
        return True
    reviewed, right = incidents.reviewed(policy.pk)
    return reviewed >= REVIEWED_ENOUGH and right >= RIGHT_ENOUGH * reviewed


def _prove_or_limit(policy: GuardPolicy, live: PolicyVersion, *, at: datetime) -> None:
    thresholds = stored.thresholds_in(live.thresholds)
    if not comparing.learns(thresholds):
        return
    if is_proven(policy, at=at):
        policy.statistics_proven_at = policy.statistics_proven_at or at
    elif not comparing.states_limits(thresholds):
        raise Conflict(
            _(
                "These checks learn from the past. Watch them in shadow for 7 days, "
                "or review 200 of their hits, 19 of 20 of them right."
            )
        )


def _require_proof(actor: Actor, proved_again: bool) -> None:
    """Last of all that is asked: nobody proves who they are for what is refused anyway."""
    if actor.is_program:
        raise NotAllowed(_("A person decides this: no key opens it."))
    require_proof(proved_again or not policies.must_prove_again(actor), _("Confirm that it is you, then do it again."))


def _require_as_seen(policy: GuardPolicy, version: int | None) -> None:
    if version is not None and version != policy.version:
        raise Conflict(_("A colleague changed this policy meanwhile."))


def _require_shown(policy: GuardPolicy, version: PolicyVersion, *, is_acknowledged: bool) -> None:
    if not is_acknowledged and not queries.has_backtest(policy, version.thresholds):
        raise Conflict(_("Run a backtest of these values first, or say that you go on without one."))


def _check(merchant_id: int, draft: Draft) -> Thresholds:
    currency = Merchant.objects.values_list("currency", flat=True).get(pk=merchant_id)
    read = validation.read(_without_unset(draft.thresholds), currency=currency)
    faults: dict[str, list[str]] = {}
    for error in read.errors:
        faults.setdefault(error.field, []).append(error.told(_))
    if not draft.name.strip() or len(draft.name) > 80:
        faults["name"] = [_("Give it a name of at most 80 characters.")]
    faults |= _faults_of_scope(draft) | _faults_of_response(draft)
    if read.thresholds is not None and not read.errors and read.thresholds == Thresholds():
        faults["thresholds"] = [_("Set at least one threshold.")]
    if faults or read.thresholds is None:
        raise Invalid(fields=faults)
    return read.thresholds


def _without_unset(typed: Mapping[str, object]) -> dict[str, object]:
    """A switch that was left off says nothing, so that a wider policy may say it."""
    return {name: value for name, value in typed.items() if not (name in SWITCH and value in ("", None))}


def _faults_of_scope(draft: Draft) -> dict[str, list[str]]:
    """An empty selector means nothing, so it is refused."""
    named: dict[str, Sequence[str]] = {"CATEGORY": draft.categories, "LISTINGS": draft.skus}
    field = {"CATEGORY": "categories", "LISTINGS": "skus"}.get(draft.scope, "scope")
    if draft.scope not in GuardPolicy.Scope.values:
        return {"scope": [_("Choose where it holds.")]}
    faults = {}
    for scope, names in named.items():
        if draft.scope != scope and names:
            faults[field] = [_("Name only what the scope asks for.")]
        elif draft.scope == scope and (not names or any(not _names(each) for each in names)):
            faults[field] = [_("Name at least one, each by its own name.")]
        elif len(names) > MOST_NAMED:
            faults[field] = [_("Name at most 2,000; for more there are floor prices by file.")]
    return faults


def _names(text: object) -> bool:
    return isinstance(text, str) and text.strip() not in ("", "*", "%") and "*" not in text and "\x00" not in text


def _faults_of_response(draft: Draft) -> dict[str, list[str]]:
    faults = {}
    for severity, action in (draft.ladder or {}).items():
        if severity not in Severity.__members__ or action not in Action.__members__:
            faults["ladder"] = [_("There is no such step.")]
    if draft.grace_minutes is not None and not 0 <= draft.grace_minutes <= MOST_GRACE:
        faults["grace_minutes"] = [_("Choose 0 to 1,440 minutes.")]
    return faults


def _make(merchant_id: int, draft: Draft, *, actor: Actor, at: datetime) -> GuardPolicy:
    if GuardPolicy.objects.filter(merchant_id=merchant_id, name=draft.name.strip(), is_retired=False).exists():
        raise Invalid(fields={"name": [_("Another policy has this name.")]})
    return GuardPolicy.objects.create(
        merchant_id=merchant_id,
        name=draft.name.strip(),
        scope=draft.scope,
        version=0,
        created_at=at,
        created_by=actor.name[:200],
        updated_at=at,
    )


def _rank(mode: str) -> int:
    return [Mode.OFF, Mode.SHADOW, Mode.APPROVE, Mode.AUTO].index(Mode(mode))


def _record(
    policy: GuardPolicy,
    action: str,
    *,
    actor: Actor,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=policy.merchant_id,
        subject_kind="guard_policy",
        subject_id=policy.pk,
        before=before,
        after={"name": policy.name} | dict(after or {}),
    )
