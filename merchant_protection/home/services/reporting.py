"""Reporting a warning (举报): a complaint is begun with what is known, then the warning is answered."""

from datetime import datetime

from django.utils.translation import gettext as _

from claims.models import Claim
from claims.services import filing
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, require
from merchant_protection.risk import policies, queries
from merchant_protection.risk.services import warnings


def report(*, warning_id: int, actor: Actor, at: datetime) -> Claim:
    """Begin a complaint about a warning and answer it so; done again, it is the same complaint.

    The complaint and the answer are two commits: whoever is interrupted between them reports again and finds
    the complaint that was begun.
    """
    warning = queries.find(warning_id)
    require(policies.can_answer(actor, warning.merchant_id))
    if not warning.is_unanswered:
        status = {"status": warning.get_status_display()}
        raise Conflict(_("It cannot be done any more: the state is “%(status)s”.") % status)
    claim = filing.draft_from_warning(warning_id=warning_id, actor=actor, at=at)
    warnings.report(actor=actor, warning_id=warning_id, at=at, note=str(claim.pk))
    return claim
