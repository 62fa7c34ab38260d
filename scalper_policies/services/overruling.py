"""Staff overrule one answer, or a rule in one shop, for a time: with a reason, told to the shop, ended by itself."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.rules.wishes import LONGEST_HOLD, Wish
from merchant_protection.marketplace.services import actions
from merchant_protection.notices.services import telling
from scalper_policies import policies, wording
from scalper_policies.lifecycle import VersionStatus
from scalper_policies.models import DecisionNote, OrderDecision, Override, Policy, Reservation
from scalper_policies.queries import baseline as baseline_queries
from scalper_policies.queries import decisions as decision_queries
from scalper_policies.queries import overrides as queries
from scalper_policies.queries import policies as policy_queries
from scalper_policies.rules.evaluate import Need
from scalper_policies.rules.policy import EVERY_RULE, SEVERITY, Verdict
from scalper_policies.services import baseline, explaining, noting, publishing, reserving

LONGEST = timedelta(days=90)
STOPPED_THERE = (Verdict.HOLD, Verdict.REVIEW, Verdict.VERIFY)  # the platform has the order, and waits
K = Override.Kind


@transaction
def overrule_answer(
    *, actor: Actor, decision_id: int, verdict: str, until: datetime, reason: str, at: datetime
) -> Override:
    """Put another answer in the place of ours for one order; asked again, the platform gets this one until it ends.

    Our answer stays as it was. An order that may pass now keeps its units of the limits, one that may not gives
    them back, and the platform is asked to let a held order go, or to hold one that went.
    """
    decision = decision_queries.find(decision_id)
    require(policies.can_override(actor))
    _check(reason=reason, until=until, at=at)
    reserving.lock_order(decision.merchant_id, decision.number)
    decision.overruled_by = queries.of_decision(decision, at=at)
    before, after = Verdict(decision.stands), _verdict(verdict)
    if before is after:
        raise Conflict(_("That is the answer already."))
    override = _make(decision.merchant_id, K.DECISION, actor, until, reason, at, decision=decision, verdict=after.value)
    _carry_out(decision, before, after, override, actor=actor)
    publishing.overruled(decision, override_id=override.pk, verdict=after.value, at=at)
    if SEVERITY[after] < SEVERITY[Verdict(decision.verdict)]:
        noting.write(decision, DecisionNote.Said.WRONG, actor=actor, at=at, note=reason)
    _tell(
        override,
        kind="decision.overruled",
        path=f"/m/scalper-policies/decisions/{decision.pk}/",
        number=decision.number,
        verdict=after.value,
    )
    return override


@transaction
def overrule_rule(
    *, actor: Actor, merchant_id: int, policy_id: int | None, rule: str, until: datetime, reason: str, at: datetime
) -> Override:
    """Let a rule say nothing in one shop for a time, for every buyer; without a policy it is one of the baseline.

    No rule named means the whole policy. It goes on counting, so that it is exact again when the overruling ends.
    """
    require(policies.can_override(actor))
    _check(reason=reason, until=until, at=at)
    policy = _policy(merchant_id, policy_id, at=at)
    if rule != EVERY_RULE and rule not in rules_of(policy):
        raise Invalid(fields={"rule": [_("This policy has no such rule.")]})
    if queries.rules_of(merchant_id, at=at, policy_id=policy.pk).filter(rule__in=[rule, EVERY_RULE]).exists():
        raise Conflict(_("This rule is overruled already."))
    override = _make(merchant_id, K.RULE, actor, until, reason, at, policy=policy, rule=rule)
    path = "/m/scalper-policies/baseline/" if policy.is_baseline else f"/m/scalper-policies/{policy.pk}/"
    _tell(override, kind="policy.overruled", path=path, name=policy.name)
    return override


@transaction
def end(*, actor: Actor, override_id: int, at: datetime, reason: str) -> Override:
    """End an overruling before its time."""
    override = queries.lock(override_id)
    require(policies.can_override(actor))
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why.")]})
    if override.ended_at is not None or override.ends_at <= at:
        raise Conflict(_("This has ended already."))
    override.ended_at, override.ended_by = at, actor.name[:200] or actor.kind
    override.save(update_fields=["ended_at", "ended_by"])
    _record(override, "override.ended", actor=actor, at=at, reason=reason)
    return override


def rules_of(policy: Policy) -> Mapping[str, str]:
    """Return the rules of what acts or watches under a policy, each as the sentence that says it."""
    if policy.is_baseline:
        live = [each.terms for each in baseline_queries.live()]
    else:
        live = [each.terms for each in policy_queries.live_of(policy)]
    found: dict[str, str] = {}
    for plain in live:
        found |= wording.rules(plain)
    return found


def _policy(merchant_id: int, policy_id: int | None, *, at: datetime) -> Policy:
    if policy_id is None:
        return baseline.hold_counts_of(merchant_id, at=at)
    policy = policy_queries.lock(policy_id)
    if policy.merchant_id != merchant_id:
        raise Invalid(fields={"policy_id": [_("This policy is another shop's.")]})
    return policy


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError:
        raise Invalid(fields={"verdict": [_("There is no such answer.")]}) from None


def _check(*, reason: str, until: datetime, at: datetime) -> None:
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why.")]})
    if not at < until <= at + LONGEST:
        raise Invalid(fields={"until": [_("Choose an end within the next 90 days.")]})


@transaction_required
def _make(
    merchant_id: int, kind: str, actor: Actor, until: datetime, reason: str, at: datetime, **subject: Any
) -> Override:
    override = Override.objects.create(
        merchant_id=merchant_id,
        kind=kind,
        reason=reason[:300],
        starts_at=at,
        ends_at=until,
        made_by=actor.name[:200],
        made_by_id=actor.id,
        **subject,
    )
    _record(override, "override.made", actor=actor, at=at, reason=reason)
    return override


def _record(override: Override, action: str, *, actor: Actor, at: datetime, reason: str) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=override.merchant_id,
        subject_kind="override",
        subject_id=override.pk,
        after={
            "kind": override.kind,
            "decision": override.decision_id,
            "verdict": override.verdict,
            "policy": override.policy_id,
            "rule": override.rule,
            "ends_at": override.ends_at.isoformat(),
        },
        reason=reason,
    )


@transaction_required
def _carry_out(decision: OrderDecision, before: Verdict, after: Verdict, override: Override, *, actor: Actor) -> None:
    at = override.starts_at
    kept = Reservation.objects.filter(merchant_id=decision.merchant_id, number=decision.number)
    if after is Verdict.REJECT:
        kept.filter(released_at__isnull=True).update(released_at=at, released_for="OVERRULED", unplaced_until=None)
    elif before is Verdict.REJECT:
        kept.filter(released_for="OVERRULED").update(released_at=None, released_for="", unplaced_until=override.ends_at)
        Reservation.objects.bulk_create(_units(decision, unplaced_until=override.ends_at), ignore_conflicts=True)
    verb = _verb(before, after)
    if verb:
        wish = Wish(
            merchant_id=decision.merchant_id,
            verb=verb,
            ref=decision.number,
            feature="scalper_policies",
            rule=decision.rules[0] if decision.rules else "",
            reason=override.reason,
            release_after=min(override.ends_at - at, LONGEST_HOLD) if verb == "hold_order" else None,
        )
        actions.person_wants(wish, actor=actor, at=at)


def _verb(before: Verdict, after: Verdict) -> str:
    if before in STOPPED_THERE and after is Verdict.ALLOW:
        return "release_order"
    return "hold_order" if before is Verdict.ALLOW and after in (Verdict.HOLD, Verdict.REVIEW) else ""


def _units(decision: OrderDecision, *, unplaced_until: datetime) -> list[Reservation]:
    """What an order that was rejected takes of the limits now that it may pass: what acts says it first."""
    found: dict[tuple[int, str, str, str], Need] = {}
    answers = sorted(explaining.stored(decision), key=lambda one: one.said["mode"] == VersionStatus.SHADOW)
    for each in answers:
        for need in each.needed:
            found.setdefault((each.said["policy"], *need.slot), need)
    return [
        Reservation(
            merchant_id=decision.merchant_id,
            policy_id=policy_id,
            rule=rule,
            key=key,
            sku=sku,
            number=decision.number,
            placed_at=decision.placed_at,
            units=need.own,
            gives_back=sorted(need.limit.gives_back),
            unplaced_until=unplaced_until,
        )
        for (policy_id, rule, key, sku), need in found.items()
    ]


def _tell(override: Override, *, kind: str, path: str, **params: Any) -> None:
    telling.queue(
        merchant_id=override.merchant_id,
        kind=kind,
        at=override.starts_at,
        params={"reason": override.reason, "until": override.ends_at.isoformat(), **params},
        path=path,
        subject_id=override.pk,
    )
