"""Every round count of the side bar: its id in `home/context.py`, and the query that counts what waits for the shop.

A query takes the actor and the shop's id, and counts up to a hundred (`[:100].count()`), since an open page asks
every fifteen seconds and "99+" says enough. A page that was told a count is told again only when it changes.
"""

type Counts = dict[str, str]

HOUSE: Counts = {
    "count-inbox": "merchant_protection.notices.queries.unread_count",
    "count-warnings": "merchant_protection.risk.queries.open_count",
    "count-actions": "merchant_protection.marketplace.queries.actions.waiting_count",
}

CLAIMS: Counts = {"count-claims": "claims.queries.shop_lists.waiting_count"}

PRICING_GUARD: Counts = {
    "count-incidents": "pricing_guard.queries.overview.waiting_count",
}

SCALPER_POLICIES: Counts = {}

TRAINING: Counts = {}

COUNTS: Counts = HOUSE | CLAIMS | PRICING_GUARD | SCALPER_POLICIES | TRAINING
