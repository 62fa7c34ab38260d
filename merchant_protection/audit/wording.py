"""Codes of the activity log in words; a code without words is shown as it is."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, Promise] = {
    "account.opened": _("Account opened"),
    "account.signed_out": _("Signed out"),
    "account.signed_in": _("Signed in"),
    "account.sign_in_failed": _("Sign-in failed"),
    "account.second_factor_removed": _("Second factor removed"),
    "account.second_factor_added": _("Second factor added"),
    "account.recovery_codes_renewed": _("Recovery codes renewed"),
    "account.password_reset": _("Password set anew by mail"),
    "account.password_changed": _("Password changed"),
    "action.approve": _("Platform action approved"),
    "action.asked": _("Platform action asked for"),
    "action.declined": _("Platform action declined"),
    "action.retry": _("Platform action tried again"),
    "addresses.list_changed": _("Words for addresses changed"),
    "budget.changed": _("Budget changed"),
    "budget.raise_asked": _("Higher budget asked for"),
    "evidence.added": _("Evidence added"),
    "evidence.put_back": _("Evidence put back"),
    "evidence.removed": _("Evidence taken out"),
    "certificate.revoked": _("Certificate revoked"),
    "event.tried_again": _("Parked event tried again"),
    "file.begun": _("File sent"),
    "file.discarded": _("File removed"),
    "file.rejected": _("File not accepted"),
    "export.asked": _("List asked for as a file"),
    "export.fetched": _("File fetched"),
    "export.sent": _("List taken away as a file"),
    "import.asked": _("File loaded"),
    "key.created": _("Key made"),
    "key.revoked": _("Key revoked"),
    "member.appointed": _("Member appointed"),
    "member.invitation_revoked": _("Invitation withdrawn"),
    "member.invited": _("Colleague invited"),
    "member.joined": _("Member joined"),
    "member.removed": _("Member removed"),
    "member.role_changed": _("Role changed"),
    "order.erased": _("Personal data of an order erased"),
    "order.held": _("Order put under a legal hold"),
    "order.hold_released": _("Legal hold ended"),
    "order.recipient_shown": _("Recipient of an order looked at"),
    "platform.connected": _("Selling platform connected"),
    "retention.erased": _("Old personal data erased"),
    "rule.paused": _("Rule paused"),
    "rule.resume_asked": _("Resuming a rule asked for"),
    "rule.resumed": _("Rule resumed"),
    "shop.changed": _("Settings changed"),
    "shop.opened": _("Shop opened"),
    "source.created": _("Source made"),
    "source.secret_added": _("Secret added"),
    "source.secret_revoked": _("Secret revoked"),
    "source.switched": _("Source let in or shut out"),
    "staff.roles_changed": _("Staff roles changed"),
    "switch.resume_asked": _("Resuming automatic actions asked for"),
    "switch.resumed": _("Automatic actions resumed"),
    "switch.stopped": _("Automatic actions stopped"),
    "view.changed": _("Saved view changed"),
    "view.deleted": _("Saved view deleted"),
    "view.restored": _("Saved view put back"),
    "view.renamed": _("Saved view renamed"),
    "view.saved": _("View saved"),
    "webhook.added": _("Webhook added"),
    "webhook.changed": _("Webhook changed"),
    "webhook.paused": _("Webhook paused"),
    "webhook.replayed": _("Webhook messages sent again"),
    "webhook.resumed": _("Webhook resumed"),
    "webhook.secret_added": _("Webhook secret added"),
    "webhook.secret_ended": _("Webhook secret ended"),
    "webhook.switched_off": _("Webhook switched off"),
}
SUBJECTS: dict[str, Promise] = {
    "action": _("Platform action"),
    "address_list": _("Words for addresses"),
    "budget": _("Budget"),
    "claim": _("Complaint"),
    "file": _("File"),
    "export": _("Export"),
    "certificate": _("Certificate"),
    "import": _("Import"),
    "invitation": _("Invitation"),
    "key": _("Key"),
    "member": _("Member"),
    "order": _("Order"),
    "platform": _("Selling platform"),
    "rule": _("Rule"),
    "shop": _("Shop"),
    "source": _("Source"),
    "switch": _("Kill switch"),
    "user": _("Account"),
    "view": _("Saved view"),
    "webhook": _("Webhook"),
}


def action(code: str) -> str:
    """Say what was done."""
    return str(ACTIONS.get(code, code))


def codes(text: str) -> list[str]:
    """Return the codes whose words, in the reader's language, hold a text."""
    return [code for code, words in ACTIONS.items() if text.casefold() in str(words).casefold()]


def subject(kind: str) -> str:
    """Say what kind of thing it was done to."""
    return str(SUBJECTS.get(kind, kind))
