"""Files on their way in: begun, continued piece by piece, whole, taken out again."""

from datetime import datetime, timedelta
from typing import BinaryIO

from django.db.models import F
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.files import lifecycle, policies, queries
from merchant_protection.files.models import Allowance, StoredFile
from merchant_protection.files.outside import store
from merchant_protection.files.outside.store import Part
from merchant_protection.files.rules import limits, names
from merchant_protection.foundation import waking
from merchant_protection.foundation.errors import Conflict, Invalid, Refusal, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction, transaction_required

ABANDONED_AFTER = timedelta(days=1)
AT_ONCE = 200


class TooMuch(Refusal):
    """The file is larger than is taken, or the shop has no room left for it."""

    status = 413


class Elsewhere(Conflict):
    """The sender and we do not agree how much has arrived; `offset` says where to go on."""

    def __init__(self, message: str, *, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@transaction
def begin(*, actor: Actor, merchant_id: int | None, purpose: str, name: str, size: int, at: datetime) -> StoredFile:
    """Expect a file; the same one of the same sender that was cut off is gone on with instead."""
    require(policies.can_send(actor, merchant_id, purpose))
    name = names.shown(name)
    _check(limits.PURPOSES[purpose], name, size)
    file = queries.unfinished(actor, merchant_id, purpose=purpose, name=name, size=size)
    if file is not None:
        return file
    _reserve(merchant_id, size)
    file = StoredFile.objects.create(
        merchant_id=merchant_id,
        purpose=purpose,
        name=name,
        bytes_expected=size,
        uploaded_by_kind=actor.kind,
        uploaded_by_id=actor.id,
        uploaded_by=actor.name[:200],
        created_at=at,
    )
    _record(file, "file.begun", actor=actor, at=at, after={"name": name, "bytes": size, "purpose": purpose})
    return file


@transaction
def add(*, actor: Actor, file_id: int, offset: int, part: Part, at: datetime) -> StoredFile:
    """Take a piece that is on the disk already; with the last one the file is whole and waits to be checked.

    A piece for another place than the next one is refused with the place to go on at, so that a lost answer and
    two windows at once do no harm.
    """
    file = queries.lock(file_id)
    require(policies.can_change(actor, file))
    if file.status != lifecycle.UPLOADING or offset != file.bytes_received:
        raise Elsewhere(_("This piece of the file is not the next one."), offset=file.bytes_received)
    if not part.size or offset + part.size > file.bytes_expected:
        raise TooMuch(_("More arrived than the file was said to have."))
    file.parts.append(part.place)
    file.bytes_received += part.size
    if file.bytes_received == file.bytes_expected:
        file.status = target_of(lifecycle.MOVES, "receive", file.status)
        file.received_at = file.due_at = at
        waking.wake()
    file.save(update_fields=["parts", "bytes_received", "status", "received_at", "due_at"])
    return file


@transaction
def discard(*, actor: Actor, file_id: int, at: datetime) -> StoredFile:
    """Take a file out: what was kept of it is erased, and the shop has its room back. Safe to run twice."""
    file = queries.lock(file_id)
    require(policies.can_change(actor, file))
    if file.bound_to:
        raise Conflict(_("This file is in use. Take it out where it is used."))
    if file.status not in lifecycle.GONE:
        _discard(file, actor=actor, at=at)
    return file


@transaction_required
def bind(*, actor: Actor, file_id: int, to: str) -> StoredFile:
    """Say what a file is used for, so that it is kept; it can be used for one thing only, and may still be on its way.

    `to` names the thing for who reads the tables: "evidence 5".
    """
    file = queries.lock(file_id)
    require(policies.can_change(actor, file))
    if file.bound_to or file.status in lifecycle.GONE:
        raise Conflict(_("This file is used already or no longer there. Send it again."))
    file.bound_to = to
    file.save(update_fields=["bound_to"])
    return file


@transaction_required
def let_go(*, actor: Actor, file_id: int, at: datetime) -> StoredFile:
    """Give up a file that is no longer used: it is erased like one that is taken out."""
    file = queries.lock(file_id)
    file.bound_to = ""
    file.save(update_fields=["bound_to"])
    if file.status not in lifecycle.GONE:
        _discard(file, actor=actor, at=at)
    return file


def take_in(
    *, actor: Actor, merchant_id: int | None, purpose: str, name: str, stream: BinaryIO, size: int, at: datetime
) -> StoredFile:
    """Take a whole file that came with one request."""
    file = begin(actor=actor, merchant_id=merchant_id, purpose=purpose, name=name, size=size, at=at)
    stream.seek(file.bytes_received)
    return keep(actor=actor, file_id=file.pk, offset=file.bytes_received, stream=stream, at=at, at_most=size)


def keep(
    *, actor: Actor, file_id: int, offset: int, stream: BinaryIO, at: datetime, at_most: int = limits.CHUNK
) -> StoredFile:
    """Write a piece to the disk as it comes and take it; a piece that is refused leaves nothing behind."""
    try:
        part = store.write(stream, at_most=at_most)
    except store.TooLarge as error:
        raise TooMuch(_("This piece of the file is too large.")) from error
    try:
        return add(actor=actor, file_id=file_id, offset=offset, part=part, at=at)
    except Refusal:
        store.erase([part.place])
        raise


def discard_abandoned(*, now: datetime) -> int:
    """Give up files that never came whole, or were used for nothing, within a day; return how many."""
    ids = list(queries.abandoned(before=now - ABANDONED_AFTER).values_list("pk", flat=True)[:AT_ONCE])
    return sum(_give_up(file_id=file_id, now=now) for file_id in ids)


@transaction
def _give_up(*, file_id: int, now: datetime) -> bool:
    file = queries.lock(file_id)
    if file.status in lifecycle.GONE or (file.status != lifecycle.UPLOADING and file.bound_to):
        return False
    _discard(file, actor=Actor.clock("files"), at=now)
    return True


@transaction_required
def _discard(file: StoredFile, *, actor: Actor, at: datetime) -> None:
    before = file.status
    file.status = target_of(lifecycle.MOVES, "discard", file.status)
    file.due_at, file.generation, file.attempts = at, file.generation + 1, 0
    file.save(update_fields=["status", "due_at", "generation", "attempts"])
    _record(file, "file.discarded", actor=actor, at=at, before={"status": before, "name": file.name})
    waking.wake()


def _check(purpose: limits.Purpose, name: str, size: int) -> None:
    end = names.ending(name)
    kind = next((kind for kind in purpose.kinds if end in limits.EXTENSIONS[kind]), None)
    if kind is None:
        allowed = ", ".join(each.upper() for each in purpose.extensions)
        raise Invalid(
            fields={"name": [_("This type of file is not taken. Possible are: %(types)s.") % {"types": allowed}]}
        )
    if size <= 0:
        raise Invalid(fields={"size": [_("The file is empty.")]})
    if size > limits.LARGEST[kind]:
        most = limits.LARGEST[kind] // limits.MEGABYTE
        raise TooMuch(_("The file is too large: %(most)d MB at most for this type.") % {"most": most})


@transaction_required
def _reserve(merchant_id: int | None, size: int) -> None:
    """Take the room from what the shop may keep; the database decides between many at once."""
    if merchant_id is None:
        return
    Allowance.objects.bulk_create([Allowance(merchant_id=merchant_id, cap=limits.SHOP_QUOTA)], ignore_conflicts=True)
    room = Allowance.objects.filter(merchant_id=merchant_id, used__lte=F("cap") - size)
    if not room.update(used=F("used") + size):
        raise TooMuch(_("Your shop has no room left for this file. Remove files that are no longer needed."))


def _record(file: StoredFile, action: str, *, actor: Actor, at: datetime, **facts: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=file.merchant_id,
        subject_kind="file",
        subject_id=file.pk,
        **facts,  # type: ignore[arg-type]
    )
