"""Actions in the reader's language."""

from django import template

from merchant_protection.marketplace import wording
from merchant_protection.marketplace.models import PlatformAction

register = template.Library()


@register.filter
def verb_in_words(verb: str) -> str:
    """Return what an action does, in words."""
    return str(dict(PlatformAction.Verb.choices).get(verb, verb))


@register.filter
def review_in_words(reason: str) -> str:
    """Return why an action waits for a person, in words."""
    return str(dict(PlatformAction.Review.choices).get(reason, reason))


@register.simple_tag
def rule_in_words(merchant_id: int, feature: str, rule: str) -> str:
    """Return the name of a feature's rule in a shop."""
    return wording.asked(merchant_id, feature, [rule]).get(rule, rule)
