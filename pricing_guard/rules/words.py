"""Reasons in words. The sentences are message ids; a translate function puts them into the reader's language."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from pricing_guard.rules import money
from pricing_guard.rules.findings import Reason

Translate = Callable[[str], str]
AMOUNTS = frozenset(
    {"price", "meant", "limit", "reference", "effective", "value", "threshold", "exposed", "floor", "ceiling"}
)
COUNTED = frozenset({"ORDERS_PER_MINUTE", "UNITS_PER_10_MINUTES", "UNITS_PER_ORDER", "UNITS_PER_BUYER"})

SENTENCES: Mapping[str, str] = {
    "ZERO_PRICE": "%(price)s is not a price to sell at; only a gift may be free.",
    "CURRENCY_CHANGED": "The price is in %(currency)s, the listing was always sold in %(usual)s.",
    "BELOW_FLOOR": "%(price)s is below the floor price of %(limit)s.",
    "ABOVE_CEILING": "%(price)s is above the ceiling price of %(limit)s.",
    "BELOW_COST": "%(price)s is below the cost of %(reference)s.",
    "THIN_MARGIN": "%(price)s leaves less than the smallest margin of %(percent)s%% over the cost of %(reference)s; "
    "the lowest price for it is %(limit)s.",
    "DROP_FROM_LAST": "%(price)s is %(change)s%% below the last confirmed price of %(reference)s; "
    "%(percent)s%% is allowed.",
    "RISE_FROM_LAST": "%(price)s is %(change)s%% above the last confirmed price of %(reference)s; "
    "%(percent)s%% is allowed.",
    "DROP_FROM_LOW_7": "%(price)s is %(change)s%% below the lowest price of the last 7 days, %(reference)s; "
    "%(percent)s%% is allowed.",
    "DROP_FROM_LOW_30": "%(price)s is %(change)s%% below the lowest price of the last 30 days, %(reference)s; "
    "%(percent)s%% is allowed.",
    "DROP_FROM_LOW_90": "%(price)s is %(change)s%% below the lowest price of the last 90 days, %(reference)s; "
    "%(percent)s%% is allowed.",
    "DROP_FROM_MEDIAN": "%(price)s is %(change)s%% below the median price of %(reference)s; %(percent)s%% is allowed.",
    "RISE_FROM_MEDIAN": "%(price)s is %(change)s%% above the median price of %(reference)s; %(percent)s%% is allowed.",
    "DROP_FROM_LIST": "%(price)s is %(change)s%% below the list price of %(reference)s; %(percent)s%% is allowed.",
    "RISE_FROM_LIST": "%(price)s is %(change)s%% above the list price of %(reference)s; %(percent)s%% is allowed.",
    "DECIMAL_SHIFT": "%(price)s looks like %(meant)s with the point moved by %(places)s.",
    "CENTS_AS_YUAN": "%(price)s looks like %(meant)s given in cents.",
    "DROPPED_DIGIT": "%(price)s looks like %(meant)s with a digit left out.",
    "DOUBLED_DIGIT": "%(price)s looks like %(meant)s with a digit typed twice.",
    "SWAPPED_DIGITS": "%(price)s looks like %(meant)s with two digits swapped.",
    "FAR_BELOW_USUAL": "%(price)s is far below every price this listing has had; the lowest was %(reference)s.",
    "FAR_ABOVE_USUAL": "%(price)s is far above every price this listing has had; the highest was %(reference)s.",
    "STACK_AT_ZERO": "With %(codes)s together a buyer pays nothing for an item of %(price)s.",
    "STACK_BELOW_FLOOR": "With %(codes)s together an item costs a buyer %(effective)s when buying %(quantity)s, "
    "below the floor price of %(limit)s.",
    "STACK_BELOW_COST": "With %(codes)s together an item costs a buyer %(effective)s when buying %(quantity)s, "
    "below the cost of %(limit)s.",
    "TOTAL_DISCOUNT": "With %(codes)s together an item costs a buyer %(effective)s, %(change)s%% below %(reference)s; "
    "%(percent)s%% is allowed.",
    "COUPON_ABOVE_THRESHOLD": "Promotion %(code)s takes %(value)s off from %(threshold)s; "
    "the two figures look swapped.",
    "PERCENT_AS_MONEY": "The value of promotion %(code)s looks like a percentage where money is meant, "
    "or the other way round.",
    "PROMOTION_ENDS_BEFORE_START": "Promotion %(code)s does not end after it starts.",
    "ORDERS_PER_MINUTE": "%(count)s orders in one minute below %(reference)s; %(limit)s are allowed.",
    "UNITS_PER_10_MINUTES": "%(count)s units in 10 minutes below %(reference)s; %(limit)s are allowed.",
    "UNITS_PER_ORDER": "One order takes %(count)s units below %(reference)s; %(limit)s are allowed.",
    "UNITS_PER_BUYER": "One buyer takes %(count)s units below %(reference)s; %(limit)s are allowed.",
    "EXPOSURE_CAP": "%(exposed)s is at stake in %(orders)s orders; the cap is %(limit)s.",
    "NO_GOOD_PRICE": "There is no earlier good price to go back to.",
    "GOOD_PRICE": "The last good price is %(price)s.",
    "GOOD_PRICE_FAILS": "The last good price of %(price)s does not pass the guard itself.",
    "NOT_A_NUMBER": "This is not a number.",
    "NOT_YES_OR_NO": "Answer yes or no.",
    "NEGATIVE": "This must not be negative.",
    "MUST_BE_ABOVE_ZERO": "This must be above zero; leave it blank for no limit.",
    "MUST_BE_ABOVE_ONE": "This must be above 1.",
    "WHOLE_NUMBER": "This must be a whole number.",
    "TOO_LARGE": "This is more than %(most)s.",
    "TOO_MANY_DECIMALS": "%(currency)s has %(places)s decimals.",
    "CURRENCY_NEEDED": "Say which currency the amounts are in.",
    "CURRENCY_DIFFERS": "The amounts are in %(currency)s, the shop sells in %(usual)s.",
    "FLOOR_ABOVE_CEILING": "The floor price of %(floor)s is above the ceiling price of %(ceiling)s.",
    "COST_ABOVE_CEILING": "The cost is above the ceiling price of %(ceiling)s.",
    "MARGIN_ABOVE_CEILING": "With this cost and margin the lowest price is %(limit)s, "
    "above the ceiling price of %(ceiling)s.",
    "UNKNOWN_FIELD": "There is no such setting.",
}


def as_written(sentence: str) -> str:
    """Leave a sentence in English."""
    return sentence


def tell(reason: Reason, translate: Translate = as_written) -> str:
    """Put a reason into a sentence: amounts with their currency, counts as they are."""
    sentence = translate(SENTENCES[reason.code])
    currency = reason.params.get("currency", "")
    shown = {name: _shown(name, text, reason.code, currency) for name, text in reason.params.items()}
    return sentence % shown


def _shown(name: str, text: str, code: str, currency: str) -> str:
    counted = name == "limit" and code in COUNTED
    if name not in AMOUNTS or counted or not text:
        return text
    return money.shown(Decimal(text), currency)
