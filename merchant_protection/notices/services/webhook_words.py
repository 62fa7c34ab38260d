"""What failed when an endpoint was called, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FAULTS: dict[str, Promise] = {
    "address_form": _("Enter a whole address, such as https://example.com/webhooks, without spaces, name or password."),
    "address_scheme": _("The address must begin with https://."),
    "address_inside": _("The address leads into a private network. Enter one that is reached from the internet."),
    "address_unknown": _("The name of the address is not known."),
    "unreachable": _("Nobody answered at the address."),
    "timeout": _("The answer took too long."),
    "tls": _("The certificate is not valid."),
    "broken_off": _("The connection broke off."),
    "cut_off": _("The portal was restarted while it called."),
    "not_written": _("The message could not be written."),
    "switched_off": _("The endpoint was switched off."),
}


def fault(code: str) -> str:
    """Return a code of what failed in the reader's language; one without words is shown as it is."""
    return str(FAULTS.get(code, code))
