"""What is known of an order when the platform asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scalper_policies.rules.policy import Dimension, Ending
from scalper_policies.rules.queue import Place


class Label(StrEnum):
    """What a past order turned out to be, where somebody said so."""

    UNKNOWN = ""
    ORDINARY = "ORDINARY"
    SCALPER = "SCALPER"


# Not frozen: a backtest makes a million of them, and a frozen one takes three times as long to make.
@dataclass(slots=True)
class OrderLine:
    sku: str
    units: int


@dataclass(slots=True)
class OrderFacts:
    """One order as plain values; a fact that is None is not known, a dimension without a key is not counted."""

    number: str
    placed_at: datetime
    lines: tuple[OrderLine, ...]
    keys: Mapping[Dimension, str] = field(default_factory=dict)
    channel: str = ""
    region: str = ""
    account_created_at: datetime | None = None
    phone_verified: bool | None = None
    real_name_verified: bool | None = None
    level: str | None = None
    paid_orders: int | None = None
    entitlements: frozenset[str] | None = None
    address_tags: tuple[str, ...] = ()
    cluster_signals: frozenset[str] = frozenset()
    ended_at: datetime | None = None
    ending: Ending | None = None
    label: Label = Label.UNKNOWN
    cash_on_delivery: bool | None = None
    held_listings: tuple[str, ...] = ()
    restriction: int | None = None
    restricted: tuple[str, ...] = ()
    payment_minutes: int | None = None
    drawn: bool | None = None  # whether a draw of the policy chose the buyer; None where no draw decides
    place: Place | None = None  # in the policy's queue; None where none was given

    @property
    def account(self) -> str:
        """The buyer's account; empty when the platform did not say."""
        return self.keys.get(Dimension.ACCOUNT, "")
