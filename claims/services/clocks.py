"""The clocks of a case: worked out afresh from its history after every move, so that they can always be recomputed."""

from collections.abc import Sequence
from datetime import datetime

from claims.models import Claim, Clock, Escalation, SlaPolicy
from claims.queries import clocks as queries
from claims.rules import sla
from claims.services import moving
from merchant_protection.foundation.transactions import transaction_required


@transaction_required
def refresh(claim: Claim, *, at: datetime) -> None:
    """Bring the clocks of the stage a locked complaint is in up to date with what has happened to it."""
    if claim.opened_at is None:
        return
    stage = queries.stage_of(claim)
    stored = list(queries.clocks_of(claim, stage=stage))
    policy = stored[0].policy if stored else queries.policy_for(claim)
    if policy is None:
        return
    terms = queries.terms_of(policy)
    history = queries.history_of(claim, stage=stage, since=since(claim, stage))
    wanted = sla.clocks(terms, history)
    rows = _write_clocks(claim, policy, stage, stored, wanted)
    _write_alerts(claim, rows, wanted)
    _tell_claim(claim, history, wanted, rows, at=at, is_paused=sla.is_paused(terms, history, at))


def since(claim: Claim, stage: int) -> datetime:
    """Return when a stage of a complaint began: its filing, or the latest appeal."""
    if stage == 1:
        return claim.opened_at  # type: ignore[return-value]
    filed: datetime = claim.appeals.order_by("-pk").values_list("filed_at", flat=True)[0]
    return filed


def _write_clocks(
    claim: Claim, policy: SlaPolicy, stage: int, stored: Sequence[Clock], wanted: Sequence[sla.Clock]
) -> dict[tuple[str, int], Clock]:
    known = {(row.target, row.round): row for row in stored}
    added, moved = [], []
    for clock in wanted:
        row = known.get((clock.target, clock.round))
        facts = {"started_at": clock.started_at, "due_at": clock.due_at, "stopped_at": clock.stopped_at}
        if row is None:
            row = Clock(
                merchant_id=claim.merchant_id,
                claim=claim,
                policy=policy,
                stage=stage,
                target=clock.target,
                round=clock.round,
                on_breach=clock.on_breach,
                **facts,
            )
            added.append(row)
        elif any(getattr(row, name) != value for name, value in facts.items()):
            for name, value in facts.items():
                setattr(row, name, value)
            moved.append(row)
        known[clock.target, clock.round] = row
    Clock.objects.bulk_create(added)
    if moved:
        Clock.objects.bulk_update(moved, ["started_at", "due_at", "stopped_at"])
    return known


def _write_alerts(claim: Claim, rows: dict[tuple[str, int], Clock], wanted: Sequence[sla.Clock]) -> None:
    by_clock: dict[int, list[Escalation]] = {row.pk: [] for row in rows.values()}
    for alert in queries.escalations_of(claim, list(by_clock)):
        by_clock[alert.clock_id].append(alert)
    added, moved, dropped = [], [], []
    for clock in wanted:
        row = rows[clock.target, clock.round]
        stored = {(each.kind, each.level): each for each in by_clock[row.pk] if each.fired_at is None}
        changes = sla.changes(
            pending=[sla.Alert(each.kind, each.level, each.audience, each.due_at) for each in stored.values()],
            fired=[(each.kind, each.level) for each in by_clock[row.pk] if each.fired_at is not None],
            wanted=clock.alerts if clock.is_open else (),
        )
        added += [_alert(claim, row, each) for each in changes.added]
        for change in changes.moved:
            stored[change.key].due_at, stored[change.key].audience = change.due_at, change.audience
            moved.append(stored[change.key])
        dropped += [stored[each.key].pk for each in changes.dropped]
    Escalation.objects.bulk_create(added)
    if moved:
        Escalation.objects.bulk_update(moved, ["due_at", "audience"])
    if dropped:
        Escalation.objects.filter(merchant_id=claim.merchant_id, pk__in=dropped).delete()


def _alert(claim: Claim, row: Clock, alert: sla.Alert) -> Escalation:
    return Escalation(
        merchant_id=claim.merchant_id,
        claim=claim,
        clock=row,
        kind=alert.kind,
        level=alert.level,
        audience=alert.audience,
        due_at=alert.due_at,
    )


def _tell_claim(
    claim: Claim,
    history: sla.History,
    wanted: Sequence[sla.Clock],
    rows: dict[tuple[str, int], Clock],
    *,
    at: datetime,
    is_paused: bool,
) -> None:
    """Write on the complaint itself what lists sort and filter by."""
    following = sla.next_deadline(wanted)
    open_rows = [rows[clock.target, clock.round] for clock in wanted if clock.is_open]
    moving.change(
        claim,
        at=at,
        due_at=following.due_at if following else None,
        is_paused=is_paused and history.resolved_at is None,
        is_overdue=any(row.breached_at is not None for row in open_rows),
        first_response_at=claim.first_response_at or history.first_response_at,
    )
