"""At which price a stopped listing may be sold again where none is known to be good."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid
from merchant_protection.foundation.transactions import transaction_required
from pricing_guard.models import Incident
from pricing_guard.queries import listings
from pricing_guard.queries.listings import tidy
from pricing_guard.rules import stored
from pricing_guard.rules.findings import Finding
from pricing_guard.services.incidents import alerts, moving
from pricing_guard.services.watching import trying


@transaction_required
def name(incident: Incident, amount: Decimal | None, *, actor: Actor, at: datetime) -> None:
    """Take a price of a person's as the good one of a locked incident, if the guard lets it pass."""
    if amount is None or amount <= 0:
        raise Invalid(fields={"amount": [_("Say at which price it is to be sold.")]})
    price = tidy(amount, incident.currency)
    if found := trying.objections(incident.listing, price=price, at=at):
        raise Invalid(fields={"amount": [_in_words(found)]})
    if price != incident.revert_price and incident.sale_asked_at is not None:  # it waited for another price until now
        alerts.put_away_hindered(incident, at=at)
        incident.sale_asked_at, incident.sale_fault = None, ""
    incident.revert_price = price
    incident.save(update_fields=["revert_price", "sale_asked_at", "sale_fault"])
    moving.note(incident, "price_named", actor=actor, at=at, facts={"price": str(price), "currency": incident.currency})


def is_accepted(incident: Incident, *, at: datetime) -> bool:
    """Say whether the price the listing asks now is the one the guard accepted last, and is so still."""
    guard = listings.guards(incident.merchant_id, [incident.listing_id]).get(incident.listing_id)
    last = stored.memory_in(guard.memory if guard else {}, currency=incident.currency).last
    return last is not None and last.price == incident.listing.price and stands(incident, at=at)


def stands(incident: Incident, *, at: datetime) -> bool:
    """Say whether the guard has nothing against the price that the listing asks now."""
    return not _against(incident, at=at)


@transaction_required
def require_good(incident: Incident, *, at: datetime) -> None:
    """Refuse to sell at a price that is still in doubt, where none is known to go back to."""
    if found := _against(incident, at=at):
        words = _in_words(found)
        raise Invalid(
            fields={
                "amount": [
                    _(
                        "No good price is known, and the present one is still in doubt: %(why)s Name the price to "
                        "sell it at, or set it on the platform first."
                    )
                    % {"why": words}
                ]
            }
        )


def _against(incident: Incident, *, at: datetime) -> Sequence[Finding]:
    listing = incident.listing
    return trying.objections(listing, price=listing.price or Decimal(0), at=at)


def _in_words(found: Sequence[Finding]) -> str:
    return " ".join(stored.told(one, _) for one in stored.findings_out(found))
