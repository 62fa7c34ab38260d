"""Exempt and deny lists."""

from collections.abc import Mapping

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import keyset, tables
from merchant_protection.foundation.errors import NotAllowed
from merchant_protection.foundation.htmx import attempt, status_of
from scalper_policies import forms, policies
from scalper_policies.models import Kind, ListEntry
from scalper_policies.outside import kept_files
from scalper_policies.queries import lists as queries
from scalper_policies.services import lists

PAGE = 50
CHOICES = {"view": dict(Kind.choices)}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show one list at a time, newest first, and the files that are being read."""
    view, shop = _view(request.GET), request.actor.merchant_id
    page = keyset.page(
        _rows(request.actor, request.GET),
        by=["-id"],
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    counts = queries.counts(shop)
    context = {
        "page": page,
        "rows_empty": not page.rows,
        "view": view,
        "views": [{"key": key, "label": label, "count": counts.get(key, 0)} for key, label in Kind.choices],
        "files": queries.files_visible_to(request.actor).filter(merchant_id=shop).order_by("-pk")[:5],
        "both": queries.both_lists(shop, limit=100),
        "may": policies.can_write(request.actor, shop),
        "now": timezone.now(),
    }
    return render(request, "scalper_policies/lists.html", context)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Put one entry, or a file of them, on a list."""
    actor = request.actor
    if not policies.can_write(actor, actor.merchant_id):
        raise NotAllowed
    form = forms.EntryForm(request.POST or None, request.FILES or None, initial={"kind": _view(request.GET)})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        given = {name: said[name] for name in ("kind", "dimension", "reason")}
        given |= {"actor": actor, "merchant_id": actor.merchant_id, "at": timezone.now(), "expires_at": form.ends()}
        if said["file"]:
            path = str(kept_files.keep(said["file"].chunks(), folder=queries.folder()))
            done = attempt(form, lists.take_file, **given, path=path, file_name=said["file"].name)
        else:
            done = attempt(form, lists.add, **given, text=said["text"])
        if done:
            messages.success(request, _("The file is being read.") if said["file"] else _("Added."))
            return redirect(f"{request.path.removesuffix('add/')}?view={said['kind']}")
    return render(request, "scalper_policies/list_add.html", {"form": form}, status=status_of(form))


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an entry off its list."""
    rows = queries.visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)
    entry = get_object_or_404(rows, pk=pk)
    lists.remove(actor=request.actor, entry_id=entry.pk, at=timezone.now())
    messages.success(request, _("Taken off the list."))
    return redirect("scalper_lists")


def table(actor: Actor, asked: Mapping[str, str]) -> tables.Table:
    """Say what a list holds, to be taken away; entries go as keys, which can be loaded again."""
    heads = ["entry", _("What is matched"), _("Shown as"), _("Reason"), _("Expires"), _("By")]
    return tables.Table(_rows(actor, asked).order_by("-id"), heads, _cells)


def _cells(entry: ListEntry) -> list[object]:
    ends = timezone.localtime(entry.expires_at).isoformat(timespec="seconds") if entry.expires_at else ""
    return [f"key:{entry.key}", entry.get_dimension_display(), entry.shown, entry.reason, ends, entry.created_by]


def _rows(actor: Actor, asked: Mapping[str, str]) -> QuerySet[ListEntry]:
    rows = queries.visible_to(actor).filter(merchant_id=actor.merchant_id, kind=_view(asked))
    return queries.search(rows, asked.get("q", "").replace("\x00", "")[:80])


def _view(asked: Mapping[str, str]) -> str:
    view = asked.get("view", "")
    return view if view in Kind.values else Kind.EXEMPT
