"""How amounts of money are written."""

SIGNS = {"CNY": "¥", "GBP": "£", "USD": "$", "EUR": "€", "HKD": "HK$", "JPY": "JP¥"}


def sign(currency: str) -> str:
    """Return the sign before an amount; a currency without one is named."""
    return SIGNS.get(currency or "CNY", f"{currency} ")
