"""The queue page: tabs, filters, the next case, bulk routing and views of one's own."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from claims import policies
from claims.models import Priority
from claims.queries import claims, deadlines, desk, hearing, kinds, lists
from claims.services import arranging, breaching, taking
from claims.views.desk.door import attempt, desk_page, is_ours, show
from merchant_protection.foundation import keyset, row_numbers

SIZE = 50
TABS = (
    (lists.MINE, gettext_lazy("Mine")),
    (lists.NEXT, gettext_lazy("Next due")),
    ("overdue", gettext_lazy("Overdue")),
    ("unassigned", gettext_lazy("Unassigned")),
    ("waiting", gettext_lazy("Waiting for the merchant")),
    ("appeals", gettext_lazy("Appeals")),
    ("second", gettext_lazy("Second approval")),
    (lists.ALL, gettext_lazy("All open")),
)
FILTERS = ("queue", "kind", "priority", "q")


@require_GET
@desk_page
def queue(request: HttpRequest) -> HttpResponse:
    """Show one tab of the cases, the most urgent first."""
    now = timezone.now()
    tab = request.GET.get("tab", lists.NEXT)
    given = {name: request.GET.get(name, "")[:80] for name in FILTERS}
    rows = lists.narrowed(
        lists.tab(tab, request.actor),
        queue=given["queue"],
        kind=given["kind"],
        priority=given["priority"],
        text=given["q"],
    )
    page = keyset.page(
        rows,
        by=lists.URGENT_FIRST,
        size=SIZE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    badges = deadlines.of(page.rows, now=now)
    counts = lists.counts(request.actor, queue=given["queue"])
    return show(
        request,
        "claims/desk/queue.html",
        {
            "title": _("Complaint queue"),
            "tab": tab,
            "tabs": [(name, title, counts.get(name)) for name, title in TABS],
            "rows": [(claim, badges[claim.pk]) for claim in page.rows],
            "page": page,
            "given": given,
            "query": urlencode({name: value for name, value in given.items() if value}),
            "queues": desk.queues(),
            "kinds": kinds.current(),
            "priorities": Priority.choices,
            "views": lists.views_of(request.actor),
            "may_review": policies.can_review(request.actor),
            "may_lead": policies.can_lead(request.actor),
            "unseen": hearing.unseen(request.actor.id or 0) if breaching.hears(request.actor) else None,
            "reviewers": desk.reviewers(),
        },
    )


@require_POST
@desk_page
def take_next(request: HttpRequest) -> HttpResponse:
    """Open the next case, or say that there is none."""
    taken: list[Any] = []

    def take() -> None:
        taken.append(taking.take_next(actor=request.actor, at=timezone.now()))

    if attempt(request, take) and taken[0] is None:
        messages.info(request, _("Nothing is waiting for you. Well done."))
    if taken and taken[0] is not None:
        return redirect("desk_case", taken[0].pk)
    return redirect(f"{request.POST.get('back') or ''}" if is_ours(request.POST.get("back")) else "desk")


@require_POST
@desk_page
def bulk(request: HttpRequest) -> HttpResponse:
    """Route several cases to another queue or give them to somebody; what cannot be is told row by row."""
    ids = row_numbers.read_all(request.POST.getlist("pick"))[: arranging.AT_ONCE]
    known = set(claims.visible_to(request.actor).filter(pk__in=ids).order_by().values_list("pk", flat=True))
    picked = [each for each in ids if each in known]
    results = arranging.arrange(claim_ids=picked, to=request.POST.get("to", ""), actor=request.actor, at=timezone.now())
    done = sum(result.is_done for result in results)
    if done:
        messages.success(request, ngettext("%d case was moved.", "%d cases were moved.", done) % done)
    for result in results:
        if not result.is_done:
            messages.warning(request, f"{result.number}: {result.refusal}")
    return redirect(request.POST["back"] if is_ours(request.POST.get("back")) else "desk")


@require_POST
@desk_page
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters of this page under a name, or forget a kept one."""
    back = request.POST.get("back")
    if (view_id := row_numbers.read(request.POST.get("forget", ""))) is not None:
        forget = partial(arranging.forget_view, view_id=view_id, actor=request.actor)
        attempt(request, forget, done=_("Forgotten."))
    else:
        attempt(
            request,
            lambda: arranging.keep_view(
                name=request.POST.get("name", ""),
                query=request.POST.get("query", ""),
                is_shared=request.POST.get("shared") == "on",
                actor=request.actor,
            ),
            done=_("Saved."),
        )
    return redirect(back if is_ours(back) else "desk")
