"""The shop's inbox."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merchant_protection.foundation import keyset, row_numbers
from merchant_protection.notices import policies, queries
from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import reading, wording

PAGE = 25
VIEWS = ("unread", "inbox", "critical", "archived")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show what the shop was told, newest first."""
    actor = request.actor
    view = request.GET.get("view", "inbox")
    rows = _in_view(queries.visible_to(actor).filter(merchant_id=actor.merchant_id), view)
    if kind := request.GET.get("kind"):
        rows = rows.filter(kind=kind[:60].replace("\x00", ""))
    page = keyset.page(
        rows, by=["-id"], size=PAGE, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    context = {
        "page": page,
        "rows_empty": not page.rows,
        "view": view,
        "views": _views(request),
        "bulk_url": "/m/inbox/bulk/",
        "may_archive": policies.can_archive(actor, actor.merchant_id),
    }
    return render(request, "notices/inbox.html", context)


@require_GET
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where a notice points, noting that it was read."""
    actor = request.actor
    notice = get_object_or_404(queries.visible_to(actor).filter(merchant_id=actor.merchant_id), pk=pk)
    reading.mark_read(actor=actor, merchant_id=actor.merchant_id, notice_ids=[pk], at=timezone.now())
    is_ours = url_has_allowed_host_and_scheme(notice.path, allowed_hosts=None)
    return redirect(notice.path if notice.path and is_ours else "inbox")


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Read, unread, archive or restore the picked notices; what undoes it names them in the address."""
    actor = request.actor
    asked = request.POST if "verb" in request.POST else request.GET
    verb, undo = asked.get("verb", ""), ""
    ids = row_numbers.read_all(asked.getlist("pick"))
    whose: dict[str, Any] = {"actor": actor, "merchant_id": actor.merchant_id}
    if verb == "read_all":
        count = reading.mark_all_read(**whose, at=timezone.now())
    elif verb == "unread":
        count = reading.mark_unread(**whose, notice_ids=ids)
    elif verb == "archive":
        count = reading.archive(**whose, notice_ids=ids, at=timezone.now())
        undo = f"undo:{request.path}?{urlencode({'verb': 'restore', 'pick': ids}, doseq=True)}"
    elif verb == "restore":
        count = reading.restore(**whose, notice_ids=ids)
    else:
        count = reading.mark_read(**whose, notice_ids=ids, at=timezone.now())
    told = ngettext("%(count)d notice changed.", "%(count)d notices changed.", count) % {"count": count}
    messages.success(request, told, extra_tags=undo if count else "")
    return redirect(request.META.get("HTTP_REFERER", "").partition(request.get_host())[2] or "inbox")


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Choose which kinds of notice also come by e-mail."""
    actor = request.actor
    kinds = wording.kinds()
    if request.method == "POST":
        chosen = set(request.POST.getlist("kind"))
        for kind in kinds:
            if not kind.is_critical:
                reading.prefer(actor=actor, merchant_id=actor.merchant_id, kind=kind.name, by_email=kind.name in chosen)
        messages.success(request, _("Saved."))
        return redirect("notice_settings")
    wishes = queries.preferences_of(actor, actor.merchant_id)
    groups = [
        (title, [(kind, kind.is_critical or wishes.get(kind.name, kind.mails_by_default)) for kind in some])
        for title, some in wording.groups()
    ]
    return render(request, "notices/settings.html", {"groups": groups})


def _in_view(rows: Any, view: str) -> Any:
    if view == "archived":
        return rows.filter(archived_at__isnull=False)
    rows = rows.filter(archived_at=None)
    if view == "unread":
        return rows.filter(is_read=False)
    return rows.filter(urgency=Notice.Urgency.CRITICAL) if view == "critical" else rows


def _views(request: HttpRequest) -> list[dict[str, Any]]:
    unread = queries.unread(request.actor, request.actor.merchant_id)[:100].count()
    return [
        {"key": "inbox", "label": _("Inbox"), "count": None},
        {"key": "unread", "label": _("Unread"), "count": unread},
        {"key": "critical", "label": _("Critical"), "count": None},
        {"key": "archived", "label": _("Archived"), "count": None},
    ]
