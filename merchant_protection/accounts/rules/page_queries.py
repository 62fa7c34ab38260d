"""The part of a list's address that says what is shown: filters, search and order, not which page of it."""

from urllib.parse import parse_qsl, urlencode

PASSING = frozenset({"after", "before", "page", "saved"})
LONGEST = 1_000


def canonical(query: str) -> str:
    """Return a query in one spelling: equal filters give equal texts, whatever order they were chosen in."""
    pairs = parse_qsl(query.replace("\x00", ""), max_num_fields=200) if query.count("&") < 200 else []
    return urlencode(sorted((name, value) for name, value in pairs if name not in PASSING and value.strip()))
