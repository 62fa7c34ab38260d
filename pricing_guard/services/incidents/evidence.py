"""The evidence of an incident as one file, for a dispute or to have its orders left out of the shop's figures."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import masking
from merchant_protection.foundation.errors import Conflict, NotFound, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.services.actions import asking
from pricing_guard import policies
from pricing_guard.models import AffectedOrder, EvidencePack, Incident
from pricing_guard.outside import packing
from pricing_guard.outside.packing import Part
from pricing_guard.queries import incidents as queries
from pricing_guard.queries import listings
from pricing_guard.queries import policies as policy_queries
from pricing_guard.rules import stored
from pricing_guard.services.incidents import choosing, moving, stopping

GROUNDS = "PRICE_ERROR"


def pack(*, incident_id: int, actor: Actor, at: datetime) -> EvidencePack:
    """Make the evidence file of an incident as it stands now; the same state makes the same file."""
    incident = queries.find(incident_id)
    require(policies.can_answer(actor, incident.merchant_id))
    with translation.override(incident.merchant.language):
        packed = packing.pack(
            facts=_facts(incident), parts=_parts(incident), title=_("Evidence of a price error"), about=_about(incident)
        )
    packing.keep(folder(), packed)
    return _keep(incident_id=incident_id, packed=packed, actor=actor, at=at)


def read(row: EvidencePack) -> bytes:
    """Return the bytes of an evidence file; one that no longer verifies is not handed out."""
    path = folder() / f"{row.digest}.zip"
    if not path.exists():
        raise NotFound
    packed = path.read_bytes()
    if found := packing.faults(packed):
        raise Conflict(_("The file does not verify: %(faults)s") % {"faults": ", ".join(found)})
    return packed


@transaction
def exempt(
    *, incident_id: int, actor: Actor, at: datetime, pack_id: int, order_ids: Collection[int] | None = None
) -> list[int]:
    """Hand the evidence to the platform: the orders to be cancelled, or those named, leave the shop's figures.

    Returns the numbers of the platform actions, one for each order.
    """
    incident = queries.lock(incident_id)
    require(policies.can_answer(actor, incident.merchant_id))
    return ask_platform(incident, pack_id=pack_id, order_ids=order_ids, actor=actor, at=at)


@transaction_required
def ask_platform(
    incident: Incident, *, pack_id: int, order_ids: Collection[int] | None, actor: Actor, at: datetime
) -> list[int]:
    """Ask the platform to leave orders of a locked incident out of the shop's figures, by the evidence of one file."""
    row = EvidencePack.objects.filter(merchant_id=incident.merchant_id, incident=incident, pk=pack_id).first()
    if row is None:
        raise NotFound
    orders = queries.lock_orders(incident, order_ids)
    chosen = [one for one in orders if order_ids is not None or one.choice == AffectedOrder.Choice.CANCEL]
    if not chosen:
        raise Conflict(_("No order of this incident is to be cancelled."))
    value = {"grounds": GROUNDS, "evidence": row.digest}
    asked = [
        asking.person_wants(
            stopping.wish(incident, "exempt_order", one.order.number, value=value), actor=actor, at=at
        ).pk
        for one in chosen
    ]
    facts = {"evidence": row.digest, "orders": len(asked)}
    moving.note(incident, "exempt", actor=actor, at=at, facts=facts)
    _record(incident, "price_incident.exempted", facts, actor=actor, at=at)
    return asked


@transaction
def _keep(*, incident_id: int, packed: bytes, actor: Actor, at: datetime) -> EvidencePack:
    incident = queries.lock(incident_id)
    manifest = packing.manifest_of(packed)
    digest = packing.keep(folder(), packed)
    row, is_new = EvidencePack.objects.get_or_create(
        merchant_id=incident.merchant_id,
        incident=incident,
        digest=digest,
        defaults={
            "size": len(packed),
            "path": f"{digest}.zip",
            "manifest": manifest,
            "made_at": at,
            "made_by": actor.name[:200],
        },
    )
    if is_new:
        _record(incident, "price_incident.packed", {"evidence": digest}, actor=actor, at=at)
    return row


def folder() -> Path:
    """Return where evidence files are kept, outside of anything that is served."""
    return Path(settings.STATE_DIR) / "evidence"


def _facts(incident: Incident) -> dict[str, Any]:
    version = None
    if incident.policy_id and incident.policy_number:
        version = policy_queries.version_of(incident.merchant_id, incident.policy_id, incident.policy_number)
    orders, units, exposed = queries.exposure_of(incident)
    return {
        "incident": incident.pk,
        "shop": incident.merchant.code,
        "sku": incident.listing.sku,
        "title": incident.listing.title,
        "status": incident.status,
        "price": str(incident.price),
        "effective_price": str(incident.effective_price),
        "reference": str(incident.reference_price),
        "currency": incident.currency,
        "wrong_since": incident.since.isoformat(),
        "opened_at": incident.opened_at.isoformat(),
        "stopped_at": incident.tripped_at.isoformat() if incident.tripped_at else None,
        "answered_by": incident.answered_by,
        "findings": incident.findings,
        "policy": {"thresholds": version.thresholds, "ladder": version.ladder} if version else "platform baseline",
        "policy_version": incident.policy_number,
        "orders": orders,
        "units": units,
        "exposed": str(exposed),
        "void_before": choosing.must_void_by(incident).isoformat(),
        "ledger": {name: str(value) for name, value in queries.totals(queries.ledger_of(incident)).items()},
    }


def _parts(incident: Incident) -> list[Part]:
    prices = listings.points_of(incident.listing)
    names = ("occurred_at", "version", "price", "list_price", "cost", "currency", "by", "recorded_at")
    return [
        Part(
            "timeline",
            _("What happened"),
            ("at", "move", "status", "by", "note", "facts"),
            [
                (one.at.isoformat(), one.move, one.status, one.actor_name, one.note, one.facts)
                for one in queries.history_of(incident)
            ],
        ),
        Part(
            "steps",
            _("What was asked of the platform"),
            ("at", "step", "target", "status", "action", "sent_at", "finished_at"),
            [_step(one) for one in queries.steps_of(incident)],
        ),
        Part(
            "prices",
            _("Prices of the listing"),
            names,
            [tuple(_plain(getattr(point, name)) for name in names) for point in prices],
        ),
        Part(
            "orders",
            _("Affected orders"),
            ("order", "buyer", "placed_at", "units", "unit_paid", "reference", "status", "held", "decision", "decided"),
            [_order(one) for one in queries.orders_of(incident).select_related("order__buyer")],
        ),
    ]


def _about(incident: Incident) -> list[str]:
    return [
        f"{incident.merchant.name} ({incident.merchant.code})",
        f"{incident.listing.title} ({incident.listing.sku})",
        *(stored.told(one, _) for one in incident.findings),
        _("Wrong since %(since)s, found %(found)s.")
        % {"since": incident.since.isoformat(), "found": incident.opened_at.isoformat()},
        _("A court or arbitration can be asked to void a gross misunderstanding until %(until)s.")
        % {"until": choosing.must_void_by(incident).date().isoformat()},
    ]


def _step(one: Any) -> tuple[object, ...]:
    action = one.action
    times = (_plain(action.sent_at), _plain(action.finished_at)) if action else ("", "")
    return (one.at.isoformat(), one.rung, one.ref, one.status, action.status if action else "", *times)


def _order(one: AffectedOrder) -> tuple[object, ...]:
    buyer = masking.masked(one.order.buyer.ref) if one.order.buyer else ""
    return (
        one.order.number,
        buyer,
        one.placed_at.isoformat(),
        one.quantity,
        one.unit_paid,
        one.reference,
        one.order.status,
        int(one.is_held),
        one.choice,
        _plain(one.chosen_at),
    )


def _plain(value: Any) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _record(incident: Incident, action: str, after: dict[str, Any], *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=incident.merchant_id,
        subject_kind="price_incident",
        subject_id=incident.pk,
        after=after,
    )
