"""What the guard asks of the selling platform, in words: its policies by their names, its doubts with their figures."""

import re
from collections.abc import Collection

from django.utils.translation import gettext as _

from pricing_guard.queries import overview
from pricing_guard.services.watching.orders import TOO_MANY
from pricing_guard.templatetags.price_words import finding_in_words

DOUBT = re.compile(r"[A-Z_0-9]+ (\d{1,18})")  # `CHECK incident`, as an incident's wishes say it
BASELINE = "policy-0"


def words(merchant_id: int, texts: Collection[str]) -> dict[str, str]:
    """Return the names of policies and the reasons of incidents, by what actions keep of them."""
    named = overview.names_of_rules(merchant_id, [text for text in texts if text.startswith("policy-")])
    doubts = {text: int(match[1]) for text in texts if (match := DOUBT.fullmatch(text))}
    findings = overview.findings_of(merchant_id, doubts.values()) if doubts else {}
    told = {text: finding_in_words(findings[pk][0]) for text, pk in doubts.items() if findings.get(pk)}
    own = {BASELINE: _("The platform's baseline"), TOO_MANY: _("Too many units below the price we believe in.")}
    return {text: own[text] for text in texts if text in own} | named | told
