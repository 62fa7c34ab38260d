"""Who gives the first page of the staff admin its figures: functions of the request, each by the reader's role.

A function returns the cards of its feature for this reader, none when the role has no work there.
"""

HOUSE = ("merchant_protection.home.views.staff_cards.of_risk",)
CLAIMS = ("claims.views.desk.badges.cards",)
PRICING_GUARD = ("pricing_guard.views.staff_cards.cards",)
SCALPER_POLICIES: tuple[str, ...] = ()
TRAINING = ("training.views.staff_cards.cards",)

STAFF_CARDS = (*CLAIMS, *HOUSE, *PRICING_GUARD, *SCALPER_POLICIES, *TRAINING)
