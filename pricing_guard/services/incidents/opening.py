"""Opening incidents: one for each listing whose price somebody should look at, and one alert for each cause."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.services import doubts
from pricing_guard.lifecycle import IncidentStatus
from pricing_guard.models import GuardHit, Incident, IncidentMove
from pricing_guard.queries import incidents as queries
from pricing_guard.queries.listings import tidy
from pricing_guard.rules import ladder, replay, stored
from pricing_guard.rules.findings import STATED
from pricing_guard.rules.ladder import Action
from pricing_guard.rules.promotions import worst_stack
from pricing_guard.services.incidents import alerts, announcing, causes, moving, reopening, stopping, touching
from pricing_guard.services.watching.loading import Held, Looked

CLOCK = Actor.clock("price guard")
REMIND_AFTER = timedelta(minutes=15)
type Findings = list[dict[str, Any]]
LOOKED_THROUGH = timedelta(days=1)


@transaction_required
def settle(held: Held, looked: Sequence[Looked], *, source: str, at: datetime) -> list[Incident]:
    """Bring the incidents of judged listings in line with what the guard thinks of them now.

    The caller holds the lock of every listing's guard, so that eight writers at once open one incident.
    Returns the incidents that were opened.
    """
    there = queries.open_on(held.merchant_id, _ids(looked))
    told = _told_already(held, looked)
    wrong = [one for one in looked if one.outcome.judgement.findings]
    objecting = [one for one in wrong if _mark(held, one) not in told]
    doubted = [one for one in wrong if one.listing.pk not in there and _is_told(one.outcome.plan)]
    named = _causes(held, doubted, [there[one.listing.pk] for one in objecting if one.listing.pk in there], at=at)
    notes: list[IncidentMove] = []
    for one in looked:
        incident = there.get(one.listing.pk)
        if incident is None:
            continue
        if one.outcome.judgement.findings:
            notes += _still_wrong(incident, one, is_told=_mark(held, one) in told, at=at)
        elif source != Incident.Source.ORDERS:
            notes += _good_again(incident, one, at=at)
    IncidentMove.objects.bulk_create(notes)
    incidents = [(_incident(held, one, source=source, cause=named[_kind(one)], at=at), one) for one in doubted]
    opened = _open(held, incidents, at=at)
    there |= {incident.listing_id: incident for incident in opened}
    hits = [_hit(held, one, there.get(one.listing.pk), at=at) for one in objecting]
    GuardHit.objects.bulk_create([*hits, *_in_shadow(held, looked, told, at=at)])
    return opened


def _causes(held: Held, doubted: Sequence[Looked], again: Sequence[Incident], *, at: datetime) -> dict[str, str]:
    """Return by kind the cause of what is found now; another wrong price keeps the cause of its incident going."""
    if again:
        causes.go_on(held.merchant_id, {incident.cause for incident in again}, at=at)
    return causes.names(held.merchant_id, {_kind(one) for one in doubted}, at=at) if doubted else {}


def _told_already(held: Held, looked: Sequence[Looked]) -> set[tuple[int, int, str, int | None]]:
    """What was objected to before: a listing that only changed its stock, or was taken off sale, is no news."""
    ids = [one.listing.pk for one in looked if one.outcome.judgement.findings or one.outcome.watched]
    return queries.told_hits(held.merchant_id, ids) if ids else set()


def _in_shadow(
    held: Held, looked: Sequence[Looked], told: set[tuple[int, int, str, int | None]], *, at: datetime
) -> Iterator[GuardHit]:
    """Note what policies in shadow would have objected to; that is all that comes of it."""
    for one in looked:
        for watched in one.outcome.watched:
            number, check = held.published.numbers.get(watched.policy_id), watched.judgement.findings[0].check
            if (one.listing.pk, one.listing.price_version, check.value, number) not in told:
                yield _note_hit(held, one, watched, policy_id=watched.policy_id, mode=ladder.Mode.SHADOW, at=at)


def _open(held: Held, doubted: Sequence[tuple[Incident, Looked]], *, at: datetime) -> list[Incident]:
    opened = Incident.objects.bulk_create([incident for incident, _ in doubted])
    IncidentMove.objects.bulk_create(
        [IncidentMove(**moving.line(one, "open", actor=CLOCK, at=at, facts=_facts(one))) for one in opened]
    )
    if not opened:
        return []
    announcing.announce(opened, "open", at=at)
    doubts.doubt(
        listings=[(looked.listing, one.pk) for one, looked in doubted if takes_no_orders(one)],
        feature=queries.FEATURE,
        at=at,
    )
    touching.gather(opened, at=at)
    plans = {one.pk: looked.outcome.plan for one, looked in doubted}
    stopping.by_itself(opened, plans, actor=CLOCK, at=at)
    alerts.tell(opened, at=at)
    return opened


def _incident(held: Held, one: Looked, *, source: str, cause: str, at: datetime) -> Incident:
    outcome, plan = one.outcome, one.outcome.plan
    worst = outcome.judgement.findings[0]
    leading = one.resolved.leading
    policy_id = leading.policy_id if leading and leading.policy_id else None
    listing = held.shop.listings[one.listing.sku]
    trusted = listing.memory.trusted(at=at)
    reference = trusted.price if trusted else (worst.reference.amount if worst.reference else None)
    running = [each for each in replay.surrounded(held.shop, listing.facts).running(outcome.at) if each.by_merchant]
    effective = worst_stack(outcome.price, running).unit_price if running else outcome.price
    currency = listing.facts.currency
    return Incident(
        merchant_id=held.merchant_id,
        listing=one.listing,
        severity=outcome.judgement.severity,
        source=source,
        cause=cause,
        check_name=worst.check.value,
        policy_id=policy_id,
        policy_number=held.published.numbers.get(policy_id or 0),
        mode=held.published.policy.response(one.resolved).mode.value,
        price=outcome.price,
        effective_price=effective,
        reference_price=reference,
        reference_kind=(worst.reference.kind if worst.reference else "")[:20],
        revert_price=plan.revert.price if plan.revert else None,
        currency=currency,
        price_version=one.listing.price_version,
        findings=stored.findings_out(outcome.judgement.findings),
        plan=stored.plan_out(plan),
        since=_since(one, source=source, at=at),
        opened_at=at,
        due_at=plan.not_before,
        remind_at=at + REMIND_AFTER,
    )


def _since(one: Looked, *, source: str, at: datetime) -> datetime:
    """A price is wrong since it was set; where only its orders tell, the orders of the last day are looked through."""
    if source not in (Incident.Source.PRICE, Incident.Source.ORDERS):
        return at
    changed = min(one.listing.price_changed_at or at, at)
    return changed if source == Incident.Source.PRICE else max(changed, at - LOOKED_THROUGH)


def _good_again(incident: Incident, one: Looked, *, at: datetime) -> list[IncidentMove]:
    """The price was put right: a suspicion ends, a stop stays until a person opens it; returns what is only noted."""
    facts = {"price": str(one.outcome.price), "by": one.by}
    if incident.status == IncidentStatus.SUSPECTED:
        moving.move(incident, "correct", actor=CLOCK, at=at, facts=facts)
        doubts.believe(merchant_id=incident.merchant_id, listing_id=incident.listing_id, feature=queries.FEATURE)
        alerts.put_away(incident, price=one.outcome.price, at=at)
        if one.outcome.price != incident.price:  # else the policy changed, and says nothing about the doubt
            GuardHit.objects.filter(merchant_id=incident.merchant_id, incident=incident, review="NONE").update(
                review=GuardHit.Review.RIGHT, reviewed_at=at, reviewed_by=CLOCK.name
            )
        return []
    if incident.sale_asked_at is not None:  # somebody did, and the good price was all that was missing
        moving.note(incident, "price_good", actor=CLOCK, at=at, facts=facts)
        reopening.sell_by_itself(incident, at=at)
        return []
    return [IncidentMove(**moving.line(incident, "price_good", actor=CLOCK, at=at, facts=facts))]


def _still_wrong(incident: Incident, one: Looked, *, is_told: bool, at: datetime) -> list[IncidentMove]:
    """Another wrong price while the incident is open: the worst is kept, and a worse one acts anew.

    What is held against one and the same price is kept together: whoever says that it is meant answers all of it.

    What is only noted is returned; a worse price is written down before what it brings about.
    """
    judgement, plan = one.outcome.judgement, one.outcome.plan
    found = stored.findings_out(judgement.findings)
    facts = {"price": str(one.outcome.price), "by": one.by, "findings": found}
    line = moving.line(incident, "price_wrong", actor=CLOCK, at=at, facts=facts)
    before = incident.findings if one.outcome.price == incident.price else []
    is_worse = judgement.severity > incident.severity
    if not is_worse or incident.status != IncidentStatus.SUSPECTED:
        if before and (more := _besides(before, found)):
            incident.findings = [*before, *more]
            incident.save(update_fields=["findings"])
        return [] if is_told and not is_worse else [IncidentMove(**line)]
    IncidentMove.objects.create(**line)
    incident.severity, incident.check_name = judgement.severity, judgement.findings[0].check.value
    incident.price = one.outcome.price
    incident.findings = [*found, *_besides(found, before)]
    incident.plan, incident.due_at = stored.plan_out(plan), plan.not_before
    incident.revert_price = plan.revert.price if plan.revert else None
    incident.save(update_fields=["severity", "check_name", "price", "findings", "plan", "due_at", "revert_price"])
    if takes_no_orders(incident):
        doubts.doubt(listings=[(incident.listing, incident.pk)], feature=queries.FEATURE, at=at)
    stopping.by_itself([incident], {incident.pk: plan}, actor=CLOCK, at=at)
    return []


def _besides(known: Findings, others: Findings) -> Findings:
    """Return those of the others that are objections of further checks."""
    checks = {one["check"] for one in known}
    return [one for one in others if one["check"] not in checks]


def _hit(held: Held, one: Looked, incident: Incident | None, *, at: datetime) -> GuardHit:
    """Keep every objection, in shadow too: what people say of them later is what "automatic" has to show."""
    leading = one.resolved.leading
    policy_id = leading.policy_id if leading and leading.policy_id else None
    mode = held.published.policy.response(one.resolved).mode
    return _note_hit(held, one, one.outcome, policy_id=policy_id, mode=mode, at=at, incident=incident)


def _note_hit(
    held: Held,
    one: Looked,
    said: replay.Outcome | replay.Watched,
    *,
    policy_id: int | None,
    mode: ladder.Mode,
    at: datetime,
    incident: Incident | None = None,
) -> GuardHit:
    plan, worst = said.plan, said.judgement.findings[0]
    return GuardHit(
        merchant_id=held.merchant_id,
        listing=one.listing,
        incident=incident,
        policy_id=policy_id,
        policy_number=held.published.numbers.get(policy_id or 0),
        mode=mode.value,
        severity=said.judgement.severity,
        check_name=worst.check.value,
        is_statistical=worst.check not in STATED,
        rung=plan.rung.name,
        would_do=[step.name for step in (*plan.done, *plan.proposed, *plan.shadowed)],
        price=one.outcome.price,
        reference_price=worst.reference.amount if worst.reference else None,
        currency=held.shop.listings[one.listing.sku].facts.currency,
        price_version=one.listing.price_version,
        findings=stored.findings_out(said.judgement.findings),
        at=at,
    )


def _ids(looked: Sequence[Looked]) -> list[int]:
    return [one.listing.pk for one in looked]


def _mark(held: Held, one: Looked) -> tuple[int, int, str, int | None]:
    """What was objected to once is not objected to again by a later look at the same price."""
    leading = one.resolved.leading.policy_id if one.resolved.leading else 0
    check = one.outcome.judgement.findings[0].check.value
    return one.listing.pk, one.listing.price_version, check, held.published.numbers.get(leading)


def _is_told(plan: ladder.Plan) -> bool:
    return any(step >= Action.WARN for step in (*plan.done, *plan.proposed))


def takes_no_orders(incident: Incident) -> bool:
    """Orders are answered with hold where the policy would stop the listing; an alert alone holds nothing."""
    steps = {*incident.plan["done"], *incident.plan["proposed"]}
    return any(Action[step] >= Action.HOLD_NEW_ORDERS for step in steps)


def _facts(incident: Incident) -> dict[str, object]:
    reference = incident.reference_price
    return {
        "price": str(tidy(incident.price, incident.currency)),
        "reference": str(tidy(reference, incident.currency)) if reference is not None else None,
        "currency": incident.currency,
        "findings": incident.findings,
        "plan": incident.plan,
        "cause": incident.cause,
    }


def _kind(one: Looked) -> str:
    """Name what wrong things are put together by: who set the price, the promotion, the product ordered, the look."""
    return one.cause or f"price:{one.by}"
