"""What the tabs over a list show: its own views first, then what people saved."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.utils.translation import gettext as _

from merchant_protection.accounts import policies, queries
from merchant_protection.accounts.models import SavedView
from merchant_protection.accounts.rules import page_queries

register = template.Library()
type Default = Mapping[str, Any]


@register.simple_tag(takes_context=True)
def view_bar(context: Mapping[str, Any], views: Iterable[Default] | None = None, view: str = "") -> dict[str, Any]:
    """Return the tabs of the list on this page, which of them is shown, and what may be done with its filters."""
    request = context["request"]
    actor, path = request.actor, request.path
    mine = list(queries.saved_views_visible_to(actor).filter(merchant_id=actor.merchant_id, path=path))
    defaults = list(views or [{"key": "", "label": _("All"), "count": None}])
    query = page_queries.canonical(request.META.get("QUERY_STRING", ""))
    shown = _shown(request, mine, query)
    base = shown.query if shown else _base(request)
    return {
        "tabs": [_default(each, path, is_shown=shown is None and each["key"] == view) for each in defaults]
        + [_saved(each, is_shown=each is shown) for each in mine],
        "shown": shown,
        "is_changed": query != base,
        "query": query,
        "path": path,
        "can_save": policies.can_keep_views(actor, actor.merchant_id) and bool(query),
        "can_share": policies.can_share_views(actor, actor.merchant_id),
        "can_change": shown is not None and policies.can_change_view(actor, shown),
    }


def _shown(request: HttpRequest, mine: list[SavedView], query: str) -> SavedView | None:
    """The view that was opened, though its filters may have been changed since; else one that means the same."""
    asked = request.GET.get("saved", "")
    opened = next((each for each in mine if str(each.pk) == asked), None)
    return opened or next((each for each in mine if each.query == query), None)


def _base(request: HttpRequest) -> str:
    view = request.GET.get("view", "")
    return page_queries.canonical(urlencode({"view": view}))


def _default(each: Default, path: str, *, is_shown: bool) -> dict[str, Any]:
    href = f"?{urlencode({'view': each['key']})}" if each["key"] else path
    return {"href": href, "label": each["label"], "count": each.get("count"), "is_shown": is_shown, "is_shared": False}


def _saved(each: SavedView, *, is_shown: bool) -> dict[str, Any]:
    href = f"?{each.query}&saved={each.pk}"
    return {"href": href, "label": each.name, "count": None, "is_shown": is_shown, "is_shared": each.is_shared}
