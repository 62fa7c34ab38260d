"""Files that go with a message: through the same pipeline as evidence, and shown like it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from claims.models import Attachment, Claim, Message
from claims.queries import evidence as queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.files import lifecycle
from merchant_protection.files import queries as files
from merchant_protection.files.rules.limits import EVIDENCE
from merchant_protection.files.services import addresses, uploads
from merchant_protection.foundation.errors import Invalid
from merchant_protection.foundation.transactions import transaction_required

MOST = 5


def take_in(*, claim: Claim, sent: Sequence[Any], actor: Actor, at: datetime) -> list[int]:
    """Take the files that came with a message; each is checked before anybody can open it."""
    if len(sent) > MOST:
        raise Invalid(fields={"files": [_("At most %(most)d files go with a message.") % {"most": MOST}]})
    try:
        return [
            uploads.take_in(
                actor=actor,
                merchant_id=claim.merchant_id,
                purpose=EVIDENCE,
                name=each.name,
                stream=each,
                size=each.size,
                at=at,
            ).pk
            for each in sent
        ]
    except Invalid as refusal:
        reasons = [reason for reasons in refusal.fields.values() for reason in reasons]
        raise Invalid(refusal.message, fields={"files": reasons}) from refusal


@transaction_required
def attach(message: Message, file_ids: Iterable[int], *, actor: Actor, at: datetime) -> list[Attachment]:
    """Let files go with a message that is being written; they may still be on their way to being checked."""
    attached = []
    for file_id in file_ids:
        file = uploads.bind(actor=actor, file_id=file_id, to=f"message {message.pk}")
        if file.merchant_id != message.merchant_id:
            raise Invalid(fields={"files": [_("This file belongs to another shop.")]})
        attached.append(Attachment.objects.create(merchant_id=message.merchant_id, message=message, file=file))
        audit.record(
            actor=actor,
            action="message.file_sent",
            at=at,
            merchant_id=message.merchant_id,
            subject_kind="claim",
            subject_id=message.claim_id,
            after={"file": file.name, "message": message.pk},
        )
    return attached


def shown(*, claim: Claim, actor: Actor, at: datetime, is_staff_page: bool = False) -> dict[int, list[dict[str, Any]]]:
    """Return the files of each message of a complaint, with addresses that are good for this person only."""
    rows = list(queries.attachments_of(claim))
    pictures = {
        made.file_id for made in files.derivatives_of([row.file_id for row in rows]) if made.role == "THUMBNAIL"
    }
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        is_clean = row.file.status == lifecycle.CLEAN
        copies = [addresses.ORIGINAL, *(["thumbnail"] if row.file_id in pictures else [])] if is_clean else []
        links = {
            copy: addresses.address(actor=actor, file=row.file, at=at, copy=copy, is_staff_page=is_staff_page)
            for copy in copies
        }
        found[row.message_id].append({"file": row.file, **links})
    return dict(found)
