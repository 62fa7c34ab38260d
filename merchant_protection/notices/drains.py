"""Claim the mail that is due, send it with no transaction open, note what became of it."""

import logging
from collections.abc import Callable
from datetime import datetime
from smtplib import SMTPException

from merchant_protection.foundation import leases
from merchant_protection.notices import queries
from merchant_protection.notices.outside import post
from merchant_protection.notices.services import mailing

logger = logging.getLogger(__name__)

BATCH = 20


def send_mail(now: Callable[[], datetime]) -> int:
    """Send the mail that is due; return how many were tried."""
    mailing.write_invitations(now=now())
    claimed = leases.claim(queries.mail_due(), now=now(), limit=BATCH)
    for delivery in claimed:
        try:
            letter = mailing.letter_for(delivery)
            post.send(recipient=delivery.recipient, subject=letter.subject, text=letter.text, html=letter.html)
        except (SMTPException, OSError) as error:
            mailing.failed(delivery=delivery, at=now(), error=str(error))
        except Exception as error:
            logger.exception("Could not write mail %s", delivery.pk)
            mailing.failed(delivery=delivery, at=now(), error=repr(error))
        else:
            mailing.delivered(delivery=delivery, at=now())
    return len(claimed)
