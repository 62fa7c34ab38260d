"""Evidence as a page shows it: addresses for one person, facts, and where the same picture was shown before."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from claims.models import Evidence
from claims.queries import evidence as queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.files import lifecycle
from merchant_protection.files import queries as files
from merchant_protection.files.services import addresses


def gallery(
    *, actor: Actor, pieces: Sequence[Evidence], at: datetime, is_staff_page: bool = False
) -> list[dict[str, Any]]:
    """Return what the viewer needs of each piece, in plain values; one that is not clean has no addresses."""
    copies: dict[int, list[Any]] = defaultdict(list)
    for made in files.derivatives_of([each.file_id for each in pieces]):
        copies[made.file_id].append(made)
    same = queries.same_pictures(pieces)
    return [
        _shown(each, copies[each.file_id], same.get(each.pk, []), actor=actor, at=at, is_staff_page=is_staff_page)
        for each in pieces
    ]


def _shown(
    piece: Evidence, copies: list[Any], same: list[Evidence], *, actor: Actor, at: datetime, is_staff_page: bool
) -> dict[str, Any]:
    file = piece.file

    def address(copy: str) -> str:
        return addresses.address(actor=actor, file=file, at=at, copy=copy, is_staff_page=is_staff_page)

    shown: dict[str, Any] = {
        "id": piece.pk,
        "name": file.name,
        "kind": file.kind,
        "type": str(piece.get_type_display()),
        "note": piece.note,
        "digest": file.digest,
        "size": file.bytes_expected,
        "status": file.status,
        "facts": {str(name): str(value) for name, value in file.facts.items()},
        "same": sorted({other.claim.number for other in same}),
        "pages": [],
    }
    if file.status != lifecycle.CLEAN:
        return shown
    roles = {made.role for made in copies}
    shown["original"] = address("original")
    if "THUMBNAIL" in roles:
        shown["thumbnail"] = address("thumbnail")
    if "CLEAN" in roles:
        shown["clean"] = address("clean")
    if "STILL" in roles:
        shown["still"] = address("still")
    shown["pages"] = [address(f"page-{made.number}") for made in copies if made.role == "PAGE"]
    return shown
