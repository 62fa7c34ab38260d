"""Addresses of files: signed, short-lived, and good only for the person they were given to."""

from datetime import datetime

from django.core.signing import Signer
from django.urls import reverse

from merchant_protection.accounts.actor import Actor
from merchant_protection.files import policies
from merchant_protection.files.models import StoredFile
from merchant_protection.files.rules import addresses
from merchant_protection.foundation.crypto import same
from merchant_protection.foundation.errors import require

ORIGINAL = "original"
_signer = Signer(salt="files.address")


def address(*, actor: Actor, file: StoredFile, at: datetime, copy: str = "clean", is_staff_page: bool = False) -> str:
    """Return the address of a file's copy (`clean`, `thumbnail`, `still`, `page-3`) or of the `original`."""
    require(policies.can_see(actor, file))
    until = addresses.until(at)
    path = reverse("staff_file" if is_staff_page else "file", kwargs={"pk": file.pk, "copy": copy})
    return f"{path}?until={until}&sig={_signature(actor, file.pk, copy, until)}"


def is_good(*, actor: Actor, file_id: int, copy: str, until: str, signature: str, at: datetime) -> bool:
    """Say whether this person was given this address, and not too long ago."""
    if not (until.isascii() and until.isdigit() and len(until) <= 12) or addresses.is_over(int(until), at):
        return False
    return same(_signature(actor, file_id, copy, int(until)), signature)


def _signature(actor: Actor, file_id: int, copy: str, until: int) -> str:
    return _signer.signature(f"{actor.kind}:{actor.id}:{file_id}:{copy}:{until}")
