"""What each threshold means in a merchant's words: the gaps of the editor, the summary of a version, a comparison."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from merchant_protection.foundation import money
from pricing_guard.models import GuardPolicy
from pricing_guard.rules.thresholds import COUNT, MONEY, PERCENT, SWITCH


@dataclass(frozen=True)
class Word:
    """One threshold: its name on the page, and what it does, in a line."""

    label: Promise
    hint: Promise


@dataclass(frozen=True)
class Group:
    """Thresholds that belong together, with what they guard against."""

    key: str
    title: Promise
    sub: Promise
    fields: tuple[str, ...]


WORDS: dict[str, Word] = {
    "floor_price": Word(gettext_lazy("Floor price"), gettext_lazy("No price below this.")),
    "ceiling_price": Word(gettext_lazy("Ceiling price"), gettext_lazy("No price above this.")),
    "cost": Word(gettext_lazy("Cost of a unit"), gettext_lazy("Blank takes the cost the platform tells.")),
    "never_below_cost": Word(gettext_lazy("Never below cost"), gettext_lazy("Object to every price under the cost.")),
    "minimum_margin": Word(
        gettext_lazy("Smallest margin"), gettext_lazy("What must be left of the price after the cost.")
    ),
    "max_drop_last": Word(
        gettext_lazy("Largest drop in one step"), gettext_lazy("Against the last price that was confirmed.")
    ),
    "max_rise_last": Word(
        gettext_lazy("Largest rise in one step"), gettext_lazy("Against the last price that was confirmed.")
    ),
    "max_drop_low_7": Word(
        gettext_lazy("Drop below the low of 7 days"), gettext_lazy("Against the lowest price of that stretch.")
    ),
    "max_drop_low_30": Word(
        gettext_lazy("Drop below the low of 30 days"), gettext_lazy("Against the lowest price of that stretch.")
    ),
    "max_drop_low_90": Word(
        gettext_lazy("Drop below the low of 90 days"), gettext_lazy("Against the lowest price of that stretch.")
    ),
    "max_drop_median": Word(
        gettext_lazy("Drop below the median"), gettext_lazy("Against the middle of the last thirty accepted prices.")
    ),
    "max_rise_median": Word(
        gettext_lazy("Rise above the median"), gettext_lazy("Against the middle of the last thirty accepted prices.")
    ),
    "max_drop_list": Word(gettext_lazy("Drop below the list price"), gettext_lazy("Where a list price is known.")),
    "max_rise_list": Word(gettext_lazy("Rise above the list price"), gettext_lazy("Where a list price is known.")),
    "decimal_shift": Word(gettext_lazy("Moved decimal point"), gettext_lazy("12.90 typed for 129.")),
    "digit_slips": Word(
        gettext_lazy("Slips of a digit"), gettext_lazy("A digit left out, typed twice, or two swapped.")
    ),
    "cents_as_yuan": Word(gettext_lazy("Cents read as yuan"), gettext_lazy("12,900 given for 129.00, or the reverse.")),
    "smallest_slip": Word(gettext_lazy("Slips smaller than this pass"), gettext_lazy("Too small to be worth a doubt.")),
    "far_from_usual": Word(
        gettext_lazy("Far from everything it ever cost"),
        gettext_lazy("So many times below the lowest; above the highest, four times as far."),
    ),
    "familiar_days": Word(
        gettext_lazy("A price is remembered for"), gettext_lazy("What was accepted within it is familiar.")
    ),
    "usual_listings": Word(
        gettext_lazy("Common price of the shop"),
        gettext_lazy("A price that so many products have had is nobody's slip."),
    ),
    "max_total_discount": Word(
        gettext_lazy("Largest discount of all offers together"),
        gettext_lazy("At worst, with everything a buyer can stack."),
    ),
    "stack_below_floor": Word(
        gettext_lazy("Offers that break the floor"),
        gettext_lazy("Object when stacked offers lead below floor or cost."),
    ),
    "coupon_sense": Word(
        gettext_lazy("Coupons that make no sense"), gettext_lazy("“200 off 100”, or a percentage typed as money.")
    ),
    "below_reference": Word(
        gettext_lazy("An order counts as cheap from"), gettext_lazy("So far under the price we believe in.")
    ),
    "orders_per_minute": Word(gettext_lazy("Cheap orders in a minute"), gettext_lazy("More than these, and it stops.")),
    "units_per_10_minutes": Word(
        gettext_lazy("Cheap units in 10 minutes"), gettext_lazy("More than these, and it stops.")
    ),
    "units_per_order": Word(gettext_lazy("Units in one cheap order"), gettext_lazy("More than these are held.")),
    "units_per_buyer": Word(gettext_lazy("Cheap units of one buyer"), gettext_lazy("More than these are held.")),
    "exposure_cap": Word(
        gettext_lazy("Most that may be at stake"),
        gettext_lazy("What open orders pay less than the price we believe in."),
    ),
}
GROUPS = (
    Group(
        "absolute",
        gettext_lazy("Limits in money"),
        gettext_lazy("What you know of your products. These may act by themselves from the first day."),
        ("floor_price", "ceiling_price", "cost", "minimum_margin", "never_below_cost"),
    ),
    Group(
        "references",
        gettext_lazy("Against earlier prices"),
        gettext_lazy("How far a price may move from what it was."),
        (
            *("max_drop_last", "max_rise_last", "max_drop_low_7", "max_drop_low_30", "max_drop_low_90"),
            *("max_drop_median", "max_rise_median", "max_drop_list", "max_rise_list"),
        ),
    ),
    Group(
        "slips",
        gettext_lazy("Typing slips"),
        gettext_lazy("Prices that look like another price, mistyped."),
        (
            *("decimal_shift", "digit_slips", "cents_as_yuan", "smallest_slip", "far_from_usual"),
            *("familiar_days", "usual_listings"),
        ),
    ),
    Group(
        "promotions",
        gettext_lazy("Promotions"),
        gettext_lazy("Looked at when they are planned, a day ahead, and when they start."),
        ("max_total_discount", "stack_below_floor", "coupon_sense"),
    ),
    Group(
        "orders",
        gettext_lazy("Orders"),
        gettext_lazy("The net below the price check: orders that come too fast or too cheap."),
        (
            *("below_reference", "orders_per_minute", "units_per_10_minutes", "units_per_order"),
            *("units_per_buyer", "exposure_cap"),
        ),
    ),
)
SEVERITIES = (
    ("NOTE", gettext_lazy("Worth a note")),
    ("DOUBTFUL", gettext_lazy("Doubtful")),
    ("SERIOUS", gettext_lazy("Serious")),
    ("CRITICAL", gettext_lazy("Critical")),
)
UNITS = {
    "familiar_days": pgettext_lazy("threshold", "days"),
    "usual_listings": pgettext_lazy("threshold", "products"),
    "orders_per_minute": pgettext_lazy("threshold", "orders"),
    "units_per_10_minutes": pgettext_lazy("threshold", "units"),
    "units_per_order": pgettext_lazy("threshold", "units"),
    "units_per_buyer": pgettext_lazy("threshold", "units"),
    "far_from_usual": pgettext_lazy("threshold", "times"),
}


def unit(name: str, currency: str) -> str:
    """Return what stands beside the number of a threshold."""
    if name in MONEY:
        return money.sign(currency)
    return "%" if name in PERCENT else str(UNITS.get(name, ""))


def value(name: str, said: object, currency: str) -> str:
    """Return what a threshold is set to, as it is read."""
    if said in (None, ""):
        return _("not set")
    if name in SWITCH:
        return _("yes") if said is True or str(said).lower() == "true" else _("no")
    if name in MONEY:
        return f"{money.sign(currency)}{Decimal(str(said)):,.2f}"
    number = f"{int(str(said)):,}" if name in COUNT else f"{Decimal(str(said)).normalize():f}"
    mark = unit(name, currency)
    return f"{number}%" if mark == "%" else f"{number} {mark}".strip()


def summary(thresholds: Mapping[str, Any], currency: str) -> Iterator[dict[str, Any]]:
    """Yield what a version sets, group by group; what is blank is left out."""
    for group in GROUPS:
        lines = [
            {"label": WORDS[name].label, "value": value(name, thresholds[name], currency)}
            for name in group.fields
            if thresholds.get(name) is not None
        ]
        if lines:
            yield {"title": group.title, "lines": lines}


def changes(before: Mapping[str, Any], after: Mapping[str, Any], currency: str) -> Iterator[dict[str, Any]]:
    """Yield every threshold in which two versions differ, as it was and as it is."""
    for name, word in WORDS.items():
        old, new = before.get(name), after.get(name)
        if old != new:
            yield {
                "label": word.label,
                "before": value(name, old, currency),
                "after": value(name, new, currency),
                "name": name,
            }


def why_it_leads(policy: str, scope: str, mode: str) -> str:
    """Say which policy leads for a product, why, and how far it goes by itself; without a name, the baseline."""
    if not policy:
        return _("No policy of yours covers it. The baseline tells you, and stops nothing.")
    told = {"name": policy, "mode": GuardPolicy.Mode(mode).label}
    if scope == "LISTINGS":
        return _("“%(name)s” leads, because it names this product. What is done follows it: %(mode)s.") % told
    if scope == "CATEGORY":
        return (
            _(
                "“%(name)s” leads, because it names this product's category and none names the product. "
                "What is done follows it: %(mode)s."
            )
            % told
        )
    return (
        _(
            "“%(name)s” leads, because it holds for the whole shop and none is more specific. "
            "What is done follows it: %(mode)s."
        )
        % told
    )
