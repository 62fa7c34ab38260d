"""What can be chosen where operations edit: kinds, queues' languages, tiers, skills, as they stand now."""

from django.conf import settings
from django.utils.translation import gettext

from claims.queries import kinds as queries
from claims.queries import settings as setting_queries
from claims.templatetags.desk_words import worded


def kinds() -> list[tuple[str, str]]:
    """The kinds that can be filed, by their names."""
    return [(each.code, worded(each, "name")) for each in queries.current()]


def languages() -> list[tuple[str, str]]:
    """The languages of the portal."""
    return [(code, gettext(name)) for code, name in settings.LANGUAGES]


def tiers() -> list[str]:
    """The tiers that merchants have, or that a rule speaks of."""
    return setting_queries.tiers()


def tier_or_any() -> list[tuple[str, str]]:
    """A tier, or any of them."""
    return [("", gettext("Any")), *((each, each) for each in tiers())]


def skills() -> list[str]:
    """The skills that a reviewer has, or that a rule asks for."""
    return setting_queries.skills()
