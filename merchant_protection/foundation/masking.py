"""Showing just enough of what is personal."""


def masked(reference: str) -> str:
    """Show only enough of a buyer's reference to tell two apart: u***4821."""
    return f"{reference[:1]}***{reference[-4:]}" if len(reference) > 5 else f"{reference[:1]}***{reference[-1:]}"
