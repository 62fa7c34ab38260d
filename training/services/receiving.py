"""Files that people send for courses: quarantined, opened apart, and shown by their clean copies only."""

import hashlib
import io
from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.files import lifecycle, wording
from merchant_protection.files import queries as files
from merchant_protection.files.models import Derivative, StoredFile
from merchant_protection.files.outside import store
from merchant_protection.files.rules import limits
from merchant_protection.files.services import uploads
from merchant_protection.foundation.errors import Conflict
from training.models import CourseFile, CourseVersion
from training.outside import file_store
from training.queries import courses
from training.rules import folder_files


def take_in(*, actor: Actor, name: str, content: bytes, at: datetime) -> int:
    """Take a file of a course that came whole; return its number."""
    return uploads.take_in(
        actor=actor,
        merchant_id=None,
        purpose=limits.COURSE_FILE,
        name=name.rpartition("/")[2],
        stream=io.BytesIO(content),
        size=len(content),
        at=at,
    ).pk


def fingerprint(file: StoredFile) -> str:
    """Return the SHA-256 of a file that has come whole, sealed or still in pieces."""
    if file.digest:
        return file.digest
    digest = hashlib.sha256()
    for place in file.parts:
        for block in store.blocks(store.path_of(place)):
            digest.update(block)
    return digest.hexdigest()


def stored(file: CourseFile) -> StoredFile | None:
    """Return what a file of a course was sent as; None for the portal's own."""
    return files.shared(file.stored_id) if file.stored_id is not None else None


def content_of(file: CourseFile) -> bytes:
    """Return a file of a course for its folder to go out again; only one that was found clean.

    It is what was sent, or the clean copy where that is of another kind (HEIC and MOV are kept as JPG and MP4).
    """
    if file.stored_id is None:
        with file_store.open_file(file.digest) as opened:
            return opened.read()
    sent = stored(file)
    kept: StoredFile | Derivative | None = None
    if sent is not None and sent.status == lifecycle.CLEAN:
        is_converted = folder_files.ending(sent.name) in folder_files.CONVERTED
        kept = files.derivative(sent, role="CLEAN") if is_converted else sent
    if kept is None:
        raise Conflict(_("%(name)s is still being checked.") % {"name": file.name})
    return b"".join(store.blocks(store.path_of(kept.place)))


def states(version: CourseVersion) -> dict[str, str]:
    """Return what stands against files of a version, in words: still being checked, or why not taken."""
    said = {}
    for file in courses.files_of(version.pk).exclude(stored_id=None):
        sent = stored(file)
        if sent is None:
            said[file.name] = _("no longer there")
        elif sent.status == lifecycle.REJECTED:
            said[file.name] = wording.reason(sent.reason)
        elif sent.status != lifecycle.CLEAN:
            said[file.name] = str(sent.get_status_display())
    return said
