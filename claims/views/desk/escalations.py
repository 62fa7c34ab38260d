"""The inbox of those who lead: what came near its deadline or missed it, until they have seen it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from claims.queries import hearing
from claims.services import breaching
from claims.views.desk.door import attempt, desk_page, is_ours, show
from merchant_protection.foundation import keyset, row_numbers

SIZE = 50
TABS = (
    (hearing.MINE, gettext_lazy("Told to me")),
    (hearing.EVERYBODY, gettext_lazy("Told to every lead")),
    (hearing.SEEN, pgettext_lazy("escalation", "Seen")),
)


@require_GET
@desk_page
def inbox(request: HttpRequest) -> HttpResponse:
    """Show one tab of the inbox, what was told last first; the unseen tabs come before the seen one."""
    reader = _lead(request)
    counts = hearing.counts(reader)
    wanted = request.GET.get("tab", "")
    first = next((name for name, figure in counts.items() if figure), hearing.MINE)  # one with something to see
    tab = wanted if wanted in dict(TABS) else first
    page = keyset.page(
        hearing.cases(tab, reader),
        by=hearing.NEWEST_FIRST,
        size=SIZE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    return show(
        request,
        "claims/desk/escalations.html",
        {
            "title": _("Escalations"),
            "tab": tab,
            "tabs": [(name, title, counts.get(name)) for name, title in TABS],
            "lines": hearing.lines(page.rows, tab, reader, now=timezone.now()),
            "page": page,
            "is_seen": tab == hearing.SEEN,
        },
    )


@require_POST
@desk_page
def seen(request: HttpRequest) -> HttpResponse:
    """Mark what one line shows, those that are picked, or all of one case as seen."""
    _lead(request)
    form, common = request.POST, {"actor": request.actor, "at": timezone.now()}
    cases = _ids([form.get("claim", "")])
    picked = _ids([form["only"]] if "only" in form else form.getlist("pick"))
    marked: list[int] = []

    def mark() -> None:
        if cases:
            marked.append(breaching.see(claim_id=cases[0], **common))
        else:
            marked.append(breaching.see_told(escalation_ids=picked, **common))

    if attempt(request, mark):
        _tell(request, marked[0])
    back = form.get("back")
    return redirect(str(back) if is_ours(back) else "desk_escalations")


def _lead(request: HttpRequest) -> int:
    """Return whose inbox it is; those who lead nobody have none."""
    if not breaching.hears(request.actor) or request.actor.id is None:
        raise PermissionDenied
    return request.actor.id


def _ids(written: list[str]) -> list[int]:
    parts = [each for line in written for each in line.split("-")]
    return row_numbers.read_all(parts)


def _tell(request: HttpRequest, count: int) -> None:
    if count:
        messages.success(request, ngettext("%d was marked as seen.", "%d were marked as seen.", count) % count)
    else:
        messages.info(request, _("There was nothing to mark. Pick what you have seen."))
