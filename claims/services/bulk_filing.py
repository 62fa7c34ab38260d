"""Many complaints from one file: each row for itself, so that one that is wrong holds up no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import Claim
from claims.queries import kinds
from claims.rules import claim_rows
from claims.rules.claim_rows import Row
from claims.services import drafting, filing
from claims.wording import ROW_FAULTS
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid, Refusal, require
from merchant_protection.marketplace.queries import orders


@dataclass(frozen=True)
class Outcome:
    """What became of one row: the complaint it is, or what is wrong with it by column."""

    number: int
    order: str
    claim: Claim | None = None
    is_known: bool = False
    faults: tuple[tuple[str, str], ...] = ()


def file_rows(
    *, actor: Actor, merchant_id: int, body: bytes, zone: tzinfo, at: datetime, is_handed_in: bool
) -> list[Outcome]:
    """File up to 500 complaints; with `is_handed_in` the faultless are handed in too, else all stay drafts.

    Safe to run twice: the same order and kind is the same complaint.
    """
    require(policies.can_file(actor, merchant_id))
    rows = _rows(body, zone)
    numbers = {str(row.values["order"]) for row in rows}
    mine = orders.visible_to(actor).filter(merchant_id=merchant_id, number__in=numbers)
    known = dict(mine.values_list("number", "pk"))
    seen: dict[tuple[object, object], int] = {}
    return [_one(row, known, seen, actor, merchant_id, at, is_handed_in) for row in rows]


def _rows(body: bytes, zone: tzinfo) -> Sequence[Row]:
    codes = list(kinds.current().values_list("code", flat=True))
    try:
        return claim_rows.read(body, zone=zone, kinds=codes, channels=Claim.Channel.values)
    except claim_rows.NotATable as error:
        code, _colon, column = str(error).partition(":")
        raise Invalid(fields={"file": [str(ROW_FAULTS[code]) % {"column": column}]}) from error


def _one(
    row: Row,
    known: dict[str, int],
    seen: dict[tuple[object, object], int],
    actor: Actor,
    merchant_id: int,
    at: datetime,
    is_handed_in: bool,
) -> Outcome:
    order = str(row.values["order"])
    faults = {name: str(ROW_FAULTS[code]) for name, code in row.faults.items()}
    if "order" not in faults and order not in known:
        faults["order"] = str(ROW_FAULTS["order_unknown"])
    same = (order, row.values["kind"])
    if same in seen and not faults:
        faults["order"] = _("The same order and kind stand in row %(row)d.") % {"row": seen[same]}
    if faults:
        return _refused(row, faults)
    try:
        done = _filed(row, known[order], actor, merchant_id, at, is_handed_in)
    except Invalid as refusal:
        return _refused(row, {name: lines[0] for name, lines in refusal.fields.items()} or {"": refusal.message})
    except Refusal as refusal:
        return _refused(row, {"order": refusal.message})
    if not done.faults:
        seen[same] = row.number
    return done


def _filed(row: Row, order_id: int, actor: Actor, merchant_id: int, at: datetime, is_handed_in: bool) -> Outcome:
    values = row.values
    claim = filing.draft(
        merchant_id=merchant_id,
        kind_code=str(values["kind"]),
        order_id=order_id,
        actor=actor,
        at=at,
        source=Claim.Source.CSV,
    )
    if claim.status != lifecycle.DRAFT:
        return Outcome(row.number, claim.order_number, claim, is_known=True)
    said: dict[str, Any] = {
        "amount_demanded": values["amount_demanded"],
        "happened_at": values["happened_at"],
        "demand_channel": values["channel"],
        "is_buyer_contacted": values["contacted"],
        "story": values["story"],
    }
    if values["amount"] is not None:
        said["amount"] = values["amount"]
    claim = drafting.say(claim_id=claim.pk, actor=actor, at=at, **said)
    if faults := filing.faults_of(claim, at=at):  # kept as a draft, to be mended there
        return Outcome(row.number, claim.order_number, claim, faults=tuple(faults.items()))
    if is_handed_in:
        claim = filing.submit(claim_id=claim.pk, actor=actor, at=at)
    return Outcome(row.number, claim.order_number, claim)


def _refused(row: Row, faults: dict[str, str]) -> Outcome:
    return Outcome(row.number, str(row.values["order"])[:80], faults=tuple(faults.items()))
