"""What a complaint must say before it can be handed in, and which kind fits what is known."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

SHORTEST_STORY = 10
LONGEST_STORY = 2_000
HIGHEST = Decimal("99999999.99")
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=5)  # clocks of people and machines differ a little

KIND_OF_AFTER_SALE = {"REFUND_ONLY": "MALICIOUS_REFUND_ONLY", "RETURN": "SWAPPED_OR_EMPTY_RETURN"}
KIND_OF_WARNING = {
    "EXTORTION": "EXTORTION",
    "RETURN_ABUSE": "SWAPPED_OR_EMPTY_RETURN",
    "MALICIOUS_CLAIM": "MALICIOUS_REFUND_ONLY",
}
OTHERWISE = "ABNORMAL_ORDER"


@dataclass(frozen=True)
class Told:
    """What a complaint says, as far as it can be wrong by itself."""

    story: str = ""
    amount: Decimal = Decimal(0)
    amount_demanded: Decimal | None = None
    happened_at: datetime | None = None
    placed_at: datetime | None = None


def faults(told: Told, *, at: datetime) -> dict[str, str]:
    """Return what is wrong with a complaint, a code for each field; nothing when it can be handed in."""
    found: dict[str, str] = {}
    length = len(told.story.strip())
    if length < SHORTEST_STORY:
        found["story"] = "story_short" if length else "story_missing"
    elif length > LONGEST_STORY:
        found["story"] = "story_long"
    if told.amount <= 0:
        found["amount"] = "amount_missing"
    elif told.amount > HIGHEST:
        found["amount"] = "amount_high"
    if told.amount_demanded is not None and not 0 <= told.amount_demanded <= HIGHEST:
        found["amount_demanded"] = "amount_high" if told.amount_demanded > 0 else "amount_negative"
    if code := _fault_of_time(told, at):
        found["happened_at"] = code
    return found


def kind_for(*, after_sale: str = "", warning: str = "", taken: Collection[str] = (), known: Collection[str]) -> str:
    """Return the kind that is proposed for what is known, one that does not stand about this order already."""
    wishes = [KIND_OF_WARNING.get(warning, ""), KIND_OF_AFTER_SALE.get(after_sale, ""), OTHERWISE, *sorted(known)]
    return next((kind for kind in wishes if kind in known and kind not in taken), "")


def _fault_of_time(told: Told, at: datetime) -> str:
    if told.happened_at is None:
        return ""
    if told.happened_at < EARLIEST:
        return "time_too_old"
    if told.happened_at > at + AHEAD:
        return "time_ahead"
    if told.placed_at is not None and told.happened_at < told.placed_at:
        return "time_before_order"
    return ""
