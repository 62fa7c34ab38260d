"""Dangerous acts ask for the password again when it was not given lately."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
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
