"""How the sign-in library's mail leaves: as rows, like all mail."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.notices.services import mailing
from merchant_protection.notices.services.wording import Letter


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from invitations only, and mail waits in the outbox."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, context)
        html = next((str(part) for part, kind in getattr(message, "alternatives", []) if kind == "text/html"), "")
        text = "" if message.content_subtype == "html" else str(message.body)
        letter = Letter(subject=message.subject, text=text, html=html or str(message.body))
        with tenancy.platform():
            mailing.send(recipient=email, letter=letter, at=timezone.now())
