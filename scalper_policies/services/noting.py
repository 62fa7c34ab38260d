"""What people say of answers: let an order go, say whether it was rightly held, spare a buyer from now on."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.rules.wishes import Wish
from merchant_protection.marketplace.services import actions
from scalper_policies import policies
from scalper_policies.models import DecisionNote, Kind, ListEntry, OrderDecision, Snooze
from scalper_policies.queries import decisions as queries
from scalper_policies.queries import policies as policy_queries
from scalper_policies.services import publishing

HELD = ("HOLD", "REVIEW", "VERIFY")
EXEMPT_FOR = timedelta(days=180)
LONGEST_SNOOZE = timedelta(days=365)


@transaction
def release(*, actor: Actor, decision_id: int, at: datetime, note: str = "") -> DecisionNote:
    """Let a held order go: the platform is asked to take it on, and it counts as wrongly held."""
    decision = queries.find(decision_id)
    require(policies.can_write(actor, decision.merchant_id))
    if decision.verdict not in HELD:
        raise Conflict(_("Only an order that was held can be let go."))
    if queries.notes_of(decision).filter(said=DecisionNote.Said.RELEASED).exists():
        raise Conflict(_("This order was let go already."))
    wish = Wish(
        merchant_id=decision.merchant_id,
        verb="release_order",
        ref=decision.number,
        feature="scalper_policies",
        rule=decision.rules[0] if decision.rules else "",
        reason=note or _("Let go by a person."),
    )
    actions.person_wants(wish, actor=actor, at=at)
    publishing.released(decision, at=at)
    return write(decision, DecisionNote.Said.RELEASED, actor=actor, at=at, note=note)


@transaction
def label(*, actor: Actor, decision_id: int, is_right: bool, at: datetime, note: str = "") -> DecisionNote:
    """Say whether an order was rightly held; this is what precision and recall are counted from."""
    decision = queries.find(decision_id)
    require(policies.can_write(actor, decision.merchant_id))
    said = DecisionNote.Said.RIGHT if is_right else DecisionNote.Said.WRONG
    return write(decision, said, actor=actor, at=at, note=note)


@transaction
def exempt(*, actor: Actor, decision_id: int, at: datetime, reason: str) -> ListEntry:
    """Put the buyer of an order on the exempt list for half a year."""
    decision = queries.find(decision_id)
    require(policies.can_write(actor, decision.merchant_id))
    if not decision.buyer_key:
        raise Conflict(_("The platform did not say whose order it is."))
    entry, _is_new = ListEntry.objects.update_or_create(
        merchant_id=decision.merchant_id,
        kind=Kind.EXEMPT,
        dimension="ACCOUNT",
        key=decision.buyer_key,
        defaults={
            "shown": decision.buyer_shown,
            "reason": (reason or _("Order %(number)s") % {"number": decision.number})[:300],
            "expires_at": at + EXEMPT_FOR,
            "created_at": at,
            "created_by": actor.name[:200],
        },
    )
    write(decision, DecisionNote.Said.WRONG, actor=actor, at=at, note=reason)
    return entry


@transaction
def snooze(
    *, actor: Actor, decision_id: int, policy_id: int, rule: str, until: datetime, at: datetime, reason: str = ""
) -> Snooze:
    """Leave one rule aside for the buyer of an order until a date."""
    decision = queries.find(decision_id)
    require(policies.can_write(actor, decision.merchant_id))
    policy = policy_queries.lock(policy_id)
    if policy.merchant_id != decision.merchant_id or not decision.buyer_key:
        raise Conflict(_("The platform did not say whose order it is."))
    if not at < until <= at + LONGEST_SNOOZE:
        raise Invalid(fields={"until": [_("Choose a day within the next year.")]})
    found, _is_new = Snooze.objects.update_or_create(
        merchant_id=decision.merchant_id,
        policy=policy,
        rule=rule[:60],
        dimension="ACCOUNT",
        key=decision.buyer_key,
        defaults={
            "shown": decision.buyer_shown,
            "until": until,
            "reason": reason[:300],
            "created_at": at,
            "created_by": actor.name[:200],
        },
    )
    audit.record(
        actor=actor,
        action="rule.snoozed",
        at=at,
        merchant_id=decision.merchant_id,
        subject_kind="policy",
        subject_id=policy.pk,
        after={"rule": found.rule, "until": until.isoformat()},
        reason=found.reason,
    )
    return found


@transaction_required
def write(decision: OrderDecision, said: str, *, actor: Actor, at: datetime, note: str) -> DecisionNote:
    """Write down what a person said of an answer, for the log and for the figures."""
    audit.record(
        actor=actor,
        action=f"decision.{said.lower()}",
        at=at,
        merchant_id=decision.merchant_id,
        subject_kind="decision",
        subject_id=decision.pk,
        reason=note,
    )
    return DecisionNote.objects.create(
        merchant_id=decision.merchant_id,
        decision=decision,
        said=said,
        note=note[:300],
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:200],
    )
