"""Floor prices in bulk: a table or a file, checked row by row, applied whole, taken back within a day."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merchant_protection.foundation import keyset
from merchant_protection.foundation.errors import NotAllowed, Refusal
from merchant_protection.foundation.htmx import attempt, reload_when_over, status_of
from merchant_protection.marketplace.queries import listings as facts
from pricing_guard.lifecycle import JobStatus
from pricing_guard.models import FloorImport, ListingGuard
from pricing_guard.queries import jobs, listings, overview
from pricing_guard.rules import amounts, money
from pricing_guard.services import floors
from pricing_guard.views.incidents import told
from pricing_guard.views.policies import may, shop

PAGE = 50
SUFFIXES = (".csv", ".csv.gz", ".xlsx")
RUNS = (JobStatus.WAITING, JobStatus.RUNNING)
SEEN = "seen_"
PREFIX = "floor_"


class FileForm(forms.Form):
    """A file of floor prices."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or XLSX with the columns SKU and floor price. A blank floor takes one away."),
    )


@require_http_methods(["GET", "POST"])
def table(request: HttpRequest) -> HttpResponse:
    """Edit the floors of many products in one table: see first what changes, then apply it."""
    if not may(request):
        raise NotAllowed
    page = keyset.page(
        _asked(request),
        by=overview.RECENT,
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    currency = listings.currency_of(shop(request))
    rows = [_row(each, request, currency) for each in page.rows]
    changed = [row for row in rows if row["is_changed"]]
    faults: dict[int, str] = {}
    if request.method == "POST" and changed and "preview" not in request.POST and "percent_apply" not in request.POST:
        job = _apply(request, changed)
        if job is not None and job.status == JobStatus.DONE:
            messages.success(request, _("%(n)s floor prices changed.") % {"n": job.changed})
            return redirect("price_floor_job", job.pk)
        faults = {each.row: each.reason for each in jobs.faults_of(job)} if job else {}
    for place, row in enumerate(changed, 1):
        row["fault"] = faults.get(place)
    context = {
        "page": page,
        "rows": rows,
        "rows_empty": not rows,
        "filtered": any(request.GET.get(name) for name in ("q", "category")),
        "changed": len(changed),
        "is_preview": request.method == "POST",
        "percent": request.POST.get("percent", "")[:8],
        "categories": facts.categories_of(shop(request)),
        "recent": jobs.floors_visible_to(request.actor).filter(merchant_id=shop(request)).order_by("-pk")[:8],
    }
    return render(request, "pricing_guard/floors.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file of floor prices; its rows are checked first, and nothing is applied yet."""
    if not may(request):
        raise NotAllowed
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        suffix = next((each for each in SUFFIXES if file.name.lower().endswith(each)), "")
        if not suffix:
            form.add_error("file", _("Choose a CSV, CSV.GZ or XLSX file."))
        else:
            path = str(_kept(file, suffix))
            given: dict[str, Any] = {"merchant_id": shop(request), "path": path, "file_name": file.name}
            job = attempt(form, floors.ask_file, **given, actor=request.actor, at=timezone.now(), is_dry_run=True)
            if job:
                return redirect("price_floor_job", job.pk)
    return render(request, "pricing_guard/floors_file.html", {"form": form}, status=status_of(form))


@require_GET
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a file or a table came to: rows, faults, and how to apply it or take it back."""
    row = get_object_or_404(_mine(request), pk=pk)
    page = keyset.page(
        jobs.faults_of(row).order_by(),
        by=["row", "id"],
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    is_recent = row.applied_at is not None and timezone.now() - row.applied_at <= floors.UNDO_WITHIN
    context = {
        "job": row,
        "page": page,
        "above": jobs.faults_of(row).count() if row.is_dry_run and row.status == JobStatus.DONE else 0,
        "running": row.status in RUNS,
        "may": may(request),
        "may_apply": row.is_dry_run and row.status == JobStatus.DONE and bool(row.path),
        "may_undo": row.status == JobStatus.DONE and not row.is_dry_run and is_recent,
        "undo_until": row.applied_at + floors.UNDO_WITHIN if row.applied_at else None,
    }
    response = render(request, "pricing_guard/floor_job.html", context)
    return reload_when_over(request, response, is_running=row.status in RUNS)


@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply a file that was checked, or take a change back."""
    row = get_object_or_404(_mine(request), pk=pk)
    given: dict[str, Any] = {"actor": request.actor, "at": timezone.now()}
    try:
        if request.POST.get("move") == "undo":
            floors.undo(import_id=row.pk, **given)
            messages.success(request, _("Taken back."))
        elif row.is_dry_run and row.path and row.status == JobStatus.DONE:
            made = floors.ask_file(merchant_id=row.merchant_id, path=row.path, file_name=row.file_name, **given)
            return redirect("price_floor_job", made.pk)
    except Refusal as refusal:
        messages.error(request, told(refusal))
    return redirect("price_floor_job", row.pk)


def _apply(request: HttpRequest, changed: list[dict[str, Any]]) -> FloorImport | None:
    rows = [(row["guard"].listing.sku, row["typed"]) for row in changed]
    seen = {row["guard"].listing.sku: row["seen"] for row in changed}
    given: dict[str, Any] = {"merchant_id": shop(request), "rows": rows, "seen": seen}
    try:
        return floors.set_table(**given, actor=request.actor, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, told(refusal))
        return None


def _row(guard: ListingGuard, request: HttpRequest, currency: str) -> dict[str, Any]:
    """Return one line of the table: what holds, what was typed, and whether that is a change."""
    now = "" if guard.floor_price is None else str(money.rounded(guard.floor_price, currency))
    seen = request.POST.get(f"{SEEN}{guard.listing_id}", now)[:20]  # what stood there when the page was opened
    typed = request.POST.get(f"{PREFIX}{guard.listing_id}", seen).strip()[:80] if request.method == "POST" else now
    typed = now if typed == seen else typed  # left as it was: it follows what a colleague set meanwhile
    if "percent_apply" in request.POST:
        typed = _percent_of(guard, request.POST.get("percent", ""), currency) or typed
    return {
        "guard": guard,
        "name": f"{PREFIX}{guard.listing_id}",
        "now": now,
        "typed": typed,
        "seen": seen,
        "seen_name": f"{SEEN}{guard.listing_id}",
        "is_changed": request.method == "POST" and typed != now,
        "is_above": _is_above(typed, guard.price),
        "fault": None,
    }


def _percent_of(guard: ListingGuard, text: str, currency: str) -> str:
    """Return the floor so many percent under the present price; nothing where there is no price."""
    percent = _number(text)
    if percent is None or not 0 < percent < 100 or not guard.price:
        return ""
    return str(money.rounded(guard.price * (100 - percent) / 100, currency))


def _is_above(typed: str, price: Decimal | None) -> bool:
    floor = _number(typed)
    return floor is not None and price is not None and floor > price


def _number(text: str) -> Decimal | None:
    found = amounts.read(text)
    return found if isinstance(found, Decimal) else None


def _asked(request: HttpRequest) -> QuerySet[ListingGuard]:
    rows = overview.watched(request.actor, shop(request))
    if category := request.GET.get("category", "").replace("\x00", "")[:120]:
        rows = rows.filter(listing__category=category)
    return overview.search(rows, request.GET.get("q", "").replace("\x00", "").strip()[:80])


def _mine(request: HttpRequest) -> QuerySet[FloorImport]:
    return jobs.floors_visible_to(request.actor).filter(merchant_id=shop(request))


def _kept(file: UploadedFile, suffix: str) -> Path:
    folder = Path(settings.STATE_DIR) / "floors"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{get_random_string(24)}{suffix}"
    with path.open("wb") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
    return path
