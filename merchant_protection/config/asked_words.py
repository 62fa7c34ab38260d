"""Who puts into words what a feature asks of the selling platform: the names of its rules, and its reasons.

A function takes the shop's id and texts as they are kept, and returns the words of those it knows, by text.
"""

type AskedWords = dict[str, str]

HOUSE: AskedWords = {
    "risk_warnings": "merchant_protection.risk.wording.asked",
    "mis_hit_appeals": "merchant_protection.risk.wording.asked",
}
CLAIMS: AskedWords = {"claims": "claims.wording.asked"}
PRICING_GUARD: AskedWords = {"pricing_guard": "pricing_guard.views.asked.words"}
SCALPER_POLICIES: AskedWords = {"scalper_policies": "scalper_policies.wording.asked"}

ASKED_WORDS: AskedWords = HOUSE | CLAIMS | PRICING_GUARD | SCALPER_POLICIES
