"""Is one set of thresholds looser than another, and does it learn from the past or state its limits?"""

from decimal import Decimal

from pricing_guard.rules.thresholds import SWITCH, Thresholds

# The higher, the less is objected to; of the others, the lower.
MORE_IS_LOOSER = frozenset(
    {
        *("ceiling_price", "max_drop_last", "max_rise_last", "max_drop_low_7", "max_drop_low_30", "max_drop_low_90"),
        *("max_drop_median", "max_rise_median", "max_drop_list", "max_rise_list", "max_total_discount"),
        *("smallest_slip", "far_from_usual", "familiar_days", "below_reference", "orders_per_minute"),
        *("units_per_10_minutes", "units_per_order", "units_per_buyer", "exposure_cap"),
    }
)
LESS_IS_LOOSER = frozenset({"floor_price", "cost", "minimum_margin", "usual_listings"})
LEARNING = (
    *("max_drop_last", "max_rise_last", "max_drop_low_7", "max_drop_low_30", "max_drop_low_90", "max_drop_median"),
    *("max_rise_median", "max_drop_list", "max_rise_list", "decimal_shift", "digit_slips", "cents_as_yuan"),
    *("far_from_usual", "max_total_discount", "coupon_sense"),
)
STATED = (
    *("floor_price", "ceiling_price", "cost", "never_below_cost", "minimum_margin", "stack_below_floor"),
    *("orders_per_minute", "units_per_10_minutes", "units_per_order", "units_per_buyer", "exposure_cap"),
)


def is_looser(new: Thresholds, old: Thresholds) -> bool:
    """Say whether anything is let through now that was objected to before."""
    return any(_is_looser(name, getattr(new, name), getattr(old, name)) for name in _named())


def learns(thresholds: Thresholds) -> bool:
    """Say whether any check that learns from the past is set."""
    return any(getattr(thresholds, name) for name in LEARNING)


def states_limits(thresholds: Thresholds) -> bool:
    """Say whether any limit is set that the merchant states itself."""
    return any(getattr(thresholds, name) for name in STATED)


def _named() -> list[str]:
    return [*sorted(MORE_IS_LOOSER | LESS_IS_LOOSER), *SWITCH]


def _is_looser(name: str, new: Decimal | bool | None, old: Decimal | bool | None) -> bool:
    if old is None or old is False:
        return False
    if new is None or new is False:
        return True
    return new > old if name in MORE_IS_LOOSER else new < old
