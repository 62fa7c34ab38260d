"""What every page of the shell shows."""

from typing import Any

from django.http import HttpRequest


def nav(request: HttpRequest) -> dict[str, Any]:
    """Return the side bar."""
    return {"nav": []}
