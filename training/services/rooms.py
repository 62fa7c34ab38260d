"""Questions and announcements of a room."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, Invalid, NotFound, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction, transaction_required
from training import policies
from training.lifecycle import QUESTION_MOVES, SessionStatus
from training.models import RoomPost, RoomQuestion
from training.queries import sessions

LONGEST = 500
PAUSE = timedelta(seconds=10)
ASKABLE = (SessionStatus.SCHEDULED, SessionStatus.LIVE, SessionStatus.ENDED)


@transaction
def ask(*, actor: Actor, session_id: int, text: str, at: datetime) -> RoomQuestion:
    """Ask the host something; others see it, without a name, when the host takes it up."""
    require(policies.can_learn(actor, actor.merchant_id))
    session = sessions.all_sessions().filter(pk=session_id).first()
    if session is None:
        raise NotFound
    if session.status not in ASKABLE:
        raise Conflict(_("This session was called off."))
    said = " ".join(text.split())
    if not said or len(said) > LONGEST:
        raise Invalid(fields={"text": [_("Write a question of at most 500 characters.")]})
    shop = actor.merchant_id or 0
    earlier = sessions.questions_of_person(merchant_id=shop, user_id=actor.id, session_id=session_id)
    if earlier and at - earlier[0].asked_at < PAUSE:
        raise Conflict(_("Please wait ten seconds between two questions."))
    return RoomQuestion.objects.create(
        merchant_id=shop, session_id=session_id, user_id=actor.id or 0, text=said, asked_at=at
    )


@transaction
def show(*, actor: Actor, question_id: int, at: datetime) -> RoomQuestion:
    """Put a question on the board for everybody."""
    return _decide("show", actor=actor, question_id=question_id, at=at)


@transaction
def answer(*, actor: Actor, question_id: int, text: str, at: datetime) -> RoomQuestion:
    """Answer a question on the board; answering again corrects the answer."""
    if not text.strip():
        raise Invalid(fields={"text": [_("Write the answer.")]})
    return _decide("answer", actor=actor, question_id=question_id, at=at, text=text.strip()[:2000])


@transaction
def decline(*, actor: Actor, question_id: int, at: datetime) -> RoomQuestion:
    """Leave a question aside; whoever asked sees that it was not taken up."""
    return _decide("decline", actor=actor, question_id=question_id, at=at)


@transaction
def announce(*, actor: Actor, session_id: int, text: str, at: datetime) -> RoomPost:
    """Tell everybody in the room something."""
    require(policies.can_author(actor))
    session = sessions.lock(session_id)
    if not text.strip():
        raise Invalid(fields={"text": [_("Write the announcement.")]})
    return RoomPost.objects.create(
        session=session,
        kind=RoomPost.Kind.ANNOUNCEMENT,
        text=text.strip()[:2000],
        by_name=actor.name[:80],
        at=at,
        changed_at=at,
    )


@transaction_required
def _decide(name: str, *, actor: Actor, question_id: int, at: datetime, text: str = "") -> RoomQuestion:
    question = sessions.lock_question(question_id)
    require(policies.can_author(actor))
    question.status = target_of(QUESTION_MOVES, name, question.status)
    question.decided_at = at
    if name != "decline":
        question.post = _post_of(question, actor=actor, at=at, answer=text)
    question.save(update_fields=["status", "decided_at", "post"])
    return question


def _post_of(question: RoomQuestion, *, actor: Actor, at: datetime, answer: str) -> RoomPost:
    post = question.post or RoomPost(
        session_id=question.session_id, kind=RoomPost.Kind.QUESTION, text=question.text, at=at
    )
    post.answer = answer or post.answer
    post.by_name = actor.name[:80] if answer else post.by_name
    post.changed_at = at
    post.save()
    return post
