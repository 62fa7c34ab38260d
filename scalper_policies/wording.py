"""Policies, answers and findings in the reader's language."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from scalper_policies.rules import checks, terms, words
from scalper_policies.rules.evaluate import DENY_LIST, QUEUE
from scalper_policies.rules.policy import STRENGTH, Check, Ending

STATUS_TONES = {
    "DRAFT": "idle",
    "SUBMITTED": "sent",
    "APPROVED": "review",
    "SHADOW": "idle",
    "CANARY": "need",
    "ENFORCING": "good",
    "EXPIRED": "hollow",
    "RETIRED": "hollow",
}
VERDICT_TONES = {"ALLOW": "good", "VERIFY": "sent", "HOLD": "need", "REVIEW": "review", "REJECT": "bad"}
MODE_TONES = {"SHADOW": "idle", "CANARY": "holds", "ENFORCING": "stops"}
MOVES: Mapping[str, Promise] = {
    "write": _("Written"),
    "submit": _("Put up for approval"),
    "send_back": _("Sent back"),
    "approve": _("Approved"),
    "watch": _("Put in shadow"),
    "try_out": _("Tried on a share of buyers"),
    "enforce": _("Put in force"),
    "expire": _("Ended by itself"),
    "retire": _("Taken out of use"),
}
RULES: Mapping[str, Promise] = {
    DENY_LIST: _("On the deny list"),
    "LISTING_HELD": _("New orders on this listing are held"),
    "RESTRICTED_NO_ORDERS": _("The shop takes no orders of this buyer for now"),
    "RESTRICTED_NO_CASH": _("No cash on delivery for this buyer for now"),
    "RESTRICTED_PAYMENT": _("A shorter time to pay for this buyer"),
    "POLICY_FAILED": _("A policy could not answer; this is what it says for then"),
    "ACCOUNT_AGE": _("The account is too young"),
    "PHONE_VERIFIED": _("The phone is not verified"),
    "REAL_NAME_VERIFIED": _("The real name is not verified"),
    "LEVEL": _("The member level does not fit"),
    "PAID_ORDERS": _("Too few paid orders"),
    "ENTITLEMENT": _("Not invited"),
    "DRAWN": _("Not chosen by the draw"),
    QUEUE: _("Waits in the queue"),
}

FOR_BUYERS: Mapping[str, Promise] = {
    "VERIFY": _("Please confirm that it is you who places this order."),
    "CHECK_CAPTCHA": _("Please solve the puzzle that is shown to you, then your order goes on."),
    "CHECK_PHONE": _("Please enter the code that was sent to your phone, then your order goes on."),
    "CHECK_IDENTITY": _("Please verify your account by your real name, then your order goes on."),
    "CHECK_PAYMENT": _("Please let an amount be held on your means of payment, then your order goes on."),
    "QUEUE": _("Your order has a place in the queue and goes on when its turn comes. You need not do anything."),
    "HOLD": _("Your order is being looked at and goes on once that is done. You need not do anything."),
    "REVIEW": _("A person looks at your order before it goes on. You need not do anything."),
    "REJECT": _("This order cannot be accepted. If you think that is wrong, you can ask to have it looked at again."),
    "PAY_IN_ADVANCE": _("This order cannot be paid on delivery. Please choose another way to pay."),
    "NOT_DRAWN": _("A draw decides who can buy this, and it has not chosen this account."),
    "OWN_LIMIT": _("The most that one account can buy of this is reached."),
}
LANGUAGES = ("en", "zh-hans")
USUALLY_GIVEN_BACK = frozenset({Ending.CANCELLED, Ending.EXPIRED})


def for_buyer(verdict: str, reasons: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what the buyer may be told, in both languages: nothing of other buyers, of scores or of lists.

    Only what is the buyer's own is named: how it is paid, the account's own limit, and what a draw said to it.
    """
    if verdict not in FOR_BUYERS:
        return dict.fromkeys(LANGUAGES, "")
    said = FOR_BUYERS[_told_of(verdict, list(reasons))]
    found = {}
    for language in LANGUAGES:
        with override(language):
            found[language] = str(said)
    return found


def _told_of(verdict: str, reasons: list[Mapping[str, Any]]) -> str:
    codes = {str((each.get("would_pass_if") or {}).get("code")) for each in reasons}
    if (asked_for := check_of(verdict, reasons)) and asked_for is not Check.CONFIRM:
        return f"CHECK_{asked_for.value}"
    if verdict == "HOLD" and codes == {"ITS_TURN"}:
        return "QUEUE"
    if verdict == "REJECT" and codes == {"PAY_IN_ADVANCE"}:
        return "PAY_IN_ADVANCE"
    if verdict == "REJECT" and codes == {"DRAWN"}:
        return "NOT_DRAWN"
    own = {"AT_MOST_UNITS", "LATER", "NOT_IN_THIS_LAUNCH"}
    if verdict == "REJECT" and codes and codes <= own and {each.get("dimension") for each in reasons} == {"ACCOUNT"}:
        return "OWN_LIMIT"
    return verdict


def check_of(verdict: str, reasons: Iterable[Mapping[str, Any]]) -> Check | None:
    """Return what a buyer is asked to show: the strongest check that a rule asked for.

    Nothing where the order passes, is stopped, or is held by more than its turn in a queue.
    """
    said = [each.get("would_pass_if") or {} for each in reasons]
    asked_for = [Check(each["check"]) for each in said if "check" in each]
    if verdict == "VERIFY":
        return max(asked_for, key=STRENGTH.__getitem__, default=Check.CONFIRM)
    if verdict == "HOLD" and asked_for and all("check" in each or each.get("code") == "ITS_TURN" for each in said):
        return max(asked_for, key=STRENGTH.__getitem__)
    return None


def summary(plain: Mapping[str, Any]) -> list[str]:
    """Return a policy's terms as the sentences a merchant reads."""
    return [words.text(sentence, gettext) for sentence in words.summary(terms.from_plain(plain))]


def in_short(plain: Mapping[str, Any]) -> list[str]:
    """Return the sentences that say what a policy does, without where and when."""
    policy = terms.from_plain(plain)
    leading = {"ABOUT_ALL", "ABOUT_LISTINGS", "FROM_TO", "FROM", "UNTIL", "CHANNELS", "REGIONS", "WHEN_WE_FAIL"}
    found = [sentence for sentence in words.summary(policy) if sentence.code not in leading | {"BAND", "BAND_HOLD"}]
    return [words.text(sentence, gettext) for sentence in found[:3]]


def findings(found: tuple[checks.Finding, ...]) -> list[dict[str, str]]:
    """Return what a check found, in words."""
    return [
        {"gravity": finding.gravity.value, "text": finding_text(finding.code, dict(finding.params))}
        for finding in found
    ]


def finding_text(code: str, params: Mapping[str, Any]) -> str:
    """Return one finding in words."""
    return gettext(words.FINDINGS[code]) % params


def reason(said: Mapping[str, Any]) -> str:
    """Return one reason of an answer in words: what was seen, and what is allowed."""
    rule = str(said["rule"])
    if rule in RULES:
        # What the platform did not send is asked for, and is not held against the buyer.
        if rule == QUEUE:
            return gettext("Waits in the queue: place %(place)s") % {"place": said.get("observed")}
        is_unknown = said.get("observed") is None and said.get("limit") is not None
        return gettext("%(what)s (not known)") % {"what": RULES[rule]} if is_unknown else str(RULES[rule])
    who = words.name_of(str(said["dimension"]), gettext)
    if said.get("limit") is None:
        return gettext("To %(tag)s") % {"tag": words.name_of(str(said["observed"]), gettext)}
    if said["dimension"] == "CLUSTER" and rule.startswith("cluster") and "-" not in rule:
        return gettext("The account is tied to others by %(observed)s signals") % said
    told = {"who": who.rstrip(",，"), "observed": said["observed"], "limit": said["limit"]}
    return gettext("%(who)s: %(observed)s, allowed are %(limit)s") % told


def rules(plain: Mapping[str, Any]) -> dict[str, str]:
    """Return every rule of a policy as the sentence that says it, by its name."""
    policy = terms.from_plain(plain)
    said = {limit.id: words.text(words.of_limit(limit), gettext) for limit in policy.counted}
    said |= {rule.id: gettext("To %(tag)s") % {"tag": words.name_of(rule.tag, gettext)} for rule in policy.addresses}
    said |= {rule.id: words.text(words.of_cluster(rule), gettext) for rule in policy.clusters}
    return said | {name: str(text) for name, text in RULES.items()}


def asked(_merchant_id: int, texts: Collection[str]) -> dict[str, str]:
    """Put the rules that actions keep, and the reason given where a person gave none, into words."""
    own = {"Let go by a person.": gettext("Let go by a person.")}
    return {text: str(RULES[text]) if text in RULES else own[text] for text in texts if text in RULES or text in own}


def remedy(said: Mapping[str, Any]) -> str:
    """Return what would let the order pass, in words."""
    wanted = dict(said.get("would_pass_if") or {})
    code, check = str(wanted.pop("code", "")), str(wanted.pop("check", ""))
    if code not in words.REMEDIES:
        return ""
    if "seconds" in wanted:
        wanted["duration"] = length(int(wanted["seconds"]))
    if "at" in wanted:
        wanted["at"] = timezone.localtime(datetime.fromisoformat(wanted["at"])).strftime("%Y-%m-%d %H:%M:%S")
    found = gettext(words.REMEDIES[code]) % wanted
    if not check:
        return found
    asked_for = words.name_of(f"CHECK_{check}", gettext)
    return gettext("%(remedy)s It also passes with %(check)s.") % {"remedy": found, "check": asked_for}


def length(seconds: int) -> str:
    """Return a span of time in words; less than a minute is one."""
    seconds = max(60, seconds)
    hours, minutes = divmod(seconds // 60, 60)
    if minutes or not hours:
        return gettext("%(minutes)s minutes") % {"minutes": seconds // 60}
    if hours % 24 == 0 and hours > 24:
        return gettext("%(days)s days") % {"days": hours // 24}
    return gettext("%(hours)s hours") % {"hours": hours}


PARTS: Mapping[str, Promise] = {
    "scope": _("Which orders"),
    "eligibility": _("Who may take part"),
    "limits": _("How much"),
    "velocity": _("Orders in one minute"),
    "addresses": _("Addresses and accounts"),
    "clusters": _("Addresses and accounts"),
    "mode": _("How it is sold"),
    "queue_per_minute": _("How it is sold"),
    "check": _("The answer"),
    "bands": _("The answer"),
    "when_we_fail": _("When we cannot answer in time"),
}


FIELDS: Mapping[str, Promise] = {
    "skus": _("Listings"),
    "all_listings": _("Every listing of the shop"),
    "starts_at": _("Starts"),
    "ends_at": _("Ends"),
    "time_zone": _("Time zone"),
    "channels": _("Only in these channels"),
    "regions": _("Only in these regions"),
    "announced_at": _("Announced"),
    "account_created_before": _("Accounts must be older than"),
    "phone_verified": _("Verified phone"),
    "real_name_verified": _("Verified real name"),
    "levels": _("Only these member levels"),
    "paid_orders": _("Paid orders at least"),
    "paid_orders_before": _("Paid before"),
    "entitlement": _("Only with the entitlement"),
    "score": _("Whoever does not fit"),
}
MODES: Mapping[str, Promise] = {
    "FIRST_COME": _("First come, first served"),
    "QUEUE": _("Buyers wait in a queue"),
    "DRAW": _("A draw with equal odds"),
    "INVITATION": _("Only invited buyers"),
}
ENDINGS: Mapping[str, Promise] = {
    "CANCELLED": _("cancelled orders"),
    "EXPIRED": _("unpaid orders"),
    "REFUNDED": _("refunded orders"),
}


def change(where: str, before: Any, after: Any) -> dict[str, str]:
    """Return one difference between two versions, in words: rules as the sentences that say them."""
    part, _dot, field = where.partition(".")
    named = {"part": str(PARTS.get(part, part)), "field": str(FIELDS.get(field, ""))}
    return named | {"before": _in_words(part, field, before), "after": _in_words(part, field, after)}


def _in_words(part: str, field: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, dict):
        return _rule_in_words(part, value)
    if part == "mode":
        return str(MODES[value])
    if part == "check":
        return words.name_of(f"CHECK_{value}", gettext)
    if part == "queue_per_minute":
        return gettext("%(number)s orders a minute") % {"number": value}
    if part == "when_we_fail":
        return words.name_of(value, gettext)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if field.endswith(("_at", "_before")):
        return timezone.localtime(datetime.fromisoformat(value)).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list):
        return ", ".join(map(str, value[:20])) + (" …" if len(value) > 20 else "")
    return str(value)


def _rule_in_words(part: str, plain: Mapping[str, Any]) -> str:
    policy = terms.from_plain({part: [plain]})
    if part == "bands":
        return words.text(words.of_band(policy.bands[0]), gettext)
    said = rules({part: [plain]})[str(plain["id"])]
    found = gettext("%(rule)s Counts %(score)s towards an answer.") % {"rule": said, "score": plain["score"]}
    for limit in policy.limits:
        if limit.gives_back != USUALLY_GIVEN_BACK:
            given = ", ".join(str(ENDINGS[each]) for each in sorted(limit.gives_back)) or "–"
            found = gettext("%(said)s Given back by: %(endings)s.") % {"said": found, "endings": given}
    return found


def dimension(code: str) -> str:
    """Return what counts as one buyer, in words."""
    return words.name_of(code, gettext).rstrip(",，")
