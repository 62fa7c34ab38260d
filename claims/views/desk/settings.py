"""What operations edit: kinds, grounds, texts, queues, routes, service levels, calendars, limits, people."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from claims import policies
from claims.queries import settings as queries
from claims.services import configuring, routing_table
from claims.views.desk import previews, route_words
from claims.views.desk.door import attempt, desk_page, show
from claims.views.desk.fields import SettingForm, rearranged
from claims.views.desk.sections import SECTIONS, Section
from merchant_protection.foundation.errors import Conflict, Invalid
from merchant_protection.foundation.htmx import status_of

NEW = ""


@require_GET
@desk_page
def overview(request: HttpRequest, section: str = "kinds") -> HttpResponse:
    """List what can be edited."""
    chosen = _section(section)
    given = {name: request.GET.get(name, "")[:400] for name in ("q", "after", "before")}
    page = queries.shops(text=given["q"], after=given["after"], before=given["before"]) if section == "shops" else None
    rows = [(row, getattr(row, chosen.key)) for row in (page.rows if page else queries.rows(section))]
    if section == "routes":
        route_words.add_to(row for row, _key in rows)
    return show(
        request,
        "claims/desk/settings.html",
        {
            "title": _("Desk settings"),
            "sections": [(name, each.title) for name, each in SECTIONS.items()],
            "section": section,
            "chosen": chosen,
            "rows": rows,
            "page": page,
            "given": given,
            "may_edit": policies.can_configure(request.actor),
        },
    )


@desk_page
def edit(request: HttpRequest, section: str, key: str) -> HttpResponse:
    """Edit one thing; what is saved is a new version, and what runs keeps the one it has."""
    row = _row(request, section, key)
    return _edited(request, section, key, row)


@desk_page
def begin(request: HttpRequest, section: str) -> HttpResponse:
    """Write a new row under a name of its own."""
    chosen, named = _section(section), request.GET.get("code", "")
    if chosen.new is None or not policies.can_configure(request.actor):
        raise Http404
    if named and queries.row(section, named) is not None:
        return redirect("desk_setting", section, named)
    return _edited(request, section, NEW, None)


@require_POST
@desk_page
def preview(request: HttpRequest, section: str, key: str) -> HttpResponse:
    """Show what a change would mean before it is put in force."""
    row = _row(request, section, key)
    chosen = _section(section)
    if chosen.preview is None:
        raise Http404
    form = chosen.form(request.POST, instance=row)
    foresee = chosen.preview
    shown = _tried(form, lambda: foresee(row, form.facts(), actor=request.actor, now=timezone.now()))
    return _page(request, section, key, form, shown=shown)


@require_POST
@desk_page
def move(request: HttpRequest, key: str) -> HttpResponse:
    """Try a line of the routing table one place earlier or later."""
    up, common = request.POST.get("up") == "yes", {"actor": request.actor, "at": timezone.now()}
    attempt(request, lambda: routing_table.move_rule(name=key, up=up, **common))
    return redirect("desk_settings_of", "routes")


@require_POST
@desk_page
def retire(request: HttpRequest, section: str, key: str) -> HttpResponse:
    """Take a kind, a ground or a text out of use; what was written with it stays."""
    _row(request, section, key)
    model = _section(section).retires
    if model is None:
        raise Http404
    common = {"actor": request.actor, "at": timezone.now()}
    attempt(request, lambda: configuring.retire(model=model, code=key, **common), done=_("Taken out of use."))
    return redirect("desk_settings_of", section)


def _edited(request: HttpRequest, section: str, key: str, row: Any) -> HttpResponse:
    chosen, asked = _section(section), request.POST.get("rows", "")
    form = chosen.form(rearranged(request.POST, asked) if asked else request.POST or None, instance=row)
    form.is_unfinished = bool(asked)  # a browser without scripts asks for another row
    if row is None and chosen.new is not None:
        form.fields = {chosen.key: chosen.new(), **form.fields}
        form.initial.setdefault(chosen.key, request.GET.get("code", ""))
    if request.method == "POST" and not asked and form.is_valid() and not _is_taken(section, form, row):
        facts = form.facts()
        facts.pop(chosen.key, None)
        named = form.cleaned_data[chosen.key] if row is None else key
        follows = facts.pop("follow", False)
        given = {chosen.key: named, "actor": request.actor, "at": timezone.now()}
        if _tried(form, lambda: chosen.publish(**given, **facts)) is not None:
            if follows:
                _follow(request)
            return redirect("desk_settings_of", section)
    return _page(request, section, key, form)


def _is_taken(section: str, form: SettingForm, row: Any) -> bool:
    """A new row never takes the place of one that is there."""
    key = _section(section).key
    if row is not None or queries.row(section, form.cleaned_data[key]) is None:
        return False
    form.add_error(key, _("There is one of this name already."))
    return True


def _follow(request: HttpRequest) -> None:
    done = routing_table.follow(actor=request.actor, at=timezone.now())
    messages.success(request, ngettext("%d case was moved.", "%d cases were moved.", done) % done)


def _tried[T](form: SettingForm, command: Any) -> Any:
    """Run a command with what a valid form says; what it refuses stands at the field and the row it concerns."""
    if not form.is_valid():
        return None
    try:
        return command()
    except Invalid as refusal:
        form.refuse(refusal.fields or {"": [refusal.message]})
    except Conflict as refusal:
        form.add_error(None, refusal.message)
    return None


def _page(request: HttpRequest, section: str, key: str, form: forms.BaseForm, *, shown: Any = None) -> HttpResponse:
    chosen = _section(section)
    context = {
        "title": f"{chosen.title}: {key or _('new')}",
        "section": section,
        "key": key,
        "form": form,
        "preview": shown,
        "can_preview": bool(key) and chosen.preview is not None,
        "can_retire": bool(key) and chosen.retires is not None,
        "versions": queries.versions(section, key) if key else [],
        "public_dates": previews.public_dates(section, form, now=timezone.now()),
    }
    return show(request, "claims/desk/setting.html", context, status=status_of(form))


def _section(section: str) -> Section:
    if section not in SECTIONS:
        raise Http404
    return SECTIONS[section]


def _row(request: HttpRequest, section: str, key: str) -> Any:
    row = queries.row(section, key) if section in SECTIONS else None
    if row is None or not policies.can_configure(request.actor):
        raise Http404
    return row
