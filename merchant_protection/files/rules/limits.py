"""What may be sent: which kinds of file for which purpose, and how large."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024
IMAGE, PDF, VIDEO, AUDIO, TEXT = "IMAGE", "PDF", "VIDEO", "AUDIO", "TEXT"
# What only courses hold: films of the web, drawings, captions, tables and documents to take along.
WEBM, SVG, VTT, CSV, OFFICE = "WEBM", "SVG", "VTT", "CSV", "OFFICE"

CHUNK = 4 * MEGABYTE
LARGEST: dict[str, int] = {
    IMAGE: 20 * MEGABYTE,
    PDF: 20 * MEGABYTE,
    VIDEO: 200 * MEGABYTE,
    AUDIO: 50 * MEGABYTE,
    TEXT: MEGABYTE,
    WEBM: 200 * MEGABYTE,
    SVG: MEGABYTE,
    VTT: MEGABYTE,
    CSV: 5 * MEGABYTE,
    OFFICE: 20 * MEGABYTE,
}
LONGEST_NAME = 120
# What one shop may keep; staff's own content is not counted.
SHOP_QUOTA = 4 * 1024 * MEGABYTE

EXTENSIONS: dict[str, tuple[str, ...]] = {
    IMAGE: ("jpg", "jpeg", "png", "webp", "heic", "heif"),
    PDF: ("pdf",),
    VIDEO: ("mp4", "m4v", "mov"),
    AUDIO: ("mp3",),
    TEXT: ("txt",),
    WEBM: ("webm",),
    SVG: ("svg",),
    VTT: ("vtt",),
    CSV: ("csv",),
    OFFICE: ("xlsx", "docx"),
}


@dataclass(frozen=True)
class Purpose:
    """What a file is sent for: the kinds it may have, and whether it is a shop's or everybody's."""

    code: str
    kinds: frozenset[str]
    is_of_shops: bool = True

    @property
    def largest(self) -> int:
        """The most bytes a file for this purpose can have."""
        return max(LARGEST[kind] for kind in self.kinds)

    @property
    def extensions(self) -> tuple[str, ...]:
        """The endings of names that can be chosen for it."""
        return tuple(ending for kind in EXTENSIONS if kind in self.kinds for ending in EXTENSIONS[kind])


EVIDENCE = "evidence"
COURSE_PICTURE = "course_picture"
COURSE_VIDEO = "course_video"
COURSE_PAPER = "course_paper"
COURSE_FILE = "course_file"

PURPOSES: dict[str, Purpose] = {
    each.code: each
    for each in (
        Purpose(EVIDENCE, frozenset({IMAGE, PDF, VIDEO, AUDIO, TEXT})),
        Purpose(COURSE_PICTURE, frozenset({IMAGE}), is_of_shops=False),
        Purpose(COURSE_VIDEO, frozenset({VIDEO}), is_of_shops=False),
        Purpose(COURSE_PAPER, frozenset({PDF}), is_of_shops=False),
        Purpose(COURSE_FILE, frozenset(EXTENSIONS) - {AUDIO}, is_of_shops=False),
    )
}
