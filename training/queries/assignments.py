"""Every read of what shops should learn, and of what came of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Membership
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.risk import queries as risk
from merchant_protection.risk.models import Outcome
from training.models import Assignment, AssignmentRule, Enrolment
from training.queries.sight import sees_all


def visible_to(actor: Actor) -> QuerySet[Assignment]:
    """Return what the actor's shop should learn; trainers see all shops."""
    tenancy.require_scope()
    rows = Assignment.objects.prefetch_related("course", "user", "rule", "merchant")
    return rows if sees_all(actor) else rows.filter(merchant_id=actor.merchant_id or 0)


def open_for(actor: Actor) -> QuerySet[Assignment]:
    """Return what this person should learn and has not completed, required ones first, the most urgent on top."""
    tenancy.require_scope()
    shop = actor.merchant_id or 0
    done = Enrolment.objects.filter(
        merchant_id=shop, user_id=actor.id, course_id=OuterRef("course_id"), completed_at__isnull=False
    )
    mine = Q(user_id=actor.id) | Q(user__isnull=True, role__in=["", actor.role_in(shop) or ""])
    rows = Assignment.objects.filter(mine, merchant_id=shop, ended_at__isnull=True, course__published__isnull=False)
    rows = rows.filter(~Exists(done)).select_related("course", "course__published", "rule")
    return rows.order_by("-is_required", F("due_at").asc(nulls_last=True), "pk")


def people_of(assignment: Assignment) -> QuerySet[Membership]:
    """Return the people of the shop an assignment is about."""
    members = Membership.objects.filter(merchant_id=assignment.merchant_id, is_active=True).select_related("user")
    if assignment.user_id is not None:
        return members.filter(user_id=assignment.user_id)
    return members.filter(role=assignment.role) if assignment.role else members


def members(merchant_id: int) -> QuerySet[Membership]:
    """Return the people of a shop by name."""
    tenancy.require_scope()
    rows = Membership.objects.filter(merchant_id=merchant_id, is_active=True).select_related("user")
    return rows.order_by("user__display_name", "user_id")


def open_in(actor: Actor) -> QuerySet[Assignment]:
    """Return what is asked of the shop's people, the most urgent first."""
    rows = visible_to(actor).filter(merchant_id=actor.merchant_id or 0, ended_at__isnull=True)
    return rows.filter(course__published__isnull=False).order_by(F("due_at").asc(nulls_last=True), "pk")


def steps_of(merchant_id: int, course_ids: Iterable[int]) -> dict[tuple[int, int], Enrolment]:
    """Return how far each person of a shop is in these courses, by person and course."""
    rows = Enrolment.objects.filter(merchant_id=merchant_id, course_id__in=list(course_ids)).select_related("version")
    return {(row.user_id, row.course_id): row for row in rows}


def people_of_shop(code: str) -> list[tuple[int, int]]:
    """Return the people of the shop with this number, each as shop and person."""
    tenancy.require_scope()
    rows = Membership.objects.filter(merchant__code=code, is_active=True)
    return list(rows.order_by("user_id").values_list("merchant_id", "user_id"))


def is_member(merchant_id: int, *, user_id: int) -> bool:
    """Whether somebody belongs to a shop."""
    return Membership.objects.filter(merchant_id=merchant_id, user_id=user_id, is_active=True).exists()


def people_left(assignment: Assignment) -> list[int]:
    """Return the people who have yet to complete an assignment."""
    done = Enrolment.objects.filter(
        merchant_id=assignment.merchant_id, course_id=assignment.course_id, completed_at__isnull=False
    ).values("user_id")
    return list(people_of(assignment).exclude(user_id__in=done).values_list("user_id", flat=True))


def lock(assignment_id: int) -> Assignment:
    """Return an assignment, locked."""
    found = Assignment.objects.select_for_update(of=("self",)).select_related("course").filter(pk=assignment_id).first()
    if found is None:
        raise NotFound
    return found


def rules() -> QuerySet[AssignmentRule]:
    """Return the rules that assign courses."""
    return AssignmentRule.objects.select_related("course")


def lock_rule(rule_id: int) -> AssignmentRule:
    """Return a rule, locked."""
    rows = AssignmentRule.objects.select_for_update(of=("self",)).select_related("course")
    found = rows.filter(pk=rule_id).first()
    if found is None:
        raise NotFound
    return found


def newest_of_rule(rule_id: int, merchant_ids: Iterable[int]) -> dict[int, Assignment]:
    """Return the newest assignment that a rule made in each of these shops."""
    tenancy.require_scope()
    rows = Assignment.objects.filter(rule_id=rule_id, merchant_id__in=list(merchant_ids)).order_by("pk")
    return {row.merchant_id: row for row in rows}


def happened(rule: AssignmentRule, *, since: datetime, until: datetime, actor: Actor) -> list[dict[str, Any]]:
    """Return by shop how often what a rule looks for happened in a period, and when last."""
    if rule.trigger == AssignmentRule.Trigger.WARNING:
        rows: Any = risk.visible_to(actor).filter(raised_at__gte=since, raised_at__lt=until)
        rows = rows.filter(kind=rule.kind) if rule.kind else rows
        moment = "raised_at"
    elif rule.trigger == AssignmentRule.Trigger.VIOLATION:
        rows = risk.violations_visible_to(actor).filter(recorded_at__gte=since, recorded_at__lt=until)
        rows = rows.filter(withdrawn_at=None, **({"kind": rule.kind} if rule.kind else {}))
        moment = "recorded_at"
    else:
        rows = risk.outcomes_visible_to(actor).filter(at__gte=since, at__lt=until, lost__gt=0)
        rows = rows.filter(kind=rule.kind) if rule.kind else rows
        rows = rows.filter(feature=rule.feature) if rule.feature else rows
        moment = "at"
    shops = rows.order_by().values("merchant_id").annotate(count=Count("pk"), last=Max(moment))
    return list(shops.order_by("merchant_id"))


def completions_of(course_id: int) -> dict[int, datetime]:
    """Return when each shop's first person completed a course."""
    tenancy.require_scope()
    rows = Enrolment.objects.filter(course_id=course_id, completed_at__isnull=False).order_by("-completed_at")
    return {merchant_id: at for merchant_id, at in rows.values_list("merchant_id", "completed_at") if at is not None}


def losses(features: Iterable[str], *, since: datetime) -> list[tuple[int, datetime, Any]]:
    """Return what went wrong in every shop since a moment: shop, when, how much was lost."""
    tenancy.require_scope()
    rows = Outcome.objects.filter(at__gte=since)
    wanted = list(features)
    rows = rows.filter(feature__in=wanted) if wanted else rows
    return list(rows.order_by("at").values_list("merchant_id", "at", "lost"))


def shops() -> list[int]:
    """Return every active shop."""
    tenancy.require_scope()
    return list(
        Membership.objects.filter(is_active=True, merchant__is_active=True)
        .values_list("merchant_id", flat=True)
        .distinct()
        .order_by("merchant_id")
    )
