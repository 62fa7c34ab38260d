"""Rules that assign courses: added, and switched on or off."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from training import policies
from training.models import AssignmentRule
from training.queries import assignments, courses


@transaction
def add(*, actor: Actor, course_id: int, at: datetime, is_required: bool = False, **told: Any) -> AssignmentRule:
    """Add a rule; it looks at what happens from now on."""
    require(policies.can_author(actor))
    course = courses.catalogue().filter(pk=course_id).first()
    if course is None:
        raise Invalid(fields={"course": [_("There is no published course with this code.")]})
    if is_required and not told.get("due_days"):
        raise Invalid(fields={"due_days": [_("Say in how many days it must be completed.")]})
    rule = AssignmentRule.objects.create(course=course, is_required=is_required, looked_until=at, created_at=at, **told)
    _record(rule, "training.rule_added", actor=actor, at=at)
    return rule


@transaction
def switch(*, actor: Actor, rule_id: int, at: datetime) -> AssignmentRule:
    """Switch a rule off, or on again from this moment."""
    rule = assignments.lock_rule(rule_id)
    require(policies.can_author(actor))
    rule.is_active = not rule.is_active
    rule.looked_until = at
    rule.save(update_fields=["is_active", "looked_until"])
    _record(rule, "training.rule_switched", actor=actor, at=at)
    return rule


@transaction_required
def _record(rule: AssignmentRule, action: str, *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        subject_kind="training_rule",
        subject_id=rule.pk,
        after={"course": rule.course.code, "active": rule.is_active},
    )
