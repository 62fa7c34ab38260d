"""Kill switches and paused rules: anybody responsible stops, going on takes more."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, require, require_proof
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.models import RulePause, Switch
from merchant_protection.marketplace.queries import guards as queries
from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import telling

ALONE_AFTER = timedelta(minutes=10)  # who has no second person waits this long, and proves it is them


@transaction
def stop(
    *, scope: str, actor: Actor, at: datetime, reason: str, merchant_id: int | None = None, rule: str = ""
) -> Switch:
    """Stop every action of the platform, a shop or a rule from leaving, within two seconds; safe to repeat."""
    _check(scope=scope, merchant_id=merchant_id, rule=rule)
    require(policies.can_stop(actor, scope=scope, merchant_id=merchant_id))
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why, for whoever comes after you.")]})
    with tenancy.platform():
        switch = _switch(scope=scope, merchant_id=merchant_id, rule=rule, actor=actor, at=at)
        before = switch.is_stopped
        switch.is_stopped, switch.reason = True, reason[:300]
        switch.changed_at, switch.changed_by = at, actor.name[:200]
        switch.resume_asked_by = switch.resume_asked_at = None
        switch.save()
    _record(actor, "switch.stopped", switch, at=at, before=before, reason=reason)
    if merchant_id is not None:
        telling.queue(
            merchant_id=merchant_id,
            kind="switch.stopped",
            at=at,
            params={"by": actor.name, "reason": switch.reason},
            path="/m/actions/",
            urgency=Notice.Urgency.CRITICAL,
        )
    return switch


@transaction
def resume(
    *,
    scope: str,
    actor: Actor,
    at: datetime,
    reason: str = "",
    merchant_id: int | None = None,
    rule: str = "",
    proved_again: bool = False,
) -> Switch:
    """Let actions leave again; for the whole platform a second person must ask for it too.

    Each of them has just proved again who they are (`proved_again`).
    """
    _check(scope=scope, merchant_id=merchant_id, rule=rule)
    require(policies.can_resume(actor, scope=scope, merchant_id=merchant_id))
    with tenancy.platform():
        switch = queries.lock_switch(scope=scope, merchant_id=merchant_id, rule=rule)
        if switch is None or not switch.is_stopped:
            raise Conflict(_("Nothing is stopped here."))
        require_proof(proved_again, _("Confirm that it is you, then do it again."))
        if scope == Switch.Scope.PLATFORM and switch.resume_asked_by in (None, actor.id):
            if switch.resume_asked_by is not None:
                raise Conflict(_("The platform goes on only when a second person agrees."))
            switch.resume_asked_by, switch.resume_asked_at = actor.id, at
            switch.save()
            asked = "switch.resume_asked"
        else:
            switch.is_stopped = False
            switch.changed_at, switch.changed_by = at, actor.name[:200]
            switch.resume_asked_by = switch.resume_asked_at = None
            switch.save()
            asked = "switch.resumed"
    _record(actor, asked, switch, at=at, before=True, reason=reason)
    return switch


@transaction
def pause_rule(*, merchant_id: int, feature: str, rule: str, actor: Actor, at: datetime, reason: str) -> RulePause:
    """Pause one rule in one shop; what it wants then waits for a person. Safe to repeat."""
    require(policies.can_decide(actor, merchant_id))
    if not rule.strip() or not feature.strip():
        raise Invalid(fields={"rule": [_("Name one rule.")]})
    pause = RulePause.objects.filter(merchant_id=merchant_id, feature=feature, rule=rule, resumed_at=None).first()
    if pause is not None:
        return pause
    pause = RulePause.objects.create(
        merchant_id=merchant_id,
        feature=feature,
        rule=rule,
        reason=reason[:200],
        paused_at=at,
        paused_by=actor.name[:200],
    )
    _record_pause(actor, "rule.paused", pause, at=at, reason=reason)
    return pause


@transaction
def resume_rule(*, pause_id: int, actor: Actor, at: datetime, proved_again: bool = False) -> RulePause:
    """Let a paused rule go on: one person asks, a second agrees.

    In a shop where only one person decides, that person agrees with themselves ten minutes
    later, having proved again who they are (`proved_again`: a fresh second factor).
    """
    pause = queries.lock_pause(pause_id)
    require(policies.can_decide(actor, pause.merchant_id))
    if pause.resumed_at is not None:
        return pause
    if pause.resume_asked_by is None:
        pause.resume_asked_by, pause.resume_asked_at = actor.id, at
        pause.save(update_fields=["resume_asked_by", "resume_asked_at"])
        _record_pause(actor, "rule.resume_asked", pause, at=at)
        return pause
    if pause.resume_asked_by == actor.id:
        _require_alone(pause, actor, at=at, proved_again=proved_again)
    pause.resumed_at, pause.resumed_by = at, actor.name[:200]
    pause.save(update_fields=["resumed_at", "resumed_by"])
    _record_pause(actor, "rule.resumed", pause, at=at)
    return pause


def _require_alone(pause: RulePause, actor: Actor, *, at: datetime, proved_again: bool) -> None:
    if queries.deciders_of(pause.merchant_id) > 1 or not actor.may_write(pause.merchant_id):
        raise Conflict(_("A second person must agree that the rule goes on."))
    if pause.resume_asked_at is None or at - pause.resume_asked_at < ALONE_AFTER:
        raise Conflict(_("Wait ten minutes, then say again that the rule should go on."))
    require_proof(proved_again, _("Confirm with your second factor that it is you."))


def _check(*, scope: str, merchant_id: int | None, rule: str) -> None:
    """An empty selector means nothing: a switch names exactly what it stops."""
    faults: dict[str, list[str]] = {}
    if scope not in Switch.Scope.values:
        faults["scope"] = [_("Choose what to stop.")]
    if (merchant_id is not None) != (scope == Switch.Scope.MERCHANT):
        faults["merchant"] = [_("Name the shop, and only for a shop's switch.")]
    if bool(rule.strip()) != (scope == Switch.Scope.RULE):
        faults["rule"] = [_("Name the rule, and only for a rule's switch.")]
    if faults:
        raise Invalid(fields=faults)


def _switch(*, scope: str, merchant_id: int | None, rule: str, actor: Actor, at: datetime) -> Switch:
    switch = queries.lock_switch(scope=scope, merchant_id=merchant_id, rule=rule)
    if switch is None:
        fresh = Switch(scope=scope, merchant_id=merchant_id, rule=rule, changed_at=at, changed_by=actor.name[:200])
        Switch.objects.bulk_create([fresh], ignore_conflicts=True)
        switch = queries.lock_switch(scope=scope, merchant_id=merchant_id, rule=rule)
    assert switch is not None  # noqa: S101 - made just above, and switches are never deleted
    return switch


def _record(actor: Actor, action: str, switch: Switch, *, at: datetime, before: bool, reason: str) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=switch.merchant_id,
        subject_kind="switch",
        subject_id=switch.pk,
        before={"is_stopped": before},
        after={"is_stopped": switch.is_stopped, "scope": switch.scope, "rule": switch.rule},
        reason=reason,
    )


def _record_pause(actor: Actor, action: str, pause: RulePause, *, at: datetime, reason: str = "") -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=pause.merchant_id,
        subject_kind="rule",
        subject_id=f"{pause.feature}:{pause.rule}"[:100],
        after={"pause": pause.pk},
        reason=reason,
    )
