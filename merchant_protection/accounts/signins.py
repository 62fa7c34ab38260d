"""What the sign-in library tells of: each security event of an account goes into the audit."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.accounts.models import User
from merchant_protection.accounts.services import security
from merchant_protection.foundation import tenancy

EVENTS = {
    account.password_changed: "account.password_changed",
    account.password_reset: "account.password_reset",
    mfa.authenticator_added: "account.second_factor_added",
    mfa.authenticator_removed: "account.second_factor_removed",
    mfa.authenticator_reset: "account.recovery_codes_renewed",
    user_logged_in: "account.signed_in",
    user_logged_out: "account.signed_out",
}


def connect() -> None:
    """Listen to the sign-in library; its signals are the only ones in the house."""
    for signal, action in EVENTS.items():
        signal.connect(_writer(action), weak=False, dispatch_uid=f"audit-{action}")
    user_login_failed.connect(_failed, dispatch_uid="audit-account.sign_in_failed")


def _writer(action: str) -> Any:
    def write(sender: object, request: HttpRequest | None = None, user: User | None = None, **_: Any) -> None:
        if user is not None:
            _note(action, user=user, request=request)

    return write


def _failed(sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    _note("account.sign_in_failed", user=None, request=request)


def _note(action: str, *, user: User | None, request: HttpRequest | None) -> None:
    actor = Actor(
        kind=Kind.USER if user else Kind.ANONYMOUS,
        id=user.pk if user else None,
        name=str(user) if user else "",
        origin=request.META.get("REMOTE_ADDR", "") if request else "",
        request_id=getattr(request, "request_id", ""),
    )
    with tenancy.platform():
        security.note(actor=actor, action=action, user_id=user.pk if user else 0, at=timezone.now())
