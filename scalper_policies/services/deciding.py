"""Answer the platform about an order, in the checkout's own request."""

import logging
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import crypto, masking, prepared, tenancy
from merchant_protection.foundation.errors import Invalid, NotFound, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.queries import address_lists
from merchant_protection.marketplace.rules import address_tags
from merchant_protection.marketplace.rules.address_tags import AddressWords
from scalper_policies import policies
from scalper_policies.models import OrderDecision
from scalper_policies.queries import deciding as queries
from scalper_policies.queries import overrides
from scalper_policies.queries.deciding import Look
from scalper_policies.rules import asked as asking
from scalper_policies.rules import combine, standing
from scalper_policies.rules.asked import Asked
from scalper_policies.rules.combine import Combined
from scalper_policies.rules.evaluate import Decision, Need
from scalper_policies.rules.orders import OrderFacts
from scalper_policies.rules.policy import Verdict
from scalper_policies.services import answering, baseline, failures, publishing, queueing, reserving
from scalper_policies.services.answering import Applied, Erred, Failure
from scalper_policies.services.reserving import Crowded

logger = logging.getLogger(__name__)

EARLIEST_YEAR = 2000
STANDS_FOR = timedelta(minutes=30)  # an order that is not placed by then gives its units back
INSERT = """
WITH decided AS (
    INSERT INTO scalper_policies_orderdecision (merchant_id, number, digest, verdict, score, reasons, answers,
        policies, rules, facts, counts, buyer_key, buyer_shown, units, source, placed_at, decided_at, expires_at)
    VALUES (%(merchant_id)s, %(number)s, %(digest)s, %(verdict)s, %(score)s, %(reasons)s, %(answers)s,
        %(policies)s, %(rules)s, %(facts)s, %(counts)s, %(buyer_key)s, %(buyer_shown)s, %(units)s, %(source)s,
        %(placed_at)s, %(decided_at)s, %(expires_at)s)
    ON CONFLICT (merchant_id, number) DO NOTHING RETURNING id
), kept AS (
    INSERT INTO scalper_policies_reservation (merchant_id, policy_id, rule, key, sku, number, placed_at, units,
        gives_back, released_for, unplaced_until)
    SELECT %(merchant_id)s, policy_id, rule, key, sku, %(number)s, %(placed_at)s, units,
        string_to_array(gives_back, ','), '', %(expires_at)s
    FROM decided, unnest(%(r_policy)s::bigint[], %(r_rule)s::text[], %(r_key)s::text[], %(r_sku)s::text[],
        %(r_units)s::int[], %(r_gives_back)s::text[]) AS one(policy_id, rule, key, sku, units, gives_back)
)
SELECT id FROM decided
"""


@dataclass(frozen=True)
class Worked:
    """An order's answer with all it came from: each policy's own, what was counted, and which versions erred."""

    combined: Combined
    answers: list[Applied]
    others: list[Decision]
    counted: list[tuple[int, int]]
    failed: list[Failure]


def decide(
    *,
    asked: Asked,
    actor: Actor,
    at: datetime,
    source: str = OrderDecision.Source.ASKED,
    told: Verdict | None = None,
) -> OrderDecision:
    """Answer whether an order may pass, and keep what it takes of the limits; the same order again, the same answer.

    Exact however many ask at once: what is counted is locked until what is reserved is committed. Raises Crowded
    when the locks cannot be had in time. `told` is what the platform was told already: what was let pass is counted.
    """
    try:
        return _decide(asked=asked, actor=actor, at=at, source=source, told=told, coarse=False)
    except Crowded:
        return _decide(asked=asked, actor=actor, at=at, source=source, told=told, coarse=True)


def _decide(
    *, asked: Asked, actor: Actor, at: datetime, source: str, told: Verdict | None, coarse: bool
) -> OrderDecision:
    require(policies.can_ask(actor))
    with ExitStack() as sending:
        with transaction():
            decision, written = _made(sending, asked, actor, at=at, source=source, told=told, coarse=coarse)
        if written is None or _is_first(decision, written):
            return decision
    # Somebody asked about the same order at the same moment, and was first.
    return standing_answer(queries.stored_by_number(decision.merchant_id, asked.number), asked, at=at)


@transaction_required
def _made(
    sending: ExitStack, asked: Asked, actor: Actor, *, at: datetime, source: str, told: Verdict | None, coarse: bool
) -> tuple[OrderDecision, Any]:
    """Return the order's answer, and where it is known whether it was the first; nothing there for a standing one."""
    is_late = source == OrderDecision.Source.LATE
    placed_at = _placed_before(asked, at=at) if is_late else at
    buyer_key = crypto.keyed_hash("buyer", asked.buyer)
    order = asking.facts(asked, at=placed_at, secret=settings.MATCH_KEY.encode(), buyer_key=buyer_key)
    with prepared.together():
        reserving.be_brief(wait=reserving.COARSE_WAIT if coarse else reserving.FINE_WAIT)
        look = _look(asked, order, actor=actor)
    if look.stored is not None:
        return standing_answer(queries.stored(look.stored), asked, at=at), None
    look = _with_holder(look, at=at)
    order = _with_what_is_known(_tagged(order, asked, look, at=at), look)
    worked = _worked_out(asked, order, look, until=placed_at if is_late else None, coarse=coarse)
    if source == OrderDecision.Source.ASKED:  # what was placed already waits for no turn
        worked = _in_line(worked, shop=look.shop)
    reserved = _reserved(worked.answers) if (told or worked.combined.verdict) is not Verdict.REJECT else {}
    decision = _decision(asked, order, worked, shop=look.shop)
    decision.source, decision.decided_at = source, at
    decision.expires_at = at + (worked.combined.hold or STANDS_FOR)
    written = _write(sending, decision, reserved)
    # In a hot launch most are rejected: who has nobody listen pays nothing.
    if (worked.failed or look.listens) and _is_first(decision, written):
        faults = [(each.version.id, each.error) for each in worked.failed if not each.version.is_baseline]
        failures.note(decision, faults)
        if look.listens:
            publishing.decided(decision)
    return decision, written


def standing_answer(known: OrderDecision, asked: Asked, *, at: datetime) -> OrderDecision:
    """Return a stored answer to the same question, with what overrules it now.

    Another question under its order number is told apart.
    """
    if known.digest != asked.digest:
        raise Invalid(
            _("Order %(number)s was asked about before with another content.") % {"number": known.number},
            fields={"number": [_("This order number was asked about before with another content.")]},
        )
    known.overruled_by = overrides.of_decision(known, at=at)
    return known


def _placed_before(asked: Asked, *, at: datetime) -> datetime:
    """When a late order was placed by its own clock; one that goes ahead does not make it count for longer."""
    if asked.placed_at is not None and asked.placed_at.year < EARLIEST_YEAR:
        ago = _("No order was placed that long ago.")
        raise Invalid(ago, fields={"placed_at": [ago]})
    return min(asked.placed_at or at, at)


def _with_holder(look: Look, *, at: datetime) -> Look:
    """What the baseline rules count in a shop is kept under a policy of its own; a new shop's is made now."""
    if not look.baseline or look.holder is not None:
        return look
    return msgspec.structs.replace(look, holder=baseline.hold_counts_of(look.shop, at=at).pk)


def _look(asked: Asked, order: OrderFacts, *, actor: Actor) -> Look:
    shop = actor.merchant_id
    if shop is None and not asked.merchant:
        raise Invalid(fields={"merchant": [_("Say which shop the order is for.")]})
    subject = queries.Subject(
        code=asked.merchant,
        number=asked.number,
        skus=[line.sku for line in order.lines],
        buyer=asked.buyer,
        keys=list(order.keys.values()),
        shop=shop,
        at=order.placed_at,
        account=order.account,
    )
    look = queries.first_look(subject)
    if look is None or (shop is not None and asked.merchant not in ("", look.code)):
        raise NotFound
    return look


_words: dict[int, tuple[datetime, AddressWords]] = {}
WORDS_GOOD_FOR = timedelta(seconds=30)


def _tagged(order: OrderFacts, asked: Asked, look: Look, *, at: datetime) -> OrderFacts:
    """Tag the address by the shop's words as they are now, or were half a minute ago."""
    address = asked.recipient.address if asked.recipient else ""
    if not address:
        return order
    if not look.every_version:  # nothing asks for the shop's own words
        return replace(order, address_tags=address_tags.tags(address))
    known = _words.get(look.shop)
    if known is None or abs(at - known[0]) > WORDS_GOOD_FOR:
        with tenancy.platform():  # the platform's own words are not seen in a shop's scope
            known = _words[look.shop] = (at, address_lists.in_force([look.shop])[look.shop])
    return replace(order, address_tags=address_tags.tags(address, known[1]))


def _with_what_is_known(order: OrderFacts, look: Look) -> OrderFacts:
    """Fill in what the question left out from what the platform told of the buyer before."""
    buyer = look.buyer
    if buyer is not None and buyer.version:
        order = replace(
            order,
            account_created_at=order.account_created_at or buyer.account_created_at,
            phone_verified=buyer.phone_verified if order.phone_verified is None else order.phone_verified,
            real_name_verified=(
                buyer.real_name_verified if order.real_name_verified is None else order.real_name_verified
            ),
            level=buyer.level if order.level is None else order.level,
            paid_orders=buyer.paid_orders if order.paid_orders is None else order.paid_orders,
        )
    if held := sorted(look.held_skus & {line.sku for line in order.lines}):
        order = replace(order, held_listings=tuple(held))
    limited = look.restriction
    if limited is not None and limited.made_at <= order.placed_at < limited.ends_at:
        order = replace(
            order,
            restriction=limited.id,
            restricted=tuple(sorted(limited.limits)),
            payment_minutes=limited.payment_minutes,
        )
    if look.cluster is not None:
        order = asking.with_cluster(order, key=look.cluster.key, signals=frozenset(look.cluster.signals))
    return order


def _worked_out(asked: Asked, order: OrderFacts, look: Look, *, until: datetime | None, coarse: bool) -> Worked:
    """Count and answer, policy by policy; a version that errs is left out and what stood before it answers."""
    failed: list[Failure] = []
    while True:
        try:
            return _without(failed, asked, order, look, until=until, coarse=coarse)
        except Erred as erred:
            logger.exception("Policy version %s could not answer order %s", erred.failure.version.id, asked.number)
            failed.append(erred.failure)


def _without(
    failed: list[Failure], asked: Asked, order: OrderFacts, look: Look, *, until: datetime | None, coarse: bool
) -> Worked:
    chosen = answering.chosen(look, order, failed=failed)
    needed = answering.needed([*chosen.acting, *chosen.watching], order, look, buyer=asked.buyer)
    every = [(version.policy_id, need) for version, _policy, _order, needs in needed for need in needs]
    locks = reserving.locks_for(every, coarse=coarse)
    counted = reserving.held_and_counted(look.shop, every, locks=locks, until=until)
    acts = {version.key for version in chosen.acting}
    answers = answering.answers(needed, iter(counted), acts=acts)
    others = [*chosen.unable, *standing.answers(order)]
    return Worked(_combined(answers, others), answers, others, counted, failed)


def _in_line(worked: Worked, *, shop: int) -> Worked:
    """Give an order that may pass its place where a policy sells by a queue."""
    if worked.combined.verdict is Verdict.REJECT:
        return worked
    answers = queueing.in_line(shop, worked.answers)
    return replace(worked, answers=answers, combined=_combined(answers, worked.others))


def _combined(answers: list[Applied], others: list[Decision]) -> Combined:
    return combine.harshest([*(each.decision for each in answers if each.acts), *others])


def _decision(asked: Asked, order: OrderFacts, worked: Worked, *, shop: int) -> OrderDecision:
    combined = worked.combined
    plain = [
        *map(answering.plain_answer, worked.answers),
        *(answering.plain_failure(each, at=order.placed_at) for each in worked.failed),
    ]
    return OrderDecision(
        merchant_id=shop,
        number=asked.number,
        digest=asked.digest,
        verdict=combined.verdict.value,
        score=combined.score,
        reasons=answering.plain_reasons(combined.reasons),
        answers=plain,
        policies=sorted({each["policy"] for each in plain}),
        rules=sorted({reason.rule for reason in combined.reasons})[:50],
        facts=asking.to_plain(order),
        counts=[list(pair) for pair in worked.counted],
        buyer_key=order.account,
        buyer_shown=masking.masked(asked.buyer) if asked.buyer else "",
        units=sum(line.units for line in order.lines),
        placed_at=order.placed_at,
    )


def _write(sending: ExitStack, decision: OrderDecision, reserved: "Slots") -> Any:
    """Write the answer and what it reserves without waiting for word of it: the commit goes in the same way."""
    sending.enter_context(prepared.together())
    written = sending.enter_context(prepared.cursor())
    written.execute(INSERT, _values(decision) | _columns(reserved))
    return written


def _is_first(decision: OrderDecision, written: Any) -> bool:
    """Whether the answer was written, and not another one of the same order before it."""
    if decision.pk is None and (row := written.fetchone()) is not None:
        decision.pk = row[0]
    return decision.pk is not None


type Slots = Mapping[tuple[int, str, str, str], Need]


def _reserved(answers: list[Applied]) -> dict[tuple[int, str, str, str], Need]:
    """What an admitted order keeps, once for each policy's rule: the acting version's word comes first."""
    found: dict[tuple[int, str, str, str], Need] = {}
    for each in sorted(answers, key=lambda one: not one.acts):
        for need in each.needed:
            found.setdefault((each.version.policy_id, *need.slot), need)
    return found


def _values(decision: OrderDecision) -> dict[str, Any]:
    names = ("reasons", "answers", "facts", "counts")
    plain = {str(field.column): getattr(decision, field.attname) for field in decision._meta.concrete_fields[1:]}
    plain |= {name: msgspec.json.encode(plain[name]).decode() for name in names}
    return plain | {name: prepared.array(plain[name]) for name in ("policies", "rules")}


def _columns(reserved: Slots) -> dict[str, str]:
    rows = list(reserved.items())
    return {
        "r_policy": prepared.array([key[0] for key, _need in rows]),
        "r_rule": prepared.array([key[1] for key, _need in rows]),
        "r_key": prepared.array([key[2] for key, _need in rows]),
        "r_sku": prepared.array([key[3] for key, _need in rows]),
        "r_units": prepared.array([need.own for _key, need in rows]),
        "r_gives_back": prepared.array([",".join(sorted(need.limit.gives_back)) for _key, need in rows]),
    }
