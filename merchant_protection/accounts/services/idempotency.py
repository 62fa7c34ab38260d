"""A program's request takes effect once, however often it is sent under the same key."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from merchant_protection.accounts import queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import KeptAnswer
from merchant_protection.foundation import upserts
from merchant_protection.foundation.errors import Conflict, Invalid
from merchant_protection.foundation.transactions import transaction, transaction_required

KEPT = timedelta(days=7)
LEASE = timedelta(seconds=60)
SWEEP_LIMIT = 10_000
ONCE = ("merchant_id", "caller_kind", "caller_id", "key")


@dataclass(frozen=True)
class Held:
    """The right to do what was asked, until the lease ends and somebody else takes it."""

    pk: int
    generation: int


@transaction
def take(*, actor: Actor, key: str, digest: str, at: datetime) -> Held | KeptAnswer:
    """Return the right to do what is asked under a key, or what was answered to it before.

    Refused with "invalid" when the key came with another request before, and
    with "conflict" while the first one runs, or when it was cut off after it took effect.
    """
    row = {
        "merchant_id": actor.merchant_id,
        "caller_kind": str(actor.kind),
        "caller_id": actor.id,
        "key": key,
        "digest": digest,
        "leased_until": at + LEASE,
        "created_at": at,
        "expires_at": at + KEPT,
    }
    added = upserts.upsert(KeptAnswer, [row], key=ONCE)
    if added:
        return Held(next(iter(added.values())), 1)
    known = queries.lock_kept_answer(actor, key)
    if known is None:
        raise Conflict(_("The first request with this Idempotency-Key is still running."))
    if known.expires_at <= at:
        return _renewed(known, digest=digest, at=at)
    if known.digest != digest:
        raise Invalid(_("This Idempotency-Key came with another request before: give each request a key of its own."))
    if known.status is not None:
        return known
    if known.leased_until > at:
        raise Conflict(_("The first request with this Idempotency-Key is still running."))
    if known.effect_at is not None:
        raise Conflict(_("The first request took effect, but its answer was lost: look at what it changed."))
    return _renewed(known, digest=digest, at=at)


@transaction_required
def mark(held: Held, *, at: datetime) -> None:
    """Note in the command's own transaction that the request takes effect; refuse when somebody else took it over."""
    if not queries.kept_answer(held.pk, generation=held.generation).update(effect_at=at):
        raise Conflict(_("The same request was taken up by another process meanwhile."))


@transaction
def finish(held: Held, *, status: int, content_type: str, body: str) -> None:
    """Keep the answer for whoever asks again."""
    answer = {"status": status, "content_type": content_type, "body": body}
    queries.kept_answer(held.pk, generation=held.generation).update(**answer)


@transaction
def release(held: Held) -> None:
    """Forget a request that was refused and changed nothing, so that it can be sent again under the same key."""
    queries.kept_answer(held.pk, generation=held.generation).filter(effect_at=None).delete()


@transaction
def forget_expired(*, now: datetime) -> int:
    """Drop the answers that have been kept their seven days; return how many."""
    old = queries.expired_answers(now).values("pk")[:SWEEP_LIMIT]
    return KeptAnswer.objects.filter(pk__in=old).delete()[0]


def _renewed(known: KeptAnswer, *, digest: str, at: datetime) -> Held:
    known.generation += 1
    known.digest, known.leased_until, known.expires_at = digest, at + LEASE, at + KEPT
    known.effect_at, known.status, known.content_type, known.body = None, None, "", ""
    known.save()
    return Held(known.pk, known.generation)
