"""Webhooks in the reader's language."""

from django import template
from django.utils.translation import gettext as _

from merchant_protection.notices.models import Attempt, Dispatch, Endpoint
from merchant_protection.notices.services import webhook_words, webhooks

register = template.Library()

STATE_TONES = {"ACTIVE": "good", "PAUSED": "need", "DISABLED": "hollow"}
DELIVERY_TONES = {"PENDING": "sent", "DELIVERED": "good", "DEAD": "bad"}


@register.filter
def endpoint_tone(endpoint: Endpoint) -> str:
    """Name the tone of an endpoint's state; one whose last calls failed is not simply well."""
    if endpoint.state == Endpoint.State.ACTIVE and endpoint.failures:
        return "need"
    return "bad" if endpoint.reason == Endpoint.Reason.FAILING else STATE_TONES.get(endpoint.state, "idle")


@register.filter
def endpoint_state(endpoint: Endpoint) -> str:
    """Say how an endpoint is."""
    if endpoint.state == Endpoint.State.ACTIVE and endpoint.failures:
        return _("Failing")
    return str(endpoint.get_state_display())


@register.filter
def delivery_tone(status: str) -> str:
    """Name the tone of a delivery's status."""
    return DELIVERY_TONES.get(status, "idle")


@register.filter
def kind_label(name: str) -> str:
    """Return a kind's name for people."""
    return webhooks.labels().get(name, name)


@register.filter
def answer_words(dispatch: Dispatch) -> str:
    """Say how a delivery was answered last."""
    return _said(dispatch.answer, dispatch.last_error)


@register.filter
def try_words(attempt: Attempt) -> str:
    """Say how one call was answered."""
    return _said(attempt.status, attempt.error)


def _said(status: int | None, error: str) -> str:
    if error:
        return webhook_words.fault(error)
    if status is None:
        return "–"
    redirected = 300 <= status < 400
    return _("HTTP %(status)s: redirects are not followed") % {"status": status} if redirected else f"HTTP {status}"
