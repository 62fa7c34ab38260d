"""The secret address of a person's calendar."""

from datetime import datetime

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import crypto
from merchant_protection.foundation.errors import require
from merchant_protection.foundation.transactions import transaction
from training import policies
from training.models import Learner
from training.queries import learning, sessions


@transaction
def renew(*, actor: Actor, at: datetime) -> str:
    """Make a new secret for a person's calendar and return it; the one before opens nothing any more."""
    require(policies.can_learn(actor, actor.merchant_id))
    learner = learning.lock_learner(merchant_id=actor.merchant_id or 0, user_id=actor.id or 0)
    secret = crypto.new_secret()
    learner.feed_digest = crypto.digest(secret)
    learner.save(update_fields=["feed_digest"])
    audit.record(
        actor=actor,
        action="calendar.address_made",
        at=at,
        merchant_id=actor.merchant_id,
        subject_kind="calendar",
        subject_id=learner.pk,
    )
    return secret


def find(secret: str) -> Learner | None:
    """Return whose calendar a secret opens, if anybody's."""
    return sessions.learner_by_feed(crypto.digest(secret))
