"""Every kind of webhook that a shop's own systems can be told, with the facts each carries; none of them personal.

`promise(kind=…)` refuses a kind or a fact that does not stand here. Labels are for people who choose kinds.
"""

from django.utils.translation import gettext_lazy as _

from merchant_protection.notices.rules.webhook_kinds import WebhookKind

type WebhookKinds = dict[str, WebhookKind]

ACTION = ("verb", "target_kind", "target", "value", "feature", "status")
CLAIM = ("kind", "order", "status", "currency", "amount", "amount_upheld")
PRICE_INCIDENT = ("sku", "status", "check", "severity", "mode", "price", "reference", "currency", "cause")
DECISION = ("order", "verdict", "rules", "score", "units", "source", "expires_at")
APPEAL = ("reference", "order", "status", "source", "due_at")
CERTIFICATE = ("code", "course", "issued_at", "expires_at")

HOUSE: WebhookKinds = {
    "webhook.test": WebhookKind(_("A test, sent by a person from these pages"), "endpoint", ("text",)),
    "action.waiting": WebhookKind(_("An action on the platform waits for a person"), "action", ACTION),
    "action.confirmed": WebhookKind(_("An action on the platform was done"), "action", ACTION),
    "action.failed": WebhookKind(_("The platform did not carry out an action"), "action", ACTION),
}

CLAIMS: WebhookKinds = {
    "claim.submitted": WebhookKind(_("A complaint was filed"), "claim", CLAIM),
    "claim.evidence_needed": WebhookKind(_("Evidence is needed for a complaint"), "claim", CLAIM),
    "claim.decided": WebhookKind(_("A complaint was decided"), "claim", CLAIM),
    "claim.appealed": WebhookKind(_("A decision was appealed"), "claim", CLAIM),
    "claim.withdrawn": WebhookKind(_("A complaint was withdrawn"), "claim", CLAIM),
    "claim.expired": WebhookKind(_("A complaint was closed because the evidence never came"), "claim", CLAIM),
    "claim.final": WebhookKind(_("A decision became final"), "claim", CLAIM),
}

PRICING_GUARD: WebhookKinds = {
    "price_incident.opened": WebhookKind(_("A price looks wrong"), "price_incident", PRICE_INCIDENT),
    "price_incident.stopped": WebhookKind(_("A wrong price was stopped"), "price_incident", PRICE_INCIDENT),
    "price_incident.meant": WebhookKind(_("A doubted price is meant"), "price_incident", PRICE_INCIDENT),
    "price_incident.corrected": WebhookKind(_("A doubted price was put right"), "price_incident", PRICE_INCIDENT),
    "price_incident.restored": WebhookKind(_("A stopped product sells again"), "price_incident", PRICE_INCIDENT),
    "price_incident.closed": WebhookKind(_("A price incident was closed"), "price_incident", PRICE_INCIDENT),
    "price_incident.taken_back": WebhookKind(
        _("An answer about a price was taken back"), "price_incident", PRICE_INCIDENT
    ),
}

SCALPER_POLICIES: WebhookKinds = {
    "decision.held": WebhookKind(_("An order was held"), "decision", DECISION),
    "decision.rejected": WebhookKind(_("An order was rejected"), "decision", DECISION),
    "decision.released": WebhookKind(_("A held order was let go"), "decision", DECISION),
    "decision.overruled": WebhookKind(_("The marketplace overruled an answer about an order"), "decision", DECISION),
    "policy.moved": WebhookKind(
        _("A scalper policy took a step of its life"), "policy", ("policy", "version", "move", "status")
    ),
    "appeal.opened": WebhookKind(_("A buyer appealed against a mis-hit"), "appeal", APPEAL),
    "appeal.answered": WebhookKind(_("A mis-hit appeal was answered"), "appeal", APPEAL),
}

TRAINING: WebhookKinds = {
    "certificate.issued": WebhookKind(_("Somebody completed a course"), "certificate", CERTIFICATE),
    "certificate.revoked": WebhookKind(_("A certificate was revoked"), "certificate", CERTIFICATE),
}

KINDS: WebhookKinds = HOUSE | CLAIMS | PRICING_GUARD | SCALPER_POLICIES | TRAINING
