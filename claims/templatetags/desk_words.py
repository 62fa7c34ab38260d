"""Codes of the desk in words, in the language of the page."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import template
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from claims import lifecycle
from claims.models import Escalation, EvidenceType, RemedyKind

register = template.Library()
MOVES: dict[str, Promise] = {
    "submit": _("Filed"),
    "withdraw": _("Withdrawn by the merchant"),
    "take": _("Taken"),
    "put_back": _("Put back into the queue"),
    "ask_for_evidence": _("Evidence asked for"),
    "receive_evidence": _("Evidence received"),
    "expire": _("Closed: the evidence never came"),
    "uphold": _("Upheld"),
    "partly_uphold": _("Partly upheld"),
    "reject": _("Not upheld"),
    "hold": _("Held for a second person"),
    "send_back": _("Sent back by the second person"),
    "fast_track": _("Upheld by the fast track"),
    "uphold_overdue": _("Upheld because the deadline passed"),
    "override_to_upheld": _("Overridden: upheld"),
    "override_to_partly_upheld": _("Overridden: partly upheld"),
    "override_to_rejected": _("Overridden: not upheld"),
    "appeal": _("Appealed"),
    "take_appeal": _("Appeal taken"),
    "put_back_appeal": _("Appeal put back"),
    "uphold_on_appeal": _("Upheld on appeal"),
    "partly_uphold_on_appeal": _("Partly upheld on appeal"),
    "reject_on_appeal": _("Not upheld on appeal"),
    "finalise": _("Final"),
}
SIGNALS: dict[str, Promise] = {
    "BUYER_CLAIM_RATE": _("The buyer often claims"),
    "BUYER_REFUND_ONLY_RATIO": _("Mostly refunds without return"),
    "BUYER_MANY_SHOPS": _("Claims in many shops within days"),
    "CLUSTER_CLAIM_RATE": _("Accounts tied together often claim"),
    "CLUSTER_REFUND_ONLY_RATIO": _("Accounts tied together want refunds without return"),
    "CLUSTER_MANY_SHOPS": _("Accounts tied together claim in many shops"),
    "HIGH_VALUE_AT_ONCE": _("High value, claimed at once"),
    "DEMAND_PHRASE": _("Words that demand or threaten"),
    "SAME_PICTURE": _("The same picture came with another order"),
    "SAME_WORDING": _("The same words came with another order"),
}
ALIKE: dict[str, Promise] = {
    "BUYER": _("same buyer"),
    "CLUSTER": _("accounts tied together"),
    "PICTURE": _("same picture"),
    "WORDING": _("same wording"),
}
MOMENTS: dict[str, Promise] = {
    "NOW": _("now"),
    "WEEK_ENDS": _("half an hour before the week ends"),
    "BEFORE_HOLIDAY": _("half an hour before a holiday"),
}
TONES = {
    lifecycle.DRAFT: "idle",
    lifecycle.SUBMITTED: "sent",
    lifecycle.IN_REVIEW: "review",
    lifecycle.AWAITING_EVIDENCE: "need",
    lifecycle.HELD: "review",
    lifecycle.UPHELD: "good",
    lifecycle.PARTLY_UPHELD: "good",
    lifecycle.APPEALED: "sent",
    lifecycle.APPEAL_REVIEW: "review",
}


@register.filter
def worded(thing: Any, field: str) -> str:
    """Return a text that is kept in both languages, in the page's; the other one where it is missing."""
    codes = ("zh", "en") if (get_language() or "en").startswith("zh") else ("en", "zh")
    found = (_value(thing, f"{field}_{code}") for code in codes)
    return next((text for text in found if text), "")


@register.filter
def move_in_words(name: str) -> str:
    """Name a move of a complaint."""
    return str(MOVES.get(name, name))


@register.filter
def signal_in_words(code: str) -> str:
    """Name a signal that the system recognised."""
    return str(SIGNALS.get(code, code))


@register.filter
def alike_in_words(code: str) -> str:
    """Say why another case is like this one."""
    return str(ALIKE.get(code, code))


@register.filter
def moment_in_words(code: str) -> str:
    """Name a moment at which a complaint may be filed."""
    return str(MOMENTS.get(code, code))


@register.filter
def remedy_in_words(code: str) -> str:
    """Name a remedy."""
    return str(RemedyKind(code).label) if code in RemedyKind.values else code


@register.filter
def evidence_in_words(code: str) -> str:
    """Name a type of evidence."""
    return str(EvidenceType(code).label) if code in EvidenceType.values else code


@register.filter
def told_in_words(row: Escalation) -> str:
    """Say what a clock told: how much of the time is used, or which step of the escalation was reached."""
    if row.kind == Escalation.Kind.WARNING:
        return gettext("%(share)d %% of the time is used") % {"share": row.level}
    return gettext("Step %(level)d of the escalation") % {"level": row.level}


@register.filter
def claim_tone(status: str) -> str:
    """Return the tone of a status's dot."""
    return TONES.get(status, "hollow")


@register.filter
def typed(form: QueryDict | str, name: str) -> str:
    """Return what was typed into a field before it was refused."""
    return str(form.get(name, "")) if isinstance(form, QueryDict) else ""


@register.filter
def typed_among(form: QueryDict | str, name_and_value: str) -> bool:
    """Say whether a choice was made before it was refused: `form|typed_among:"remedies=COMPENSATION"`."""
    name, _equals, value = name_and_value.partition("=")
    return isinstance(form, QueryDict) and value in form.getlist(name)


def _value(thing: Any, name: str) -> str:
    return str(thing.get(name, "")) if isinstance(thing, Mapping) else str(getattr(thing, name, "") or "")


@register.filter
def whole_minutes(span: timedelta | None) -> int:
    """Return a span of time in whole minutes, to be written by `span_text`."""
    return 0 if span is None else int(span.total_seconds() // 60)


@register.filter
def share(part: float | None) -> str:
    """Write a share as per cent with one decimal."""
    return "–" if part in (None, "") else f"{float(part or 0) * 100:.1f} %"
