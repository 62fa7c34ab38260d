"""Why a file was not taken, in words: for pages, files and the API alike."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Promise] = {
    "wrong_type": _("This is not a file of a type we take, whatever its name says."),
    "damaged": _("The file is damaged or not complete. Save it again and send that."),
    "too_many_pixels": _("The picture is larger than 25 megapixels. Send a smaller one."),
    "too_heavy": _("The file takes too much work to open. Send a simpler one."),
    "too_many_pages": _("The document has more than 500 pages. Send the pages that matter."),
    "too_long": _("The recording is longer than two hours. Send the part that matters."),
    "protected": _("The document is protected by a password. Send it without one."),
    "unknown_coding": _("The recording is coded in a way we cannot read. Save it as MP4 (H.264) or MP3."),
    "not_text": _("This is not plain text."),
    "empty": _("There is nothing in the file."),
    "has_programs": _("The document holds programs, or parts from elsewhere. Save it without them."),
    "malware": _("A virus scanner found something harmful in the file."),
    "not_checked": _("The file could not be checked. Please send it again."),
}


def reason(code: str) -> str:
    """Say why a file was not taken."""
    return str(REASONS.get(code, REASONS["not_checked"]))
