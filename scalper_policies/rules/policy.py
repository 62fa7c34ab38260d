"""What a launch policy (黄牛防控策略) says: who may buy, how much, and what happens to the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Dimension(StrEnum):
    """What counts as one buyer."""

    ACCOUNT = "ACCOUNT"
    PHONE = "PHONE"
    IDENTITY = "IDENTITY"
    DEVICE = "DEVICE"
    IP = "IP"
    IP_NET = "IP_NET"
    PAYMENT = "PAYMENT"
    RECIPIENT = "RECIPIENT"
    ADDRESS = "ADDRESS"
    BUILDING = "BUILDING"
    ADDRESS_CLUSTER = "ADDRESS_CLUSTER"
    HOUSEHOLD = "HOUSEHOLD"
    CLUSTER = "CLUSTER"


class Measure(StrEnum):
    UNITS = "UNITS"
    ORDERS = "ORDERS"


class Ending(StrEnum):
    """How an order can end without being kept; a limit says which of these give its units back."""

    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REFUNDED = "REFUNDED"


class Verdict(StrEnum):
    ALLOW = "ALLOW"
    VERIFY = "VERIFY"
    HOLD = "HOLD"
    REVIEW = "REVIEW"
    REJECT = "REJECT"


class Check(StrEnum):
    """What a buyer is asked to show when an order is checked (校验方式), from the lightest on."""

    CONFIRM = "CONFIRM"
    CAPTCHA = "CAPTCHA"
    PHONE = "PHONE"
    IDENTITY = "IDENTITY"
    PAYMENT = "PAYMENT"


class SaleMode(StrEnum):
    FIRST_COME = "FIRST_COME"
    QUEUE = "QUEUE"
    DRAW = "DRAW"
    INVITATION = "INVITATION"


class Requirement(StrEnum):
    """What an account must show to take part."""

    ACCOUNT_AGE = "ACCOUNT_AGE"
    PHONE_VERIFIED = "PHONE_VERIFIED"
    REAL_NAME_VERIFIED = "REAL_NAME_VERIFIED"
    LEVEL = "LEVEL"
    PAID_ORDERS = "PAID_ORDERS"
    ENTITLEMENT = "ENTITLEMENT"
    DRAWN = "DRAWN"


SEVERITY = {verdict: rank for rank, verdict in enumerate(Verdict)}
STRENGTH = {check: rank for rank, check in enumerate(Check)}
TURN_STANDS = timedelta(minutes=30)  # for so long an order may go on once its place in a queue is due
MOST_A_MINUTE = 100_000
HIGHEST_SCORE = 100
# People who share a roof or a line share these without knowing each other: a dormitory, an office, an internet café.
SURROUNDINGS = "SURROUNDINGS"
EVERY_RULE = ""  # overruled: the whole policy says nothing
SIGNAL_OF = {
    Dimension.ACCOUNT: "ACCOUNT",
    Dimension.PHONE: "PHONE",
    Dimension.IDENTITY: "IDENTITY",
    Dimension.DEVICE: "DEVICE",
    Dimension.PAYMENT: "PAYMENT",
    Dimension.RECIPIENT: "PHONE",
    Dimension.IP: SURROUNDINGS,
    Dimension.IP_NET: SURROUNDINGS,
    Dimension.ADDRESS: SURROUNDINGS,
    Dimension.BUILDING: SURROUNDINGS,
    Dimension.ADDRESS_CLUSTER: SURROUNDINGS,
    Dimension.HOUSEHOLD: SURROUNDINGS,
    Dimension.CLUSTER: "CLUSTER",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which orders a policy is about; an empty set of channels or regions means every one."""

    skus: frozenset[str] = frozenset()
    all_listings: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    time_zone: str = "Asia/Shanghai"
    channels: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who may take part; ages and orders count up to fixed dates, so that news of a launch makes nobody eligible."""

    announced_at: datetime | None = None
    account_created_before: datetime | None = None
    phone_verified: bool = False
    real_name_verified: bool = False
    levels: frozenset[str] = frozenset()
    paid_orders: int = 0
    paid_orders_before: datetime | None = None
    entitlement: str = ""
    score: int = HIGHEST_SCORE


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many units or orders for one key of a dimension, in a rolling window or in the whole launch."""

    id: str
    dimension: Dimension
    most: int
    window: timedelta | None = None
    measure: Measure = Measure.UNITS
    per_listing: bool = False
    gives_back: frozenset[Ending] = frozenset({Ending.CANCELLED, Ending.EXPIRED})
    score: int = HIGHEST_SCORE


@dataclass(frozen=True, slots=True)
class AddressRule:
    """Addresses with this tag (freight forwarder, parcel locker, logistics park, the merchant's own list)."""

    id: str
    tag: str
    score: int


@dataclass(frozen=True, slots=True)
class ClusterRule:
    """Accounts tied to others by at least so many independent signals."""

    id: str
    signals: int = 2
    score: int = 60


@dataclass(frozen=True, slots=True)
class Band:
    """From this score on, this answer; hours say how long a hold lasts."""

    at_least: int
    verdict: Verdict
    hours: int = 0


@dataclass(frozen=True, slots=True)
class BuyerLists:
    """Keys that are exempt or denied, each with the moment it expires (None: never). Exempt beats deny."""

    exempt: Mapping[tuple[Dimension, str], datetime | None] = field(default_factory=dict)
    deny: Mapping[tuple[Dimension, str], datetime | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snooze:
    """One rule left aside for one key until a date."""

    rule: str
    dimension: Dimension
    key: str
    until: datetime


REJECT_AT_FULL_SCORE = (Band(1, Verdict.VERIFY), Band(40, Verdict.HOLD, hours=24), Band(70, Verdict.REJECT))


@dataclass(frozen=True, slots=True)
class Policy:
    """One immutable version of a launch policy."""

    version: int = 1
    scope: Scope = field(default_factory=Scope)
    eligibility: Eligibility = field(default_factory=Eligibility)
    limits: tuple[Limit, ...] = ()
    velocity: tuple[Limit, ...] = ()
    addresses: tuple[AddressRule, ...] = ()
    clusters: tuple[ClusterRule, ...] = ()
    lists: BuyerLists = field(default_factory=BuyerLists)
    snoozes: tuple[Snooze, ...] = ()
    overruled: frozenset[str] = frozenset()
    mode: SaleMode = SaleMode.FIRST_COME
    queue_per_minute: int = 60
    check: Check = Check.CONFIRM
    bands: tuple[Band, ...] = REJECT_AT_FULL_SCORE
    when_we_fail: Verdict = Verdict.ALLOW

    @property
    def counted(self) -> tuple[Limit, ...]:
        """Every rule that counts: limits and velocity."""
        return (*self.limits, *self.velocity)

    @property
    def rules(self) -> "tuple[Limit | AddressRule | ClusterRule, ...]":
        """Every rule with a name and a score of its own."""
        return (*self.counted, *self.addresses, *self.clusters)


def velocity(rule_id: str, dimension: Dimension, *, orders: int, score: int = HIGHEST_SCORE) -> Limit:
    """At most so many orders a minute from one IP, device or address; orders given back still came."""
    return Limit(
        id=rule_id,
        dimension=dimension,
        most=orders,
        window=timedelta(minutes=1),
        measure=Measure.ORDERS,
        gives_back=frozenset(),
        score=score,
    )
