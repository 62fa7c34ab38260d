"""Mail: promised as rows, written in the reader's language, sent by whoever claims them."""

import logging
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from merchant_protection.foundation import crypto, leases
from merchant_protection.foundation.transactions import transaction
from merchant_protection.notices import queries
from merchant_protection.notices.models import Delivery
from merchant_protection.notices.services import telling, wording
from merchant_protection.notices.services.wording import Letter

logger = logging.getLogger(__name__)

SWEEP_LIMIT = 100


@transaction
def send(*, recipient: str, letter: Letter, at: datetime, merchant_id: int | None = None) -> Delivery:
    """Promise a mail; it leaves by itself."""
    delivery = Delivery.objects.create(
        merchant_id=merchant_id,
        channel=Delivery.Channel.EMAIL,
        recipient=recipient,
        body_sealed=letter.sealed(),
        created_at=at,
        due_at=at,
    )
    telling.wake()
    return delivery


def write_invitations(*, now: datetime) -> int:
    """Promise the mail of each invitation that has none yet; return how many.

    Safe to run at any time and by several at once: each is looked at again under its own lock.
    """
    written = 0
    for invitation_id in queries.invitations_to_mail(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            written += _write_invitation(invitation_id=invitation_id, now=now)
        except Exception:
            logger.exception("Could not write the mail of invitation %s", invitation_id)
    return written


@transaction
def _write_invitation(*, invitation_id: int, now: datetime) -> bool:
    invitation = queries.lock_invitation(invitation_id)
    if invitation.mail_due_at is None or not invitation.token_sealed:
        return False
    token = crypto.unseal(invitation.token_sealed)
    reader = queries.user_by_email(invitation.email)
    language = reader.language if reader else invitation.merchant.language
    with translation.override(language), timezone.override(invitation.merchant.time_zone):
        letter = wording.letter(
            "invitation",
            {
                "shop": invitation.merchant.name,
                "inviter": invitation.invited_by.display_name,
                "role": invitation.get_role_display(),
                "expires_at": invitation.expires_at,
                "link": wording.address(f"/invitations/{token}/"),
            },
            subject=_("%(inviter)s invites you to %(shop)s")
            % {"inviter": invitation.invited_by.display_name, "shop": invitation.merchant.name},
        )
    Delivery.objects.create(
        merchant_id=invitation.merchant_id,
        channel=Delivery.Channel.EMAIL,
        recipient=invitation.email,
        body_sealed=letter.sealed(),
        created_at=now,
        due_at=now,
    )
    invitation.mail_due_at, invitation.token_sealed = None, ""
    invitation.save(update_fields=["mail_due_at", "token_sealed"])
    telling.wake()
    return True


def letter_for(delivery: Delivery) -> Letter | None:
    """Return what a delivery has to say; nothing where its notice was put away since it was taken up."""
    if delivery.body_sealed:
        return Letter.unsealed(delivery.body_sealed)
    full = queries.mail_with_notice(delivery.pk)
    if full.status == Delivery.Status.WITHDRAWN:
        return None
    reader = queries.user_by_email(delivery.recipient)
    if full.notice is None:
        raise ValueError(f"Delivery {delivery.pk} has neither body nor notice.")
    language = reader.language if reader else settings.LANGUAGE_CODE
    return wording.letter_of_notice(full.notice, language=language, reader_id=reader.pk if reader else None)


@transaction
def withdrawn(*, delivery: Delivery) -> bool:
    """Let a mail rest that nobody needs any more."""
    return leases.finish(delivery)


@transaction
def delivered(*, delivery: Delivery, at: datetime) -> bool:
    """Note that a mail left, and forget its words; False when somebody else has it now."""
    return leases.finish(delivery, status=Delivery.Status.DELIVERED, delivered_at=at, body_sealed="", last_error="")


@transaction
def failed(*, delivery: Delivery, at: datetime, error: str) -> bool:
    """Note that a mail did not leave: it is tried again, and given up after five tries."""
    if delivery.attempts >= leases.MAX_ATTEMPTS:
        return leases.finish(delivery, status=Delivery.Status.DEAD, last_error=error[:500])
    return leases.finish(delivery, due_at=at + leases.retry_delay(delivery.attempts), last_error=error[:500])
