"""Amounts as people type and read them."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

PLACES = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3}
SIGNS = {"CNY": "¥", "GBP": "£", "USD": "$", "EUR": "€", "JPY": "JP¥"}
HUNDRED = Decimal(100)


def places(currency: str) -> int:
    """Return how many decimals a price in this currency is written with."""
    return PLACES.get(currency, 2)


def quantum(currency: str) -> Decimal:
    """Return the smallest amount of a currency, such as 0.01."""
    return Decimal(1).scaleb(-places(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round an amount to what can be charged, halves upwards."""
    return amount.quantize(quantum(currency), rounding=ROUND_HALF_UP)


def rounded_down(amount: Decimal, currency: str) -> Decimal:
    """Cut an amount to what can be charged."""
    return amount.quantize(quantum(currency), rounding=ROUND_FLOOR)


def rounded_up(amount: Decimal, currency: str) -> Decimal:
    """Raise an amount to the next one that can be charged."""
    return amount.quantize(quantum(currency), rounding=ROUND_CEILING)


def shown(amount: Decimal, currency: str) -> str:
    """Write an amount with its currency, as on a price tag."""
    text = f"{rounded(amount, currency):,}"
    sign = SIGNS.get(currency)
    return f"{sign}{text}" if sign else f"{currency} {text}"


def lowest_after_drop(reference: Decimal, percent: Decimal) -> Decimal:
    """Return the lowest price that is still within a drop of `percent` from the reference."""
    return reference * (HUNDRED - percent) / HUNDRED


def highest_after_rise(reference: Decimal, percent: Decimal) -> Decimal:
    """Return the highest price that is still within a rise of `percent` from the reference."""
    return reference * (HUNDRED + percent) / HUNDRED


def lowest_with_margin(cost: Decimal, percent: Decimal) -> Decimal:
    """Return the lowest price that leaves a margin of `percent` of the price above the cost."""
    return cost * HUNDRED / (HUNDRED - percent)


def change_percent(price: Decimal, reference: Decimal) -> Decimal:
    """Return by how many percent a price lies above (or, negative, below) its reference."""
    return ((price - reference) * HUNDRED / reference).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
