"""The data files beside this package: products, places, words."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"


@functools.cache
def places() -> list[dict[str, Any]]:
    """Return the towns that buyers live in."""
    return list(json.loads((FOLDER / "places.json").read_text(encoding="utf-8")))


@functools.cache
def words() -> dict[str, Any]:
    """Return names, reasons and other words."""
    return dict(json.loads((FOLDER / "words.json").read_text(encoding="utf-8")))


@functools.cache
def families(goods: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of one product file: category, title, cost share, specs."""
    path = Path(goods) if goods.endswith(".txt") else FOLDER / f"{goods}.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(
        tuple(part.strip() for part in line.split("|")) for line in lines if line.strip() and not line.startswith("#")
    )
