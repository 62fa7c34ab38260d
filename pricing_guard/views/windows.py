"""Windows in which low prices are meant: asked for with a reason, approved by a second person, ended by themselves."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from merchant_protection.accounts.views import step_up
from merchant_protection.foundation import keyset
from merchant_protection.foundation.errors import Invalid, NotAllowed, ProofNeeded, Refusal
from merchant_protection.foundation.htmx import attempt, status_of
from merchant_protection.marketplace.queries import guards
from pricing_guard import policies
from pricing_guard.forms.amounts import AmountField
from pricing_guard.models import ApprovedWindow
from pricing_guard.queries import policies as queries
from pricing_guard.services import windows
from pricing_guard.views.incidents import told
from pricing_guard.views.policies import may, shop

PAGE = 25
LOCAL = "%Y-%m-%dT%H:%M"
MOVES: dict[str, Callable[..., ApprovedWindow]] = {"approve": windows.approve, "revoke": windows.revoke}


class WindowForm(forms.Form):
    """A window somebody asks for."""

    reason = forms.ChoiceField(label=gettext_lazy("Why it is meant"), choices=ApprovedWindow.Reason.choices)
    lowest_price = AmountField(
        label=gettext_lazy("Lowest price that is meant"),
        required=False,
        help_text=gettext_lazy("Blank: any price above zero. Only a gift may be free."),
    )
    starts_at = forms.DateTimeField(
        label=gettext_lazy("From"), widget=forms.DateTimeInput({"type": "datetime-local"}, LOCAL), input_formats=[LOCAL]
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Until"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, LOCAL),
        input_formats=[LOCAL],
        help_text=gettext_lazy("It ends by itself, after 90 days at the latest."),
    )
    skus = forms.CharField(
        label=gettext_lazy("SKUs"),
        required=False,
        help_text=gettext_lazy("One a line."),
        widget=forms.Textarea({"rows": 3}),
    )
    categories = forms.CharField(
        label=gettext_lazy("Categories"),
        required=False,
        help_text=gettext_lazy("One a line."),
        widget=forms.Textarea({"rows": 3}),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=300)

    def wish(self) -> windows.Ask:
        """Return what is asked for, as the command takes it."""
        said = self.cleaned_data
        return windows.Ask(
            reason=said["reason"],
            starts_at=said["starts_at"],
            ends_at=said["ends_at"],
            skus=_lines(said["skus"]),
            categories=_lines(said["categories"]),
            lowest_price=said["lowest_price"],
            note=said["note"],
        )


class SecondPersonForm(forms.Form):
    """From which amount on a second person approves."""

    second_person_above = AmountField(
        label=gettext_lazy("A second person approves above"),
        required=False,
        help_text=gettext_lazy("What a window may give away over the stock it covers. Blank: nobody is asked."),
    )


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Show the windows, the newest first, and take a new one."""
    is_allowed = may(request)
    if request.method == "POST" and not is_allowed:
        raise NotAllowed
    form = WindowForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = {"merchant_id": shop(request), "wanted": form.wish()}
        made = attempt(form, windows.ask, **given, actor=request.actor, at=timezone.now())
        if made is not None:
            is_open = made.status == ApprovedWindow.Status.APPROVED
            messages.success(request, _("Approved.") if is_open else _("Sent to a second person."))
            return redirect("price_windows")
    page = keyset.page(
        _mine(request),
        by=["-id"],
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    now = timezone.now()
    is_alone = guards.deciders_of(shop(request)) == 1
    settings = queries.shop(shop(request))
    second = settings.second_person_above if settings else None
    context = {
        "form": form,
        "second_form": SecondPersonForm(initial={"second_person_above": _plain(second)}),
        "owns": request.actor.owns(shop(request)),
        "page": page,
        "rows": [_row(request, each, now, is_alone=is_alone) for each in page.rows],
        "may": is_allowed,
        "second_person_above": second,
    }
    return render(request, "pricing_guard/windows.html", context, status=status_of(form))


@require_POST
def second_person(request: HttpRequest) -> HttpResponse:
    """Say from which amount on a second person approves a window; the owner says it."""
    form = SecondPersonForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(each) for errors in form.errors.values() for each in errors))
        return redirect("price_windows")
    given = {"merchant_id": shop(request), "above": form.cleaned_data["second_person_above"]}
    try:
        windows.set_second_person(
            **given, actor=request.actor, at=timezone.now(), proved_again=step_up.proved_again(request)
        )
    except ProofNeeded:
        return step_up.confirm(request, back=reverse("price_windows"))
    except Invalid as refusal:
        messages.error(request, told(refusal))
    else:
        messages.success(request, _("Saved."))
    return redirect("price_windows")


@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a window as the second person, or end it."""
    window = get_object_or_404(_mine(request), pk=pk)
    wish = request.POST.get("move", "")
    command = MOVES.get(wish)
    if command is None:
        return redirect("price_windows")
    proof = {"proved_again": step_up.gave_second_factor(request)} if wish == "approve" else {}
    try:
        command(window_id=window.pk, actor=request.actor, at=timezone.now(), **proof)
    except ProofNeeded:
        return step_up.confirm_second_factor(request, back=reverse("price_windows"))
    except Refusal as refusal:
        messages.error(request, told(refusal))
    else:
        messages.success(request, _("Done."))
    return redirect("price_windows")


def _row(request: HttpRequest, window: ApprovedWindow, now: datetime, *, is_alone: bool) -> dict[str, Any]:
    is_over = window.ends_at <= now
    waits = window.status == ApprovedWindow.Status.ASKED and not is_over
    is_own = not policies.can_approve_window(request.actor, window)
    alone_from = window.asked_at + windows.ALONE_AFTER
    return {
        "window": window,
        "is_over": is_over,
        "may_approve": waits and may(request) and (not is_own or (is_alone and alone_from <= now)),
        "needs_other": waits and is_own and not is_alone,
        "alone_from": alone_from if waits and is_own and is_alone and alone_from > now else None,
        "may_revoke": not is_over and window.status != ApprovedWindow.Status.REVOKED and may(request),
    }


def _mine(request: HttpRequest) -> QuerySet[ApprovedWindow]:
    return queries.windows_visible_to(request.actor).filter(merchant_id=shop(request))


def _plain(amount: Decimal | None) -> str:
    """Return an amount as a person would type it."""
    return "" if amount is None else f"{amount.normalize():f}"


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
