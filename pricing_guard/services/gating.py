"""What the guard says when one of its own actions is about to leave: is it still wanted, is its policy understood?"""

from merchant_protection.marketplace.rules.gate import Answer, Asked
from pricing_guard.queries import incidents as queries
from pricing_guard.queries import policies
from pricing_guard.rules import stored


def still_wanted(asked: Asked) -> Answer:
    """Answer for an action of the guard: as long as an incident it belongs to is open, it is wanted."""
    if not _is_understood(asked):
        return Answer.VERSION_UNKNOWN
    if asked.kind == "ORDER" and asked.verb == "hold_order":
        return Answer.LET_A_PERSON_LOOK if asked.is_stale else Answer.STILL_WANTED
    return Answer.STILL_WANTED if queries.is_action_wanted(asked.merchant_id, asked.action_id) else Answer.NOT_WANTED


def _is_understood(asked: Asked) -> bool:
    """A policy version that this release cannot read decides nothing here."""
    policy_id = asked.rule.removeprefix("policy-")
    if policy_id == "0":
        return True
    if not (policy_id.isdecimal() and asked.rule_version.isdecimal()):
        return False
    version = policies.version_of(asked.merchant_id, int(policy_id), int(asked.rule_version))
    if version is None:
        return False
    try:
        stored.thresholds_in(version.thresholds)
        stored.ladder_in(version.ladder)
    except (ValueError, KeyError, ArithmeticError):
        return False
    return True
