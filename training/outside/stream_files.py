"""The pieces of a test stream as they lie on the disk."""

import re
from pathlib import Path
from typing import BinaryIO

PIECE = re.compile(r"[a-z0-9_-]{1,40}\.(m3u8|mp4|m4s|webm)\Z")
TYPES = {"m3u8": "application/vnd.apple.mpegurl", "mp4": "video/mp4", "m4s": "video/iso.segment", "webm": "video/webm"}


def open_piece(folder: Path, name: str) -> BinaryIO | None:
    """Open a piece for reading, if it is one and is there."""
    path = folder / name
    if not PIECE.match(name) or not path.is_file():
        return None
    return path.open("rb")


def media_type(name: str) -> str:
    """Return the type of a piece."""
    return TYPES[name.rsplit(".", 1)[-1]]
