"""What a line of the routing table takes, in words."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from claims.models import RoutingRule
from claims.views.desk import choices


def add_to(rows: Iterable[Any]) -> None:
    """Write on each line what it takes."""
    kinds, languages = dict(choices.kinds()), dict(choices.languages())
    for row in rows:
        row.takes = pgettext("conditions", "; ").join(_conditions(row, kinds, languages)) or _("everything")


def _conditions(row: RoutingRule, kinds: dict[str, str], languages: dict[str, str]) -> Iterator[str]:
    if row.kinds:
        yield _("kinds: %(names)s") % {"names": _listed(kinds.get(each, each) for each in row.kinds)}
    if row.amount_from is not None:
        yield _("from %(amount)s") % {"amount": _amount(row.amount_from)}
    if row.amount_below is not None:
        yield _("below %(amount)s") % {"amount": _amount(row.amount_below)}
    if row.risk_from:
        yield _("risk %(risk)s and above") % {"risk": row.get_risk_from_display()}
    if row.tiers:
        yield _("tiers: %(names)s") % {"names": _listed(row.tiers)}
    if row.languages:
        yield _("languages: %(names)s") % {"names": _listed(languages.get(each, each) for each in row.languages)}


def _listed(names: Iterable[str]) -> str:
    return pgettext("list", ", ").join(names)


def _amount(amount: Decimal) -> str:
    """Each shop's complaints are in its own currency, so none is named."""
    return f"{amount:,.2f}".removesuffix(".00")
