"""A policy, its findings and its reasons in words. The sentences are message ids, translated where they are shown."""

import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from scalper_policies.rules.policy import Band, ClusterRule, Dimension, Limit, Measure, Policy, SaleMode, Verdict

Translate = Callable[[str], str]
Param = str | int | datetime


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a summary: a code of the table, and what it names; params in `@NAME` are names to translate."""

    code: str
    params: tuple[tuple[str, Param], ...] = ()


N_ = str  # marks a text for the catalogue; rules know no framework to translate it by

SUMMARY: Mapping[str, str] = {
    "ABOUT_ALL": N_("It is about every listing of the shop."),
    "ABOUT_LISTINGS": N_("Listings it is about: %(number)s."),
    "FROM_TO": N_("It runs from %(start)s to %(end)s."),
    "FROM": N_("It runs from %(start)s."),
    "UNTIL": N_("It runs until %(end)s."),
    "CHANNELS": N_("Only in these channels: %(names)s."),
    "REGIONS": N_("Only in these regions: %(names)s."),
    "ACCOUNT_AGE": N_("Accounts must be older than %(date)s."),
    "PHONE_VERIFIED": N_("Accounts must have a verified phone."),
    "REAL_NAME_VERIFIED": N_("Accounts must be verified by real name."),
    "LEVEL": N_("Only these member levels: %(names)s."),
    "PAID_ORDERS": N_("Accounts must have at least %(number)s paid orders."),
    "PAID_ORDERS_BEFORE": N_("Accounts must have at least %(number)s paid orders before %(date)s."),
    "ENTITLEMENT": N_("Only with the entitlement %(name)s."),
    "UNITS_HOURS": N_("%(who)s may buy %(most)s in %(hours)s h."),
    "UNITS_MINUTES": N_("%(who)s may buy %(most)s in %(minutes)s min."),
    "UNITS_LAUNCH": N_("%(who)s may buy %(most)s in the whole launch."),
    "UNITS_HOURS_EACH": N_("%(who)s may buy %(most)s of each listing in %(hours)s h."),
    "UNITS_MINUTES_EACH": N_("%(who)s may buy %(most)s of each listing in %(minutes)s min."),
    "UNITS_LAUNCH_EACH": N_("%(who)s may buy %(most)s of each listing in the whole launch."),
    "ORDERS_HOURS": N_("%(who)s may place %(most)s orders in %(hours)s h."),
    "ORDERS_MINUTES": N_("%(who)s may place %(most)s orders in %(minutes)s min."),
    "ORDERS_LAUNCH": N_("%(who)s may place %(most)s orders in the whole launch."),
    "ORDERS_HOURS_EACH": N_("%(who)s may place %(most)s orders for each listing in %(hours)s h."),
    "ORDERS_MINUTES_EACH": N_("%(who)s may place %(most)s orders for each listing in %(minutes)s min."),
    "ORDERS_LAUNCH_EACH": N_("%(who)s may place %(most)s orders for each listing in the whole launch."),
    "ADDRESS_TAG": N_("Orders to %(tag)s count %(score)s towards an answer."),
    "CLUSTER": N_("Accounts tied by %(number)s independent signals count %(score)s towards an answer."),
    "EXEMPT": N_("Entries that are exempt: %(number)s."),
    "DENIED": N_("Entries that are denied, unless they are exempt: %(number)s."),
    "SNOOZED": N_("Rules snoozed for single buyers: %(number)s."),
    "MODE_QUEUE": N_("Orders wait in a queue and go on in the order they came, %(number)s a minute."),
    "MODE_DRAW": N_("A draw with equal odds decides who may buy."),
    "MODE_INVITATION": N_("Only invited buyers may buy."),
    "BAND": N_("From a score of %(score)s: %(answer)s."),
    "BAND_CHECK": N_("From a score of %(score)s: asked for a check, %(check)s."),
    "BAND_HOLD": N_("From a score of %(score)s: held for %(hours)s h."),
    "WHEN_WE_FAIL": N_("When we cannot answer in time: %(answer)s."),
}
NAMES: Mapping[str, str] = {
    "ACCOUNT": N_("One account"),
    "PHONE": N_("One phone number"),
    "IDENTITY": N_("One person"),
    "DEVICE": N_("One device"),
    "IP": N_("One IP address"),
    "IP_NET": N_("One network"),
    "PAYMENT": N_("One payment instrument"),
    "RECIPIENT": N_("One recipient with phone"),
    "ADDRESS": N_("One address"),
    "BUILDING": N_("One building"),
    "ADDRESS_CLUSTER": N_("One address, however it is written,"),
    "HOUSEHOLD": N_("One household"),
    "CLUSTER": N_("One cluster of accounts"),
    "ALLOW": N_("allowed"),
    "VERIFY": N_("asked for a check"),
    "HOLD": N_("held"),
    "REVIEW": N_("reviewed by a person"),
    "REJECT": N_("rejected"),
    "CHECK_CONFIRM": N_("a confirmation by the buyer"),
    "CHECK_CAPTCHA": N_("a slider or picture puzzle"),
    "CHECK_PHONE": N_("a code sent to the phone"),
    "CHECK_IDENTITY": N_("the buyer's real name"),
    "CHECK_PAYMENT": N_("an amount held on the means of payment"),
    "FREIGHT_FORWARDER": N_("a freight forwarder"),
    "PARCEL_LOCKER": N_("a parcel locker"),
    "LOGISTICS_PARK": N_("a logistics park"),
    "POST_BOX": N_("a post box"),
}
REMEDIES: Mapping[str, str] = {
    "AT_MOST_UNITS": N_("It would pass with at most %(units)s units."),
    "LATER": N_("It would pass once earlier orders are older than %(duration)s."),
    "NOT_IN_THIS_LAUNCH": N_("The %(most)s allowed in this launch are used up."),
    "OFF_THE_DENY_LIST": N_("It would pass with the buyer off the deny list."),
    "ANOTHER_ADDRESS": N_("It would pass to another address."),
    "A_PERSON_LOOKS": N_("It would pass after a person has looked at it."),
    "RESTRICTION_ENDS": N_("It would pass once the restriction of the buyer has ended."),
    "PAY_IN_ADVANCE": N_("It would pass if it is paid in advance."),
    "ITS_TURN": N_("It goes on when its turn has come, at %(at)s."),
    "PAY_WITHIN": N_("It passes, and is to be paid within %(minutes)s minutes."),
    "UNKNOWN_FACT": N_("It would pass if the platform sent this fact."),
    "ACCOUNT_AGE": N_("It would pass for an account older than %(limit)s."),
    "PHONE_VERIFIED": N_("It would pass with a verified phone."),
    "REAL_NAME_VERIFIED": N_("It would pass with a verified real name."),
    "LEVEL": N_("It would pass at one of these levels: %(limit)s."),
    "PAID_ORDERS": N_("It would pass with %(limit)s paid orders."),
    "ENTITLEMENT": N_("It would pass with the entitlement %(limit)s."),
    "DRAWN": N_("It would pass for a buyer whom the draw chose."),
}
BASELINE: Mapping[str, str] = {
    "BASELINE_ALL_LISTINGS": N_("Baseline rules are about every listing."),
    "BASELINE_NO_WINDOW": N_("Baseline rules hold at all times, in every channel and region."),
    "BASELINE_NO_SALE_MODE": N_("Baseline rules do not say how something is sold."),
    "BASELINE_FAILS_OPEN": N_("When we cannot answer, baseline rules stop no order."),
    "BASELINE_NEEDS_WINDOWS": N_("Every limit of the baseline rules needs a rolling window."),
    "BASELINE_SAYS_NOTHING": N_("Write at least one rule."),
    "BASELINE_TOO_LONG": N_("At most 40 rules, so that people can read them."),
}
FINDINGS: Mapping[str, str] = {
    "NO_LISTING": N_("Choose at least one listing, or every listing."),
    "LISTINGS_AND_ALL": N_("Single listings are chosen beside every listing; they change nothing."),
    "ENDS_BEFORE_IT_STARTS": N_("The launch ends before it starts."),
    "ALREADY_OVER": N_("The launch is already over."),
    "TIME_WITHOUT_ZONE": N_("Times need a time zone."),
    "UNKNOWN_TIME_ZONE": N_("There is no time zone %(zone)s."),
    "AGE_AFTER_ANNOUNCEMENT": N_("The date for the account's age must lie before the announcement."),
    "PAID_ORDERS_AFTER_ANNOUNCEMENT": N_("The date for paid orders must lie before the announcement."),
    "PAID_ORDERS_WITHOUT_DATE": N_("Paid orders have no date, so they can be bought after the announcement."),
    "FIGURE_OUT_OF_RANGE": N_("A figure is out of range; scores go from 0 to 100."),
    "INVITATION_WITHOUT_ENTITLEMENT": N_("A sale by invitation needs the entitlement that invited buyers have."),
    "DRAW_WITHOUT_WINDOW": N_("A draw needs a start and an end."),
    "QUEUE_WITHOUT_PACE": N_("A queue needs a pace: how many orders go on in a minute."),
    "SAME_NAME_TWICE": N_("Two rules have the same name."),
    "LIMIT_BELOW_ONE": N_("A limit below 1 lets nobody buy."),
    "WINDOW_WITHOUT_LENGTH": N_("A window must be longer than nothing."),
    "SHARED_PLACE_ONLY_CHECKS": N_(
        "An address or a network alone leads to a check at most; neighbours are not punished."
    ),
    "SHARED_PLACE_IS_CROWDED": N_("Dormitories, offices and families share a place; %(most)s is little for them."),
    "CLUSTER_BY_ONE_SIGNAL": N_("A cluster needs at least two independent signals."),
    "NEVER_FIRES_ALONE": N_("This rule never fires alone: %(other)s is always broken first."),
    "WINDOW_LONGER_THAN_LAUNCH": N_("The window is longer than the launch."),
    "RULE_WITHOUT_SCORE": N_("A rule with score 0 changes no answer."),
    "NO_RESPONSE": N_("No score has an answer."),
    "TWO_RESPONSES_AT_ONE_SCORE": N_("There are two answers from %(score)s points."),
    "MORE_SCORE_MILDER_ANSWER": N_("From %(score)s points the answer gets milder."),
    "RESPONSE_NEVER_REACHED": N_("No order can reach %(score)s points."),
    "SCORE_WITHOUT_RESPONSE": N_("A rule gives %(score)s points, for which there is no answer."),
    "EXEMPT_AND_DENIED": N_("%(number)s entries are both exempt and denied; exempt wins."),
    "SNOOZE_IS_OVER": N_("A snooze is over."),
    "SNOOZE_OF_NO_RULE": N_("A snooze names a rule this policy does not have."),
    "PROTECTS_NOTHING": N_("The policy has no rule."),
    "NO_LIMIT": N_("No limit says how much one buyer may buy."),
    "ONLY_ACCOUNTS_ARE_LIMITED": N_("Only accounts are limited; whoever opens several buys several times."),
    "UNITS_ARE_NOT_LIMITED": N_("Only orders are limited; one order may take everything."),
    "NO_END": N_("The policy has no end."),
    "PREVIEW_SAW_NO_ORDER": N_("The preview saw no order this policy is about."),
    "HITS_MANY_BUYERS": N_(
        "It would have hit %(percent)s%% of the buyers (%(hit)s of %(buyers)s). Ordinary buyers are among them."
    ),
    "HITS_SOME_BUYERS": N_("It would have hit %(percent)s%% of the buyers (%(hit)s of %(buyers)s)."),
}


def summary(policy: Policy) -> tuple[Sentence, ...]:
    """A policy as the sentences a merchant reads, in the order of its form."""
    return (*_scope(policy), *_eligibility(policy), *_rules(policy), *_response(policy))


def text(sentence: Sentence, translate: Translate) -> str:
    """One sentence of a summary in the reader's language."""
    params = {name: _shown(value, translate) for name, value in sentence.params}
    return translate(SUMMARY[sentence.code]) % params


def name_of(code: str, translate: Translate) -> str:
    """The name of a dimension, verdict or address tag; a merchant's own tag is its own name."""
    return translate(NAMES[code]) if code in NAMES else code


def _shown(value: Param, translate: Translate) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return name_of(value[1:], translate) if isinstance(value, str) and value.startswith("@") else str(value)


def _there(policy: Policy, moment: datetime) -> datetime:
    """A moment on the clock of the policy's own time zone."""
    try:
        return moment.astimezone(zoneinfo.ZoneInfo(policy.scope.time_zone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return moment


def _scope(policy: Policy) -> Iterator[Sentence]:
    scope = policy.scope
    yield Sentence("ABOUT_ALL") if scope.all_listings else Sentence("ABOUT_LISTINGS", (("number", len(scope.skus)),))
    if scope.starts_at and scope.ends_at:
        yield Sentence("FROM_TO", (("start", _there(policy, scope.starts_at)), ("end", _there(policy, scope.ends_at))))
    elif scope.starts_at:
        yield Sentence("FROM", (("start", _there(policy, scope.starts_at)),))
    elif scope.ends_at:
        yield Sentence("UNTIL", (("end", _there(policy, scope.ends_at)),))
    if scope.channels:
        yield Sentence("CHANNELS", (("names", ", ".join(sorted(scope.channels))),))
    if scope.regions:
        yield Sentence("REGIONS", (("names", ", ".join(sorted(scope.regions))),))


def _eligibility(policy: Policy) -> Iterator[Sentence]:
    wanted = policy.eligibility
    if wanted.account_created_before:
        yield Sentence("ACCOUNT_AGE", (("date", _there(policy, wanted.account_created_before)),))
    if wanted.phone_verified:
        yield Sentence("PHONE_VERIFIED")
    if wanted.real_name_verified:
        yield Sentence("REAL_NAME_VERIFIED")
    if wanted.levels:
        yield Sentence("LEVEL", (("names", ", ".join(sorted(wanted.levels))),))
    if wanted.paid_orders and wanted.paid_orders_before:
        date = _there(policy, wanted.paid_orders_before)
        yield Sentence("PAID_ORDERS_BEFORE", (("number", wanted.paid_orders), ("date", date)))
    elif wanted.paid_orders:
        yield Sentence("PAID_ORDERS", (("number", wanted.paid_orders),))
    if wanted.entitlement:
        yield Sentence("ENTITLEMENT", (("name", wanted.entitlement),))


def _rules(policy: Policy) -> Iterator[Sentence]:
    for limit in policy.counted:
        yield of_limit(limit)
    for rule in policy.addresses:
        yield Sentence("ADDRESS_TAG", (("tag", f"@{rule.tag}"), ("score", rule.score)))
    for cluster in policy.clusters:
        yield of_cluster(cluster)
    for code, entries in (
        ("EXEMPT", policy.lists.exempt),
        ("DENIED", policy.lists.deny),
        ("SNOOZED", policy.snoozes),
    ):
        if entries:
            yield Sentence(code, (("number", len(entries)),))


def of_cluster(rule: ClusterRule) -> Sentence:
    """A rule about clusters as its sentence."""
    return Sentence("CLUSTER", (("number", rule.signals), ("score", rule.score)))


def of_limit(limit: Limit) -> Sentence:
    """A limit as its sentence."""
    measure = "UNITS" if limit.measure is Measure.UNITS else "ORDERS"
    each = "_EACH" if limit.per_listing else ""
    params: tuple[tuple[str, Param], ...] = (("who", f"@{Dimension(limit.dimension).value}"), ("most", limit.most))
    if limit.window is None:
        return Sentence(f"{measure}_LAUNCH{each}", params)
    hours, rest = divmod(limit.window, timedelta(hours=1))
    if rest or not hours:
        minutes = limit.window // timedelta(minutes=1)
        return Sentence(f"{measure}_MINUTES{each}", (*params, ("minutes", minutes)))
    return Sentence(f"{measure}_HOURS{each}", (*params, ("hours", hours)))


def of_band(band: Band) -> Sentence:
    """From which score on an order gets which answer, as a sentence."""
    if band.verdict is Verdict.HOLD and band.hours:
        return Sentence("BAND_HOLD", (("score", band.at_least), ("hours", band.hours)))
    return Sentence("BAND", (("score", band.at_least), ("answer", f"@{band.verdict.value}")))


def _response(policy: Policy) -> Iterator[Sentence]:
    if policy.mode is SaleMode.QUEUE:
        yield Sentence("MODE_QUEUE", (("number", policy.queue_per_minute),))
    elif policy.mode is not SaleMode.FIRST_COME:
        yield Sentence(f"MODE_{policy.mode.value}")
    for band in sorted(policy.bands, key=lambda band: band.at_least):
        if band.verdict is Verdict.VERIFY:
            yield Sentence("BAND_CHECK", (("score", band.at_least), ("check", f"@CHECK_{policy.check.value}")))
        else:
            yield of_band(band)
    yield Sentence("WHEN_WE_FAIL", (("answer", f"@{policy.when_we_fail.value}"),))
