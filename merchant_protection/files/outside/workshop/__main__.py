"""Open one file, make harmless copies of it, and tell what it says of itself."""

import json
import sys
from pathlib import Path

from merchant_protection.files.outside.workshop import bounds

bounds.set_bounds()

from merchant_protection.files.outside.workshop import images, media, office, papers, texts, vectors  # noqa: E402  after the bounds

MAKERS = {
    "IMAGE": images.make,
    "PDF": papers.make,
    "VIDEO": media.make_film,
    "AUDIO": media.make_sound,
    "TEXT": texts.make,
    "WEBM": media.make_web_film,
    "SVG": vectors.make,
    "VTT": texts.make_captions,
    "CSV": texts.make_table,
    "OFFICE": office.make,
}


def main(kind: str, media_type: str, source: str, folder: str) -> None:
    """Write the answer to standard output."""
    try:
        answer = MAKERS[kind](Path(source), media_type, Path(folder))
    except bounds.Refused as refused:
        answer = {"refused": refused.code}
    except MemoryError:
        answer = {"refused": "too_heavy"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:5])
