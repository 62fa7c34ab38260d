"""Choosing a shop, and its settings."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from merchant_protection.accounts import loading, policies, queries
from merchant_protection.accounts.forms import ShopForm
from merchant_protection.accounts.services import merchants
from merchant_protection.foundation import row_numbers
from merchant_protection.foundation.errors import Conflict, NotFound
from merchant_protection.foundation.htmx import attempt, status_of


@login_required
@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Choose which of one's shops to work in."""
    if request.method == "POST":
        chosen = row_numbers.read(request.POST.get("merchant", ""))
        if chosen not in request.actor.merchant_roles:
            raise NotFound
        request.session[loading.CHOSEN_MERCHANT] = chosen
        return redirect("overview")
    return render(request, "accounts/switch.html", {"memberships": queries.shops_of_user(request.actor.id)})


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Show and change the shop's settings."""
    actor = request.actor
    merchant = queries.merchants_visible_to(actor).get(pk=actor.merchant_id)
    form = ShopForm(request.POST or None, instance=merchant, initial={"version": merchant.version})
    if request.method == "POST" and form.is_valid():
        fields = {name: form.cleaned_data[name] for name in merchants.EDITABLE}
        saved = attempt(
            form,
            merchants.update,
            actor=actor,
            merchant_id=merchant.pk,
            version=form.cleaned_data["version"],
            at=timezone.now(),
            **fields,
        )
        if saved:
            messages.success(request, _("Saved."))
            return redirect("settings")
        return _clash(request, form)
    editable = policies.can_edit_shop(actor, merchant.pk)
    return render(request, "accounts/settings.html", {"form": form, "editable": editable}, status=status_of(form))


def _clash(request: HttpRequest, form: ShopForm) -> HttpResponse:
    """Show what a colleague saved meanwhile beside what was typed, and let each field be chosen."""
    theirs = queries.merchants_visible_to(request.actor).get(pk=request.actor.merchant_id)
    rows = [
        {"name": name, "label": form.fields[name].label, "mine": form.cleaned_data.get(name), "theirs": value}
        for name in merchants.EDITABLE
        if form.cleaned_data.get(name) != (value := getattr(theirs, name))
    ]
    clashed = theirs.version != form.cleaned_data.get("version")
    if clashed:
        form.data = form.data.copy()
        form.data["version"] = str(theirs.version)
    context = {"form": form, "editable": True, "clash": rows if clashed else None}
    return render(request, "accounts/settings.html", context, status=Conflict.status if clashed else 422)
