"""What shops should learn: said by a person, or by a rule over what happened to them."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Role
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, NotFound, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.services import telling
from training import policies
from training.models import Assignment, AssignmentRule, Course
from training.queries import assignments, courses
from training.services import reminders

logger = logging.getLogger(__name__)
LOOK_BACK = timedelta(minutes=10)  # a warning may be committed a little after the moment it bears


@transaction
def assign(
    *,
    actor: Actor,
    merchant_id: int,
    course_id: int,
    at: datetime,
    user_id: int | None = None,
    role: str = "",
    is_required: bool = True,
    due_at: datetime | None = None,
    reason: str = "",
) -> Assignment:
    """Require or recommend a course of a person, a role or everybody in a shop; saying it again changes the date."""
    require(policies.can_assign(actor, merchant_id))
    course = courses.catalogue().filter(pk=course_id).first()
    if course is None:
        raise NotFound
    _check(merchant_id, user_id=user_id, role=role, is_required=is_required, due_at=due_at, at=at)
    assignment, is_new = Assignment.objects.update_or_create(
        merchant_id=merchant_id,
        course=course,
        user_id=user_id,
        role=role,
        ended_at=None,
        defaults={"is_required": is_required, "due_at": due_at, "reason": reason.strip()[:200]},
        create_defaults={
            "is_required": is_required,
            "due_at": due_at,
            "reason": reason.strip()[:200],
            "assigned_by": actor.name[:200],
            "assigned_at": at,
        },
    )
    _promise(assignment, course, at=at, tell=is_new)
    _record("training.assigned", assignment, actor=actor, at=at)
    return assignment


@transaction
def end(*, actor: Actor, assignment_id: int, at: datetime) -> Assignment:
    """Take an assignment back; nobody is reminded of it any more."""
    assignment = assignments.lock(assignment_id)
    require(policies.can_assign(actor, assignment.merchant_id))
    if assignment.ended_at is None:
        assignment.ended_at = at
        assignment.save(update_fields=["ended_at"])
        _record("training.taken_back", assignment, actor=actor, at=at)
    return assignment


@transaction
def remind(*, actor: Actor, assignment_id: int, at: datetime) -> Assignment:
    """Remind the shop of what was asked now rather than when it is due; once a day."""
    assignment = assignments.lock(assignment_id)
    require(policies.can_assign(actor, assignment.merchant_id))
    left = len(assignments.people_left(assignment))
    if assignment.ended_at is not None or not left:
        raise Conflict(_("Everybody has completed it."))
    told = telling.queue(
        merchant_id=assignment.merchant_id,
        kind="training.course_due",
        at=at,
        params={
            "title": assignment.course.title,
            "day": f"{assignment.due_at:%Y-%m-%d}" if assignment.due_at else "",
            "left": left,
            "step": "asked",
        },
        path=f"/m/training/courses/{assignment.course.code}/",
        subject_id=assignment.pk,
        dedupe_key=f"asked-{assignment.pk}-{at:%Y%m%d}",
    )
    if told is None:
        raise Conflict(_("They were reminded today already."))
    return assignment


def apply_rules(*, now: datetime) -> int:
    """Look at what happened since the last look, and assign what the rules say; return how many were assigned.

    Safe to run at any time and by several at once: a rule is looked at under its own lock, and
    what happened is answered by one assignment however often it is seen.
    """
    made = 0
    for rule_id in assignments.rules().filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        try:
            made += _apply(rule_id=rule_id, now=now)
        except Exception:
            logger.exception("Could not apply rule %s", rule_id)
    return made


@transaction
def _apply(*, rule_id: int, now: datetime) -> int:
    rule = assignments.lock_rule(rule_id)
    actor = Actor.clock("training.apply_rules")
    found = assignments.happened(rule, since=rule.looked_until - LOOK_BACK, until=now, actor=actor)
    newest = assignments.newest_of_rule(rule.pk, [each["merchant_id"] for each in found])
    made = 0
    if rule.is_active and rule.course.published_id is not None:
        for shop in found:
            made += _answer(rule, shop, newest.get(shop["merchant_id"]), now=now)
    rule.looked_until = max(rule.looked_until, now)
    rule.save(update_fields=["looked_until"])
    return made


def _answer(rule: AssignmentRule, shop: dict[str, Any], earlier: Assignment | None, *, now: datetime) -> bool:
    """Assign a rule's course to a shop, unless this was answered before or the course is asked of it already."""
    last = shop["last"].isoformat()
    if earlier is not None and earlier.facts.get("last", "") >= last:
        return False
    due_at = now + timedelta(days=rule.due_days) if rule.due_days else None
    assignment, is_new = Assignment.objects.get_or_create(
        merchant_id=shop["merchant_id"],
        course=rule.course,
        user=None,
        role="",
        ended_at=None,
        defaults={
            "is_required": rule.is_required,
            "due_at": due_at,
            "rule": rule,
            "facts": {"count": shop["count"], "last": last, "kind": rule.kind, "trigger": rule.trigger},
            "assigned_by": rule.name,
            "assigned_at": now,
        },
    )
    if is_new:
        _promise(assignment, rule.course, at=now, tell=True)
    return is_new


@transaction_required
def _promise(assignment: Assignment, course: Course, *, at: datetime, tell: bool) -> None:
    if assignment.is_required and assignment.due_at is not None:
        reminders.promise_assignment(assignment.pk, assignment.due_at, merchant_id=assignment.merchant_id, at=at)
    if tell:
        telling.queue(
            merchant_id=assignment.merchant_id,
            kind="training.required" if assignment.is_required else "training.recommended",
            at=at,
            params={
                "title": course.title,
                "day": f"{assignment.due_at:%Y-%m-%d}" if assignment.due_at else "",
                "reason": assignment.reason,
            },
            path=f"/m/training/courses/{course.code}/",
            subject_id=assignment.pk,
        )


def _check(
    merchant_id: int, *, user_id: int | None, role: str, is_required: bool, due_at: datetime | None, at: datetime
) -> None:
    faults: dict[str, list[str]] = {}
    if user_id is not None and not assignments.is_member(merchant_id, user_id=user_id):
        faults["user_id"] = [_("This person does not belong to the shop.")]
    if user_id is not None and role:
        faults["role"] = [_("Name a person or a role, not both.")]
    if role and role not in Role.values:
        faults["role"] = [_("There is no such role.")]
    if is_required and due_at is None:
        faults["due_at"] = [_("Say by when it must be completed.")]
    if due_at is not None and due_at <= at:
        faults["due_at"] = [_("This moment has passed.")]
    if faults:
        raise Invalid(fields=faults)


def _record(action: str, assignment: Assignment, *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=assignment.merchant_id,
        subject_kind="assignment",
        subject_id=assignment.pk,
        after={"course": assignment.course.code, "role": assignment.role, "required": assignment.is_required},
        reason=assignment.reason,
    )
