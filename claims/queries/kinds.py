"""Every read of kinds, reasons and canned texts; and a kind as the rules know it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from claims.models import CannedText, ClaimKind, ReasonCode
from claims.rules.kinds import Basis, Evidence, Kind, Moment


def current() -> QuerySet[ClaimKind]:
    """Return the kinds that can be filed now, in their order."""
    return ClaimKind.objects.filter(is_current=True).order_by("position", "code")


def current_of(code: str) -> ClaimKind | None:
    """Return the version of a kind that is in use."""
    return ClaimKind.objects.filter(code=code, is_current=True).first()


def reasons(kind_code: str = "") -> list[ReasonCode]:
    """Return the grounds in use, those meant for this kind first."""
    found = ReasonCode.objects.filter(is_current=True).order_by("code")
    usable = [each for each in found if not kind_code or not each.kinds or kind_code in each.kinds]
    return sorted(usable, key=lambda each: (kind_code not in each.kinds, each.code))


def reasons_by_code(codes: Iterable[str]) -> dict[str, ReasonCode]:
    """Return the grounds in use with these codes."""
    return {each.code: each for each in ReasonCode.objects.filter(is_current=True, code__in=list(codes))}


def texts(purpose: str = "") -> QuerySet[CannedText]:
    """Return the canned texts in use, of one purpose or all."""
    found = CannedText.objects.filter(is_current=True).order_by("purpose", "code")
    return found.filter(purpose=purpose) if purpose else found


def as_rule(kind: ClaimKind) -> Kind:
    """Return a kind as the rules of evidence and time know it."""
    return Kind(
        code=kind.code,
        required=_evidence(kind.required),
        helpful=_evidence(kind.helpful),
        opens=Moment(Basis(kind.opens_basis), kind.opens_after),
        closes=Moment(Basis(kind.closes_basis), kind.closes_after),
    )


def _evidence(rows: Iterable[Mapping[str, Any]]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            type=row["type"],
            weight=row.get("weight", 1),
            or_else=frozenset(row.get("or_else", ())),
            example=row.get("example", ""),
        )
        for row in rows
    )
