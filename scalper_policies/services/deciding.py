"""Answer the platform about an order, in the checkout's own request."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import crypto, masking, tenancy
from merchant_protection.foundation.errors import Invalid, NotFound, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.queries import address_lists
from merchant_protection.marketplace.rules import address_tags
from merchant_protection.marketplace.rules.address_tags import AddressWords
from scalper_policies import policies
from scalper_policies.lifecycle import VersionStatus
from scalper_policies.models import OrderDecision
from scalper_policies.queries import deciding as queries
from scalper_policies.queries.deciding import LiveVersion, Look
from scalper_policies.rules import asked as asking
from scalper_policies.rules import canary, combine, evaluate, terms
from scalper_policies.rules.asked import Asked
from scalper_policies.rules.combine import Combined
from scalper_policies.rules.evaluate import Decision, Need, Reason, Remedy
from scalper_policies.rules.orders import OrderFacts
from scalper_policies.rules.policy import BuyerLists, Dimension, Policy, Snooze, Verdict
from scalper_policies.services import reserving
from scalper_policies.services.reserving import Crowded

STANDS_FOR = timedelta(minutes=30)  # an order that is not placed by then gives its units back
HELD_LISTING = "LISTING_HELD"
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
class Applied:
    """One version's answer to an order: `acts` when it counts, otherwise it only watches."""

    version: LiveVersion
    policy: Policy
    order: OrderFacts
    decision: Decision
    needed: tuple[Need, ...]
    acts: bool


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


@transaction
def _decide(
    *, asked: Asked, actor: Actor, at: datetime, source: str, told: Verdict | None, coarse: bool
) -> OrderDecision:
    require(policies.can_ask(actor))
    reserving.be_brief(wait=reserving.COARSE_WAIT if coarse else reserving.FINE_WAIT)
    is_late = source == OrderDecision.Source.LATE
    placed_at = (asked.placed_at or at) if is_late else at
    buyer_key = crypto.keyed_hash("buyer", asked.buyer)
    order = asking.facts(asked, at=placed_at, secret=settings.MATCH_KEY.encode(), buyer_key=buyer_key)
    look = _look(asked, order, actor=actor)
    if look.stored is not None:
        return same(queries.stored(look.stored), asked)
    order = _with_what_is_known(_tagged(order, asked, look, at=at), look)
    acting, watching = _chosen(look, order)
    needed = _needed([*acting, *watching], order, look, buyer=asked.buyer)
    every = [(version.policy_id, need) for version, _policy, _order, needs in needed for need in needs]
    reserving.take(reserving.locks_for(every, coarse=coarse))
    counted = queries.counts(look.shop, every, until=placed_at if is_late else None)
    acts = {version.id for version in acting}
    answers = _answers(needed, iter(counted), acts=acts)
    combined = _combined(answers, look, order)
    reserved = _reserved(answers) if (told or combined.verdict) is not Verdict.REJECT else {}
    decision = _decision(asked, order, answers, combined, look=look, counted=counted)
    decision.source, decision.decided_at = source, at
    decision.expires_at = at + (combined.hold or STANDS_FOR)
    return _keep(decision, reserved, asked)


def same(known: OrderDecision, asked: Asked) -> OrderDecision:
    """Return a stored answer to the same question; another question under its order number is told apart."""
    if known.digest != asked.digest:
        raise Invalid(
            _("Order %(number)s was asked about before with another content.") % {"number": known.number},
            fields={"number": [_("This order number was asked about before with another content.")]},
        )
    return known


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
    if not address or not look.versions:
        return order
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
    if look.cluster is not None:
        order = asking.with_cluster(order, key=look.cluster.key, signals=frozenset(look.cluster.signals))
    return order


def _chosen(look: Look, order: OrderFacts) -> tuple[list[LiveVersion], list[LiveVersion]]:
    """Say which versions act for this buyer, and which only watch; a canary's buyers are the same every time."""
    by_policy: dict[int, dict[str, LiveVersion]] = {}
    for version in look.versions or ():
        by_policy.setdefault(version.policy_id, {})[version.status] = version
    acting, watching = [], []
    for policy_id, versions in sorted(by_policy.items()):
        control = versions.get(VersionStatus.ENFORCING)
        trial = versions.get(VersionStatus.CANARY)
        if trial and canary.is_in(str(policy_id), order.account or order.number, trial.canary_percent):
            acting.append(trial)
        elif control:
            acting.append(control)
        if shadow := versions.get(VersionStatus.SHADOW):
            watching.append(shadow)
    return acting, watching


type Needed = tuple[LiveVersion, Policy, OrderFacts, tuple[Need, ...]]


def _needed(versions: list[LiveVersion], order: OrderFacts, look: Look, *, buyer: str) -> list[Needed]:
    found: list[Needed] = []
    for version, bare in zip(versions, _read([version.id for version in versions]), strict=True):
        if evaluate.concerns(bare, order):
            policy = _with_lists(bare, version, look)
            facts = _for_policy(policy, order, look, buyer=buyer)
            found.append((version, policy, facts, tuple(evaluate.needs(policy, facts))))
    return found


def _for_policy(policy: Policy, order: OrderFacts, look: Look, *, buyer: str) -> OrderFacts:
    """Count paid orders up to the policy's own date, in this shop."""
    wanted = policy.eligibility
    if not (wanted.paid_orders and wanted.paid_orders_before and look.buyer):
        return order
    return replace(order, paid_orders=queries.paid_before(look.shop, buyer=buyer, before=wanted.paid_orders_before))


_known: dict[int, Policy] = {}
MOST_KNOWN = 4_000


def _read(version_ids: list[int]) -> list[Policy]:
    """Return versions with their terms; a live version's terms never change, so a process reads them once."""
    missing = [version_id for version_id in version_ids if version_id not in _known]
    if missing:
        if len(_known) > MOST_KNOWN:
            _known.clear()
        for version_id, plain in queries.terms_of(missing).items():
            _known[version_id] = terms.from_plain(plain)
    return [_known[version_id] for version_id in version_ids]


def _with_lists(policy: Policy, version: LiveVersion, look: Look) -> Policy:
    if not look.entries and not look.snoozes:
        return replace(policy, version=version.number)
    exempt: dict[tuple[Dimension, str], datetime | None] = {}
    deny: dict[tuple[Dimension, str], datetime | None] = {}
    for kind, dimension, key, expires_at in look.entries or ():
        (exempt if kind == "EXEMPT" else deny)[Dimension(dimension), key] = expires_at
    snoozes = tuple(
        Snooze(rule, Dimension(dimension), key, until)
        for policy_id, rule, dimension, key, until in look.snoozes or ()
        if policy_id == version.policy_id
    )
    return replace(policy, version=version.number, lists=BuyerLists(exempt, deny), snoozes=snoozes)


def _answers(needed: list[Needed], counted: Any, *, acts: set[int]) -> list[Applied]:
    found = []
    for version, policy, order, needs in needed:
        counts = {}
        for need in needs:
            units, orders = next(counted)
            counts[need.slot] = units if need.limit.measure == "UNITS" else orders
        decision = evaluate.decide(policy, order, list(needs), counts)
        found.append(Applied(version, policy, order, decision, needs, version.id in acts))
    return found


def _combined(answers: list[Applied], look: Look, order: OrderFacts) -> Combined:
    decisions = [each.decision for each in answers if each.acts]
    held = sorted(look.held_skus & {line.sku for line in order.lines})
    if held:
        decisions.append(_held(held))
    return combine.harshest(decisions)


def _held(skus: list[str]) -> Decision:
    """New orders on these listings are held, for a price that may be wrong or because a person said so."""
    reasons = tuple(
        Reason(HELD_LISTING, "LISTING", sku, None, Remedy("A_PERSON_LOOKS"), 0, HELD_LISTING, sku) for sku in skus
    )
    return Decision(Verdict.HOLD, reasons)


def _decision(
    asked: Asked,
    order: OrderFacts,
    answers: list[Applied],
    combined: Combined,
    *,
    look: Look,
    counted: list[tuple[int, int]],
) -> OrderDecision:
    return OrderDecision(
        merchant_id=look.shop,
        number=asked.number,
        digest=asked.digest,
        verdict=combined.verdict.value,
        score=combined.score,
        reasons=plain_reasons(combined.reasons),
        answers=[_answer(each) for each in answers],
        policies=sorted({each.version.policy_id for each in answers}),
        rules=sorted({reason.rule for reason in combined.reasons})[:50],
        facts=asking.to_plain(order),
        counts=[list(pair) for pair in counted],
        buyer_key=order.account,
        buyer_shown=masking.masked(asked.buyer) if asked.buyer else "",
        units=sum(line.units for line in order.lines),
        placed_at=order.placed_at,
    )


@transaction_required
def _keep(decision: OrderDecision, reserved: "Slots", asked: Asked) -> OrderDecision:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, _values(decision) | _columns(reserved))
        row = cursor.fetchone()
    if row is None:  # somebody asked about the same order at the same moment, and was first
        return same(queries.stored_by_number(decision.merchant_id, asked.number), asked)
    decision.pk = row[0]
    return decision


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
    return plain | {name: msgspec.json.encode(plain[name]).decode() for name in names}


def _columns(reserved: Slots) -> dict[str, list[Any]]:
    rows = list(reserved.items())
    return {
        "r_policy": [key[0] for key, _need in rows],
        "r_rule": [key[1] for key, _need in rows],
        "r_key": [key[2] for key, _need in rows],
        "r_sku": [key[3] for key, _need in rows],
        "r_units": [need.own for _key, need in rows],
        "r_gives_back": [",".join(sorted(need.limit.gives_back)) for _key, need in rows],
    }


def plain_reasons(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    """Reasons as they are kept and sent."""
    return [
        {
            "rule": reason.rule,
            "dimension": str(reason.dimension),
            "observed": reason.observed,
            "limit": reason.limit,
            "would_pass_if": {"code": reason.would_pass_if.code, **dict(reason.would_pass_if.params)},
            "score": reason.score,
            "sku": reason.sku,
        }
        for reason in reasons
    ]


def _answer(each: Applied) -> dict[str, Any]:
    return {
        "policy": each.version.policy_id,
        "version": each.version.number,
        "version_id": each.version.id,
        "mode": each.version.status if each.acts else VersionStatus.SHADOW,
        "verdict": each.decision.verdict.value,
        "score": each.decision.score,
        "exempt": each.decision.exempt,
        "reasons": plain_reasons(each.decision.reasons),
        "paid_orders": each.order.paid_orders,
    }
