"""What every page of the shell shows: the side bar, the shop, the person, the counts."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.accounts.models import Membership, Role
from merchant_protection.foundation import tenancy
from merchant_protection.home import queries as home

THEMES = frozenset({"light", "dark", "system"})

# Each line: the URL's name, its words, the letter after g, the id of its count. A name that is not (yet) routed
# is not shown, so a feature brings its line by bringing its page.
type Line = tuple[str, str | Promise, str, str]
NAV_ICONS = {
    "overview": "layout-dashboard",
    "warnings": "alert-triangle",
    "orders": "receipt",
    "listings": "package",
    "claims": "gavel",
    "price_guard": "tag",
    "scalper_policies": "user-shield",
    "training": "school",
    "reports": "chart-bar",
    "inbox": "inbox",
    "team": "users",
    "keys": "key",
    "actions": "bolt",
    "violations": "flag",
    "events": "webhook",
    "webhooks": "broadcast",
    "imports": "file-import",
    "exports": "file-export",
    "settings": "settings",
    "activity": "history",
    "help": "lifebuoy",
    "account": "user-circle",
    "account_change_password": "lock",
    "mfa_index": "shield-lock",
    "usersessions_list": "devices",
}
GROUPS: list[tuple[str | Promise, list[Line]]] = [
    (
        "",
        [
            ("overview", _("Overview"), "h", ""),
            ("warnings", _("Risk warnings"), "w", "count-warnings"),
            ("orders", _("Orders"), "o", ""),
            ("listings", _("Listings"), "l", ""),
        ],
    ),
    (
        _("Protection"),
        [
            ("claims", _("Complaints"), "c", "count-claims"),
            ("price_guard", _("Price guard"), "p", "count-incidents"),
            ("scalper_policies", _("Scalper policies"), "s", ""),
            ("actions", _("Platform actions"), "a", "count-actions"),
            ("violations", _("Violations and points"), "", ""),
        ],
    ),
    (
        _("Growth"),
        [
            ("training", _("Training"), "t", ""),
            ("reports", _("Reports"), "", ""),
        ],
    ),
    (
        _("Shop"),
        [
            ("inbox", _("Inbox"), "i", "count-inbox"),
            ("team", _("Team and roles"), "", ""),
            ("keys", _("Programs and keys"), "", ""),
            ("events", _("Received events"), "e", ""),
            ("webhooks", _("Webhooks"), "", ""),
            ("imports", _("Imports"), "", ""),
            ("exports", _("Exports"), "", ""),
            ("settings", _("Settings"), "", ""),
            ("activity", _("Activity log"), "", ""),
        ],
    ),
]
HELP: list[Line] = [("help", _("Help"), "", "")]
ACCOUNT: list[Line] = [
    ("account", _("My account"), "", ""),
    ("account_change_password", _("Password"), "", ""),
    ("mfa_index", _("Two-step sign-in"), "", ""),
    ("usersessions_list", _("Devices"), "", ""),
]


def nav(request: HttpRequest) -> dict[str, Any]:
    """Return what the shell shows; looked up only when a page of the shell is drawn."""
    actor = getattr(request, "actor", None)
    shown: dict[str, Any] = {"theme": _theme(request), "request_id": getattr(request, "request_id", "")}
    if actor is None or actor.kind != Kind.USER:
        return shown
    mine: list[Membership] = getattr(request, "memberships", [])
    counts = SimpleLazyObject(lambda: _counts(actor))
    return shown | {
        "keys_off": not request.user.single_keys,
        "person": {"name": actor.name},
        "role": _role(actor),
        "shops": SimpleLazyObject(lambda: [each.merchant for each in mine]),
        "shop": SimpleLazyObject(lambda: next((m.merchant for m in mine if m.merchant_id == actor.merchant_id), None)),
        "unread": SimpleLazyObject(lambda: counts.get("count-inbox", 0)),
        "nav": SimpleLazyObject(lambda: _groups(request.path, counts)),
        "account_links": _lines(ACCOUNT, request.path, {}),
        "home_url": _url("overview") or "/",
        "search_url": _url("search") or _url("orders"),
        "switch_url": _url("switch_shop"),
        "inbox_url": _url("inbox"),
        "live_url": _url("live"),
    }


def _counts(actor: Actor) -> Mapping[str, int]:
    """Return the counts of the side bar by their ids; outside a shop there is nothing to count."""
    if actor.merchant_id is None or tenancy.current() != str(actor.merchant_id):
        return {}
    return home.counts(actor, actor.merchant_id)


def _theme(request: HttpRequest) -> str:
    theme = request.COOKIES.get("theme") or getattr(getattr(request, "user", None), "theme", "system")
    return theme if theme in THEMES else "system"


def _role(actor: Actor) -> str:
    role = actor.role_in(actor.merchant_id)
    return str(Role(role).label) if role else ""


def _groups(here: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    groups = [{"title": title, "items": _lines(lines, here, counts)} for title, lines in GROUPS]
    groups.append({"title": "", "items": _lines(HELP, here, counts), "foot": True})
    return [group for group in groups if group["items"]]


def _lines(lines: list[Line], here: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    found = []
    for name, label, key, badge_id in lines:
        url = _url(name)
        if not url:
            continue
        line = {"url": url, "label": label, "icon": NAV_ICONS[name], "key": key}
        line |= {"badge_id": badge_id, "badge": counts.get(badge_id, 0)}
        line["active"] = here == url if name == "overview" else here.startswith(url)
        found.append(line)
    return found


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
