"""Where the files of courses are kept: each once, under its fingerprint."""

import hashlib
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

FOLDER = "training"


def keep(content: bytes) -> str:
    """Keep a file and return its fingerprint; one that is there already is kept once."""
    digest = hashlib.sha256(content).hexdigest()
    if not default_storage.exists(_path(digest)):
        default_storage.save(_path(digest), ContentFile(content))
    return digest


def fingerprint(content: bytes) -> str:
    """Return the fingerprint under which a file would be kept."""
    return hashlib.sha256(content).hexdigest()


def open_file(digest: str) -> BinaryIO:
    """Open a kept file for reading."""
    return default_storage.open(_path(digest), "rb")  # type: ignore[return-value]


def _path(digest: str) -> str:
    return f"{FOLDER}/{digest[:2]}/{digest}"
