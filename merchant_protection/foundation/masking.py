"""Showing just enough of what is personal."""

TAIL = 4


def masked(reference: str) -> str:
    """Show only enough of a buyer's reference to tell two apart: u***4821."""
    return f"{reference[:1]}***{reference[-TAIL:]}" if len(reference) > TAIL + 1 else "***"
