"""What speaks against an order whatever the policies say: a listing that takes no orders, a restricted buyer."""

from scalper_policies.rules.evaluate import UNKNOWN_FACT, Decision, Reason, Remedy
from scalper_policies.rules.orders import OrderFacts
from scalper_policies.rules.policy import HIGHEST_SCORE, Check, Verdict

LISTING_HELD = "LISTING_HELD"
NO_ORDERS = "RESTRICTED_NO_ORDERS"
NO_CASH = "RESTRICTED_NO_CASH"
SHORT_PAYMENT = "RESTRICTED_PAYMENT"


def answers(order: OrderFacts) -> list[Decision]:
    """Return what is answered to an order before any policy is looked at, from its own facts."""
    found = [_held(order)] if order.held_listings else []
    if "NO_ORDERS" in order.restricted:
        return [*found, _refused(NO_ORDERS, None, Remedy("RESTRICTION_ENDS"))]
    if "NO_CASH_ON_DELIVERY" in order.restricted and order.cash_on_delivery is not False:
        found.append(_cash(order))
    if "SHORT_PAYMENT" in order.restricted and order.payment_minutes:
        soon = Remedy("PAY_WITHIN", (("minutes", order.payment_minutes),))
        found.append(Decision(Verdict.ALLOW, (Reason(SHORT_PAYMENT, "ACCOUNT", None, None, soon, 0, SHORT_PAYMENT),)))
    return found


def _held(order: OrderFacts) -> Decision:
    """New orders on these listings are held, for a price that may be wrong or because a person said so."""
    a_person = Remedy("A_PERSON_LOOKS")
    skus = order.held_listings
    reasons = tuple(Reason(LISTING_HELD, "LISTING", sku, None, a_person, 0, LISTING_HELD, sku) for sku in skus)
    return Decision(Verdict.HOLD, reasons)


def _cash(order: OrderFacts) -> Decision:
    """Cash on delivery is refused; where the platform did not say how it is paid, it is asked."""
    if order.cash_on_delivery:
        return _refused(NO_CASH, "YES", Remedy("PAY_IN_ADVANCE"))
    paid_before = Remedy(UNKNOWN_FACT, (("check", Check.PAYMENT.value),))
    ask = Reason(NO_CASH, "ACCOUNT", None, "NO", paid_before, 0, UNKNOWN_FACT)
    return Decision(Verdict.VERIFY, (ask,))


def _refused(rule: str, observed: str | None, remedy: Remedy) -> Decision:
    limit = None if observed is None else "NO"
    reason = Reason(rule, "ACCOUNT", observed, limit, remedy, HIGHEST_SCORE, rule)
    return Decision(Verdict.REJECT, (reason,), HIGHEST_SCORE)
