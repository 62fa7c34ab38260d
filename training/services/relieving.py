"""Completing a course relieves penalty points, as a policy of the marketplace says."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import User as Person
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.services import telling
from merchant_protection.risk.models import Violation
from merchant_protection.risk.models.violations import MOST_POINTS
from merchant_protection.risk.services import violations
from training import policies
from training.models import Enrolment, ReliefPolicy
from training.queries import courses, reliefs


@transaction
def add(
    *,
    actor: Actor,
    course_id: int,
    points: int,
    most_points: int,
    period_days: int,
    at: datetime,
    kind: str = "",
) -> ReliefPolicy:
    """Say what completing a course takes off from now on; of one course and kind there is one such policy."""
    require(policies.can_set_relief(actor))
    _check(course_id, points=points, most_points=most_points, period_days=period_days, kind=kind)
    if reliefs.of_course(course_id).filter(kind=kind).exists():
        raise Conflict(_("This course has such a policy already; switch it off first."))
    policy = ReliefPolicy.objects.create(
        course_id=course_id,
        kind=kind,
        points=points,
        most_points=most_points,
        period_days=period_days,
        created_at=at,
        created_by=actor.name[:200],
    )
    _audit(policy, "relief_policy.added", actor=actor, at=at)
    return policy


@transaction
def end(*, actor: Actor, policy_id: int, at: datetime) -> ReliefPolicy:
    """Take a policy out of force; what it relieved stays relieved."""
    policy = reliefs.lock(policy_id)
    require(policies.can_set_relief(actor))
    if not policy.is_active:
        raise Conflict(_("It is out of force already."))
    policy.is_active = False
    policy.save(update_fields=["is_active"])
    _audit(policy, "relief_policy.ended", actor=actor, at=at)
    return policy


@transaction_required
def relieve(enrolment: Enrolment, *, at: datetime) -> int:
    """Take off what the policies of a completed course allow, once for this completion, and tell the shop."""
    relieved = 0
    for policy in reliefs.of_course(enrolment.course_id):
        terms = violations.Terms(
            policy=f"{reliefs.PREFIX}:{policy.pk}",
            points=policy.points,
            most=policy.most_points,
            since=at - timedelta(days=policy.period_days),
            kind=policy.kind,
        )
        relieved += violations.relieve(
            merchant_id=enrolment.merchant_id,
            terms=terms,
            subject=f"enrolment:{enrolment.pk}:{at:%Y%m%dT%H%M%S}",
            params={"title": enrolment.version.title, "course": policy.course.code, "person": _name(enrolment)},
            at=at,
        )
    if relieved:
        telling.queue(
            merchant_id=enrolment.merchant_id,
            kind="training.points_relieved",
            at=at,
            params={"title": enrolment.version.title, "points": relieved, "person": _name(enrolment)},
            path="/m/violations/",
            subject_id=enrolment.pk,
        )
    return relieved


def _name(enrolment: Enrolment) -> str:
    return str(Person.objects.values_list("display_name", flat=True).get(pk=enrolment.user_id))


def _check(course_id: int, *, points: int, most_points: int, period_days: int, kind: str) -> None:
    faults: dict[str, list[str]] = {}
    if not courses.catalogue().filter(pk=course_id).exists():
        faults["course"] = [_("There is no published course with this code.")]
    if not 1 <= points <= most_points <= MOST_POINTS:
        faults["points"] = [_("Between 1 and 100 points, and no more at a time than in the whole period.")]
    if not 1 <= period_days <= 3650:
        faults["period_days"] = [_("Between 1 and 3,650 days.")]
    if kind and kind not in Violation.Kind.values:
        faults["kind"] = [_("There is no such kind.")]
    if faults:
        raise Invalid(fields=faults)


def _audit(policy: ReliefPolicy, action: str, *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        subject_kind="relief_policy",
        subject_id=policy.pk,
        after={"course": policy.course.code, "points": policy.points, "most_points": policy.most_points},
    )
