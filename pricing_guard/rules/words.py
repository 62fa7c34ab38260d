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

N_ = str  # marks a text for the catalogue; rules know no framework to translate it by

SENTENCES: Mapping[str, str] = {
    "ZERO_PRICE": N_("%(price)s is not a price to sell at; only a gift may be free."),
    "CURRENCY_CHANGED": N_("The price is in %(currency)s, the listing was always sold in %(usual)s."),
    "BELOW_FLOOR": N_("%(price)s is below the floor price of %(limit)s."),
    "ABOVE_CEILING": N_("%(price)s is above the ceiling price of %(limit)s."),
    "BELOW_COST": N_("%(price)s is below the cost of %(reference)s."),
    "THIN_MARGIN": N_(
        "%(price)s leaves less than the smallest margin of %(percent)s%% over the cost of %(reference)s; "
        "the lowest price for it is %(limit)s."
    ),
    "DROP_FROM_LAST": N_(
        "%(price)s is %(change)s%% below the last confirmed price of %(reference)s; %(percent)s%% is allowed."
    ),
    "RISE_FROM_LAST": N_(
        "%(price)s is %(change)s%% above the last confirmed price of %(reference)s; %(percent)s%% is allowed."
    ),
    "DROP_FROM_LOW_7": N_(
        "%(price)s is %(change)s%% below the lowest price of the last 7 days, %(reference)s; %(percent)s%% is allowed."
    ),
    "DROP_FROM_LOW_30": N_(
        "%(price)s is %(change)s%% below the lowest price of the last 30 days, %(reference)s; %(percent)s%% is allowed."
    ),
    "DROP_FROM_LOW_90": N_(
        "%(price)s is %(change)s%% below the lowest price of the last 90 days, %(reference)s; %(percent)s%% is allowed."
    ),
    "DROP_FROM_MEDIAN": N_(
        "%(price)s is %(change)s%% below the median price of %(reference)s; %(percent)s%% is allowed."
    ),
    "RISE_FROM_MEDIAN": N_(
        "%(price)s is %(change)s%% above the median price of %(reference)s; %(percent)s%% is allowed."
    ),
    "DROP_FROM_LIST": N_("%(price)s is %(change)s%% below the list price of %(reference)s; %(percent)s%% is allowed."),
    "RISE_FROM_LIST": N_("%(price)s is %(change)s%% above the list price of %(reference)s; %(percent)s%% is allowed."),
    "DECIMAL_SHIFT": N_("%(price)s looks like %(meant)s with the point moved by %(places)s."),
    "SHIFTED_AS_ALIKE": N_(
        "%(price)s looks like %(meant)s with the point moved by %(places)s: "
        "%(count)s listings that sold at the same prices as this one have had %(meant)s."
    ),
    "CENTS_AS_YUAN": N_("%(price)s looks like %(meant)s given in cents."),
    "DROPPED_DIGIT": N_("%(price)s looks like %(meant)s with a digit left out."),
    "DOUBLED_DIGIT": N_("%(price)s looks like %(meant)s with a digit typed twice."),
    "SWAPPED_DIGITS": N_("%(price)s looks like %(meant)s with two digits swapped."),
    "FAR_BELOW_USUAL": N_("%(price)s is far below every price this listing has had; the lowest was %(reference)s."),
    "FAR_ABOVE_USUAL": N_("%(price)s is far above every price this listing has had; the highest was %(reference)s."),
    "STACK_AT_ZERO": N_("With %(codes)s together a buyer pays nothing for an item of %(price)s."),
    "STACK_BELOW_FLOOR": N_(
        "With %(codes)s together an item costs a buyer %(effective)s when buying %(quantity)s, "
        "below the floor price of %(limit)s."
    ),
    "STACK_BELOW_COST": N_(
        "With %(codes)s together an item costs a buyer %(effective)s when buying %(quantity)s, "
        "below the cost of %(limit)s."
    ),
    "TOTAL_DISCOUNT": N_(
        "With %(codes)s together an item costs a buyer %(effective)s, %(change)s%% below %(reference)s; "
        "%(percent)s%% is allowed."
    ),
    "COUPON_ABOVE_THRESHOLD": N_(
        "Promotion %(code)s takes %(value)s off from %(threshold)s; the two figures look swapped."
    ),
    "PERCENT_AS_MONEY": N_(
        "The value of promotion %(code)s looks like a percentage where money is meant, or the other way round."
    ),
    "PROMOTION_ENDS_BEFORE_START": N_("Promotion %(code)s does not end after it starts."),
    "ORDERS_PER_MINUTE": N_("%(count)s orders in one minute below %(reference)s; %(limit)s are allowed."),
    "UNITS_PER_10_MINUTES": N_("%(count)s units in 10 minutes below %(reference)s; %(limit)s are allowed."),
    "UNITS_PER_ORDER": N_("One order takes %(count)s units below %(reference)s; %(limit)s are allowed."),
    "UNITS_PER_BUYER": N_("One buyer takes %(count)s units below %(reference)s; %(limit)s are allowed."),
    "EXPOSURE_CAP": N_("%(exposed)s is at stake in %(orders)s orders; the cap is %(limit)s."),
    "NO_GOOD_PRICE": N_("There is no earlier good price to go back to."),
    "GOOD_PRICE": N_("The last good price is %(price)s."),
    "GOOD_PRICE_FAILS": N_("The last good price of %(price)s does not pass the guard itself."),
    "NOT_A_NUMBER": N_("This is not a number."),
    "NOT_YES_OR_NO": N_("Answer yes or no."),
    "NEGATIVE": N_("This must not be negative."),
    "MUST_BE_ABOVE_ZERO": N_("This must be above zero; leave it blank for no limit."),
    "MUST_BE_ABOVE_ONE": N_("This must be above 1."),
    "WHOLE_NUMBER": N_("This must be a whole number."),
    "TOO_LARGE": N_("This is more than %(most)s."),
    "TOO_MANY_DECIMALS": N_("%(currency)s has %(places)s decimals."),
    "CURRENCY_NEEDED": N_("Say which currency the amounts are in."),
    "CURRENCY_DIFFERS": N_("The amounts are in %(currency)s, the shop sells in %(usual)s."),
    "FLOOR_ABOVE_CEILING": N_("The floor price of %(floor)s is above the ceiling price of %(ceiling)s."),
    "COST_ABOVE_CEILING": N_("The cost is above the ceiling price of %(ceiling)s."),
    "MARGIN_ABOVE_CEILING": N_(
        "With this cost and margin the lowest price is %(limit)s, above the ceiling price of %(ceiling)s."
    ),
    "FILE_UNREADABLE": N_("The file is damaged, or is no table that can be read."),
    "FILE_EMPTY": N_("The file holds no rows below its heads."),
    "SKU_MISSING": N_("Name one listing by its SKU."),
    "SKU_UNKNOWN": N_("This shop has no listing with this SKU."),
    "SKU_TWICE": N_("This SKU stands in an earlier row already."),
    "FLOOR_ABOVE_PRICE": N_("The floor price is above the present price of %(price)s."),
    "FLOOR_CHANGED": N_("A colleague set %(floor)s meanwhile. Send yours once more to set it all the same."),
    "FLOOR_GONE": N_("A colleague took this floor away meanwhile. Send yours once more to set it all the same."),
    "UNKNOWN_FIELD": N_("There is no such setting."),
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
