"""A shop says from where on it is warned, within bounds."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction
from merchant_protection.risk import policies
from merchant_protection.risk import queries as risk
from merchant_protection.risk.models import WarningLimits
from scalper_policies.rules import warnings as rules


@transaction
def put(*, merchant_id: int, values: Mapping[str, int], version: int, actor: Actor, at: datetime) -> WarningLimits:
    """Set the shop's thresholds; `version` is the one that was read, 0 for a shop that had set none."""
    known = risk.lock_limits(merchant_id)
    require(policies.can_tune(actor, merchant_id))
    require_sound(values)
    if (known.version if known else 0) != version:
        raise Conflict(_("A colleague changed these limits meanwhile."))
    before = known.values if known else {}
    own = {name: value for name, value in values.items() if value != rules.standard()[name]}
    row = known or WarningLimits(merchant_id=merchant_id, version=0)
    row.values, row.version = own, row.version + 1
    row.changed_at, row.changed_by = at, actor.name[:200]
    row.save()
    audit.record(
        actor=actor,
        action="warnings.limits_changed",
        at=at,
        merchant_id=merchant_id,
        subject_kind="warning_limits",
        subject_id=row.pk,
        before=before,
        after=own,
    )
    return row


def require_sound(values: Mapping[str, int]) -> None:
    """Refuse thresholds out of their bounds, or of which the serious one is the milder."""
    words = {
        "OUT_OF_BOUNDS": _("Enter a whole number from %(low)s to %(high)s."),
        "OUT_OF_ORDER": _("The limit of the higher level cannot be milder than the other: %(low)s, %(high)s."),
    }
    if found := rules.faults_of(values):
        raise Invalid(
            fields={name: [words[code] % {"low": low, "high": high}] for name, (code, low, high) in found.items()}
        )
