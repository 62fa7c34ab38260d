"""The routes of warnings with shop A's ids, for the matrix of `test_routes`."""

from typing import Any

from tests.factories.risk import WarningFactory

CANARY = "KANARIENVOGEL"


def ids_of(shop: Any) -> dict[str, dict[str, Any]]:
    """A warning of shop A, by each route that shows or answers it."""
    warning = {"pk": WarningFactory(merchant=shop, kind="HOARDING", dedupe_key=CANARY, answer_note=CANARY).pk}
    return dict.fromkeys(("warning", "warning_answer"), warning)
