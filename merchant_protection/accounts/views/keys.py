"""Keys for the shop's own programs."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merchant_protection.accounts import policies, queries
from merchant_protection.accounts.forms import KeyForm
from merchant_protection.accounts.services import keys
from merchant_protection.accounts.views.step_up import asks_again
from merchant_protection.foundation.htmx import attempt, status_of


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the shop's keys: what each may do, when it was last used."""
    actor = request.actor
    rows = queries.keys_visible_to(actor).filter(merchant_id=actor.merchant_id).order_by("revoked_at", "-pk")
    manages = policies.can_manage_keys(actor, actor.merchant_id)
    return render(request, "accounts/keys.html", {"keys": rows, "manages": manages, "now": timezone.now()})


@reauthentication_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Make a key, and show its secret this once."""
    actor = request.actor
    form = KeyForm(request.POST or None, merchant_id=actor.merchant_id)
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            keys.create,
            actor=actor,
            merchant_id=actor.merchant_id,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at(),
            at=timezone.now(),
        )
        if made:
            key, secret = made
            response = render(request, "accounts/key_made.html", {"key": key, "secret": secret})
            response["Cache-Control"] = "no-store"
            return response
    return render(request, "accounts/key_new.html", {"form": form}, status=status_of(form))


@require_POST
@asks_again(back="keys")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a key open nothing from now on."""
    keys.revoke(actor=request.actor, key_id=pk, at=timezone.now())
    messages.success(request, _("The key opens nothing any more."))
    return redirect("keys")
