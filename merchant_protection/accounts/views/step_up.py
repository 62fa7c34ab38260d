"""Dangerous acts ask again who somebody is: for the password, or for the second factor where they have one."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

type View = Callable[..., HttpResponse]


def asks_again(back: str) -> Callable[[View], View]:
    """Ask for the password when it was not given in the last five minutes, then go `back`, where the act is asked anew.

    The act itself is not kept and carried out later: whoever sits there then has seen what it does.
    """

    def decorate(view: View) -> View:
        guarded = reauthentication_required(view)

        @wraps(view)
        def ask(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return guarded(request, *args, **kwargs)
            except ReauthenticationRequired:
                messages.info(request, _("Confirm that it is you, then do it again."))
                return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': reverse(back)})}")

        return ask

    return decorate


def proved_again(request: HttpRequest) -> bool:
    """Whether the person proved who they are in the last five minutes, as strongly as they can.

    Who has a second factor gave it; who has none gave the password. A program proves nothing.
    """
    return _gave(request, "mfa" if _has_second_factor(request) else "password")


def gave_second_factor(request: HttpRequest) -> bool:
    """Whether the person gave a second factor in the last five minutes, which stands in for a second person.

    The demo's own accounts have none: where the demo runs, their password does.
    """
    return _gave(request, "password" if _is_waived(request) else "mfa")


def confirm(request: HttpRequest, *, back: str) -> HttpResponse:
    """Send somebody to prove who they are, and from there to the page `back`, where the act is asked anew."""
    messages.info(request, _("Confirm that it is you, then do it again."))
    return redirect(f"{page_for(request)}?{urlencode({'next': back})}")


def page_for(request: HttpRequest) -> str:
    """Return where this person proves who they are: with the second factor, or with the password."""
    return reverse("mfa_reauthenticate" if _has_second_factor(request) else "account_reauthenticate")


def confirm_second_factor(request: HttpRequest, *, back: str) -> HttpResponse:
    """The same where only a second factor will do: who has none sets one up first."""
    if _has_second_factor(request) or _is_waived(request):
        return confirm(request, back=back)
    messages.info(request, _("Where nobody else can agree, a second factor stands in. Set one up, then do it again."))
    return redirect("mfa_activate_totp")


def _gave(request: HttpRequest, method: str) -> bool:
    """By session only: a key in the header stands for a program, whoever else the cookie names."""
    if not request.user.is_authenticated or not request.actor.is_person:  # type: ignore[attr-defined]
        return False
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    given = get_authentication_records(request, request.user)
    return any(one.get("reauthenticated") and one["method"] == method and one["at"] > since for one in given)


def _is_waived(request: HttpRequest) -> bool:
    return bool(settings.DEMO and getattr(request.user, "is_demo", False) and not _has_second_factor(request))


def _has_second_factor(request: HttpRequest) -> bool:
    return bool(request.user.is_authenticated and is_mfa_enabled(request.user))
