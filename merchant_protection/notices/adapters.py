"""What the sign-in library leaves to us: how often a password is tried, and how its mail leaves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import timezone

from merchant_protection.accounts.services import signing_in
from merchant_protection.foundation import tenancy
from merchant_protection.notices.services import mailing
from merchant_protection.notices.services.wording import Letter


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from invitations only, and mail waits in the outbox."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try before the password is looked at, so that many at once are no more than the limit."""
        place = {"email": credentials.get("email", ""), "origin": self.get_client_ip(request)}
        if signing_in.admit(**place, at=timezone.now()) is not None:
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user is not None:
            signing_in.give_back(email=credentials.get("email", ""), origin=self.get_client_ip(request))
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, context)
        html = next((str(part) for part, kind in getattr(message, "alternatives", []) if kind == "text/html"), "")
        text = "" if message.content_subtype == "html" else str(message.body)
        letter = Letter(subject=message.subject, text=text, html=html or str(message.body))
        with tenancy.platform():
            mailing.send(recipient=email, letter=letter, at=timezone.now())
