"""Where staff sign in: the theme's own pages know no second factor, so the portal's stand in for them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from merchant_protection.home import queries


def sign_in(request: HttpRequest) -> HttpResponse:
    """Send strangers to the portal's sign-in, and people of shops, who have nothing to do here, to their pages."""
    if request.user.is_authenticated:
        return redirect("admin:index" if request.actor.is_staff else "root")
    wanted = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        wanted = reverse("admin:index")
    return redirect(f"{reverse('account_login')}?{urlencode({'next': wanted})}")


def change_password(request: HttpRequest) -> HttpResponse:
    """Send to the portal's own page, which asks for the old password and writes it down."""
    return redirect("account_change_password")


def waiting_actions(request: HttpRequest) -> str:
    """Return how many actions wait for a person, for the side bar; nothing when none does."""
    return str(queries.waiting_actions(request.actor) or "")
