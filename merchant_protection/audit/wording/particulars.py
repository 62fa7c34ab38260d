"""What a line of the activity log says of before and after: names and values as people read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

LONGEST = 160
MOST = 5  # of a list; the rest stands in the file
NAMES: dict[str, Promise] = {
    "active": _("Active"),
    "base_url": _("Address"),
    "bytes": _("Bytes"),
    "changed": _("Changed rows"),
    "choice": _("Decision about orders"),
    "commitment": _("Seal of the draw"),
    "course": _("Course"),
    "dimension": _("Kind of entry"),
    "email": _("E-mail"),
    "ends_at": _("Ends"),
    "entries": _("Entries"),
    "evidence": _("Evidence"),
    "expires_at": _("Valid until"),
    "faulty": _("Faulty rows"),
    "file": _("File"),
    "held_skus": _("Held products"),
    "hint": _("Ends with"),
    "instead": _("Instead"),
    "is_sound": _("The result is right"),
    "is_stopped": _("Stopped"),
    "kind": _("Kind"),
    "kinds": _("Kinds"),
    "left": _("Left as they are"),
    "limits": _("Limits"),
    "list": _("List"),
    "mode": _("Mode"),
    "name": _("Name"),
    "number": _("Number"),
    "orders": _("Orders"),
    "pause": _("Number of the pause"),
    "places": _("Places"),
    "points": _("Points"),
    "policy": _("Policy"),
    "prefix": _("Begins with"),
    "price": _("Price"),
    "public_id": _("Public name"),
    "purpose": _("Purpose"),
    "reason": _("Reason"),
    "ref": _("About"),
    "reference": _("Reference number"),
    "required": _("Required"),
    "role": _("Role"),
    "roles": _("Roles"),
    "rows": _("Rows"),
    "rule": _("Rule"),
    "scope": _("Extent"),
    "scopes": _("Rights"),
    "seats": _("Seats"),
    "second_person_above": _("A second person approves above"),
    "secret_changed": _("Secret changed"),
    "sha256": _("Fingerprint"),
    "shown": _("Entry"),
    "sku": _("SKU"),
    "starts_at": _("Begins"),
    "status": _("Status"),
    "title": _("Title"),
    "type": _("Type"),
    "until": _("Until"),
    "url": _("Address"),
    "value": _("To what"),
    "verb": _("What is asked"),
    "verdict": _("Answer"),
    "version": _("Version"),
}


CODES: dict[str, Promise] = {
    "APPROVED": _("Approved"),
    "APPROVE": _("Asks first"),
    "ASKED": _("Asked for"),
    "AUTO": _("Automatic"),
    "CLOSED": _("Closed"),
    "INTENDED": _("Meant"),
    "MERCHANT": _("One shop"),
    "OFF": _("Off"),
    "OPERATOR": _("Operator"),
    "OWNER": _("Owner"),
    "READ_ONLY": _("Read only"),
    "RESTORED": _("On sale again"),
    "REVOKED": _("Ended"),
    "RULE": _("One rule"),
    "SHADOW": _("Shadow"),
    "SUSPECTED": _("Suspected"),
    "TRIPPED": _("Stopped"),
}


def line(key: str, said: Any) -> str:
    """Say a particular and its value."""
    return gettext("%(name)s: %(value)s") % {"name": name(key), "value": value(said)}


def name(key: str) -> str:
    """Say what a particular is."""
    return str(NAMES.get(key, key.replace("_", " ")))


def value(said: Any) -> str:
    """Say a particular's value in one short line; a long list is told by its beginning and its length."""
    if said is None or said in ("", [], {}):
        return "–"
    if isinstance(said, bool):
        return gettext("yes") if said else gettext("no")
    if isinstance(said, Mapping):
        return _of_mapping(said)
    if isinstance(said, list | tuple):
        return _of_list(said)
    text = _moment(str(said)) or str(CODES.get(str(said), said))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _of_mapping(said: Mapping[str, Any]) -> str:
    if {"en", "zh"} >= set(said):
        own = "zh" if (get_language() or "").startswith("zh") else "en"
        return str(said.get(own) or next(iter(said.values())))
    return gettext("; ").join(line(key, each) for key, each in said.items())


def _of_list(said: list[Any] | tuple[Any, ...]) -> str:
    shown = gettext(", ").join(value(each) for each in said[:MOST])
    left = len(said) - MOST
    return shown if left <= 0 else gettext("%(shown)s and %(n)s more") % {"shown": shown, "n": left}


def _moment(text: str) -> str:
    """Return a moment that was written down, in the reader's time; nothing where the text is none."""
    if len(text) < 19 or "T" not in text:
        return ""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return timezone.localtime(found).strftime("%Y-%m-%d %H:%M") if timezone.is_aware(found) else ""
