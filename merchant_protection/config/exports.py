"""Every list that can be taken away as a file: its name for people, and the function that says what is in it.

The function takes the actor and the list's filters (the query of its address) and returns a `foundation.tables.Table`
of the actor's own shop, masked as far as the actor's role demands. The page has `<c-export kind="…" />`.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Exports = dict[str, tuple[Promise, str]]

HOUSE: Exports = {
    "orders": (_("Orders"), "merchant_protection.marketplace.views.orders.table"),
    "listings": (_("Listings"), "merchant_protection.marketplace.views.listings.table"),
    "events": (_("Received events"), "merchant_protection.marketplace.views.events.table"),
    "activity": (_("Activity log"), "merchant_protection.accounts.views.activity.table"),
}

CLAIMS: Exports = {}

PRICING_GUARD: Exports = {
    "price_incidents": (_("Price incidents"), "pricing_guard.views.incident_list.table"),
    "price_listings": (_("Watched products"), "pricing_guard.views.overview.table"),
}

WARNINGS: Exports = {
    "warnings": (_("Risk warnings"), "merchant_protection.home.views.warnings.table"),
}

SCALPER_POLICIES: Exports = {
    "order_decisions": (_("Order decisions"), "scalper_policies.views.decisions.table"),
    "list_entries": (_("List entries"), "scalper_policies.views.lists.table"),
}

TRAINING: Exports = {}

# What the choices of a list's filters are called: by the filter's name, then by the value in its address.
EXPORT_CHOICES: dict[str, str] = {
    "orders": "merchant_protection.marketplace.views.orders.CHOICES",
    "listings": "merchant_protection.marketplace.views.listings.CHOICES",
    "events": "merchant_protection.marketplace.views.events.CHOICES",
    "price_listings": "pricing_guard.views.overview.CHOICES",
    "warnings": "merchant_protection.home.views.warnings.CHOICES",
    "order_decisions": "scalper_policies.views.decisions.CHOICES",
    "list_entries": "scalper_policies.views.lists.CHOICES",
}

EXPORTS: Exports = HOUSE | WARNINGS | CLAIMS | PRICING_GUARD | SCALPER_POLICIES | TRAINING
