"""What a changed kind or service level would mean for a complaint filed now: nothing is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from claims.models import ClaimKind, Clock, SlaPolicy
from claims.queries import clocks, kinds
from claims.rules import kinds as kind_rules
from claims.rules import sla
from merchant_protection.foundation.business_time import Calendar

FURTHEST = 40  # days looked ahead for the next day off


@dataclass(frozen=True)
class Due:
    """When one target would be due, and when it is by the version in force."""

    target: str
    now: datetime | None
    then: datetime | None


@dataclass(frozen=True)
class Filed:
    """A complaint filed at one moment, with the deadlines it would get."""

    moment: str
    at: datetime
    targets: list[Due]


@dataclass(frozen=True)
class Weighed:
    """A piece of evidence, and how many of the 100 points it would give."""

    type: str
    points: int


def deadlines_by(policy: SlaPolicy, in_force: SlaPolicy | None, *, now: datetime) -> list[Filed]:
    """Return which deadlines a service level gives: to what is filed now, at a week's end and before a day off."""
    terms = clocks.terms_of(policy)
    before = clocks.terms_of(in_force) if in_force else None
    found = []
    for moment, at in _moments(terms.calendar, now):
        due, was_due = _due(terms, at), _due(before, at) if before else {}
        targets = [target for target in Clock.Target.values if target in due or target in was_due]
        rows = [Due(str(Clock.Target(each).label), was_due.get(each), due.get(each)) for each in targets]
        found.append(Filed(moment, at, rows))
    return found


def times_by(kind: ClaimKind, *, now: datetime) -> kind_rules.Eligibility:
    """Return from when until when a complaint could be filed whose events all happened now."""
    return kind_rules.eligibility(kinds.as_rule(kind), dict.fromkeys(kind_rules.Basis, now), at=now)


def points_by(kind: ClaimKind) -> list[Weighed]:
    """Return how many points each piece of evidence would give by itself, the required first."""
    rule = kinds.as_rule(kind)
    share = kind_rules.REQUIRED_POINTS if rule.helpful else 100
    parts = (rule.required, share if rule.required else 0), (rule.helpful, 100 - (share if rule.required else 0))
    return [
        Weighed(each.type, round(points * each.weight / sum(one.weight for one in evidence)))
        for evidence, points in parts
        for each in evidence
    ]


def draft_of(model: type[ClaimKind] | type[SlaPolicy], row: Any, facts: dict[str, Any]) -> Any:
    """Return a version as it would be, unsaved."""
    names = [field.attname for field in model._meta.concrete_fields if field.name != "id"]
    tried = model(**{name: getattr(row, name) for name in names} if row is not None else {})
    for name, value in facts.items():
        setattr(tried, name, value)
    return tried


def _due(terms: sla.Terms, at: datetime) -> dict[str, datetime]:
    """An answer that came just in time starts the clock of the next update."""
    first = {each.target: each.due_at for each in sla.clocks(terms, sla.History(opened_at=at))}
    answered = first.get(sla.Target.FIRST_RESPONSE)
    running = sla.clocks(terms, sla.History(opened_at=at, first_response_at=answered))
    return {each.target: each.due_at for each in running}


def _moments(calendar: Calendar, now: datetime) -> Iterable[tuple[str, datetime]]:
    yield "NOW", now
    local = now.astimezone(ZoneInfo(calendar.zone))
    open_days = [
        day for day in (local.date() + timedelta(days=ahead) for ahead in range(FURTHEST)) if calendar.hours_on(day)
    ]
    for moment, ends in (("WEEK_ENDS", False), ("BEFORE_HOLIDAY", True)):
        for day in open_days:
            free = [day + timedelta(days=ahead) for ahead in (1, 2, 3)]
            is_off = not calendar.hours_on(free[0])
            is_holiday = is_off and any(not calendar.hours_on(each) and calendar.week[each.weekday()] for each in free)
            if is_off and is_holiday == ends:
                closes = calendar.hours_on(day)[-1].closes
                midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(calendar.zone))
                yield moment, midnight + timedelta(minutes=closes - 30)
                break
