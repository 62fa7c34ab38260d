"""An order as the platform asks about it, and the same as facts with nothing readable left in them."""

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from merchant_protection.marketplace.rules import events, personal
from merchant_protection.marketplace.rules.address_tags import AddressWords
from merchant_protection.marketplace.rules.keyed import keyed
from scalper_policies.rules.orders import OrderFacts, OrderLine
from scalper_policies.rules.policy import Dimension

Words = Annotated[list[Annotated[str, Meta(max_length=80)]], Meta(max_length=100)]


NO_WORDS = AddressWords(version=0)


class Line(msgspec.Struct, frozen=True):
    """One line of the order."""

    sku: events.Name
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]


class Account(msgspec.Struct, frozen=True):
    """What the platform knows of the buyer's account now; what is left out is taken from what it told before."""

    created_at: events.Moment | None = None
    phone_verified: bool | None = None
    real_name_verified: bool | None = None
    level: Annotated[str, Meta(max_length=40)] | None = None
    paid_orders: Annotated[int, Meta(ge=0, le=2_000_000_000)] | None = None
    entitlements: Words | None = None


class Asked(msgspec.Struct, frozen=True):
    """One question: may this order pass? Only number and lines must be there."""

    number: events.Name
    lines: Annotated[list[Line], Meta(min_length=1, max_length=500)]
    merchant: Annotated[str, Meta(max_length=80)] = ""
    buyer: Annotated[str, Meta(max_length=120)] = ""
    placed_at: events.Moment | None = None
    channel: Annotated[str, Meta(max_length=40)] = ""
    region: Annotated[str, Meta(max_length=60)] = ""
    country: Annotated[str, Meta(max_length=60)] = ""
    recipient: events.Recipient | None = None
    device: Annotated[str, Meta(max_length=300)] = ""
    ip: Annotated[str, Meta(max_length=64)] = ""
    payment: Annotated[str, Meta(max_length=300)] = ""
    identity: Annotated[str, Meta(max_length=300)] = ""
    account: Account = Account()
    # Left out of the digest where it is not sent, so that what was asked before it was known stays the same question.
    cash_on_delivery: bool | msgspec.UnsetType | None = msgspec.UNSET

    @property
    def digest(self) -> str:
        """By which the same question is told from another one under the same order number."""
        return hashlib.sha256(_encoder.encode(msgspec.structs.replace(self, merchant=""))).hexdigest()


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Asked)


def read(body: bytes) -> Asked:
    """Read a question; raises msgspec's errors on what is none."""
    return _decoder.decode(body)


def facts(asked: Asked, *, at: datetime, secret: bytes, buyer_key: str) -> OrderFacts:
    """The order as plain values: who, where and by what means only as keyed hashes; the address is not tagged yet."""
    person = asked.recipient or events.Recipient()
    place = personal.place_keys(
        name=person.name, phone=person.phone, address=person.address, secret=secret, listed=NO_WORDS
    )
    means = personal.means_keys(device=asked.device, ip=asked.ip, payment=asked.payment, secret=secret)
    told = asked.account
    return OrderFacts(
        number=asked.number,
        placed_at=at,
        lines=tuple(OrderLine(line.sku, line.quantity) for line in asked.lines),
        keys=keys_of(
            account=buyer_key,
            phone=place.phone_key,
            recipient=place.recipient_key,
            exact=place.address_exact,
            building=place.address_building,
            fuzzy=place.address_fuzzy,
            device=means.device_key,
            ip=means.ip_key,
            ip_net=means.ip_net_key,
            payment=means.payment_key,
            identity=keyed(secret, "identity", asked.identity.strip()),
        ),
        channel=asked.channel,
        region=asked.region or asked.country,
        account_created_at=told.created_at,
        phone_verified=told.phone_verified,
        real_name_verified=told.real_name_verified,
        level=told.level,
        paid_orders=told.paid_orders,
        entitlements=None if told.entitlements is None else frozenset(told.entitlements),
        cash_on_delivery=None if asked.cash_on_delivery is msgspec.UNSET else asked.cash_on_delivery,
    )


def keys_of(
    account: str,
    phone: str,
    recipient: str,
    exact: str,
    building: str,
    fuzzy: str,
    device: str,
    ip: str,
    ip_net: str,
    payment: str,
    identity: str = "",
) -> dict[Dimension, str]:
    """The key of an order in each dimension it has one for; the same for an order asked about and one of the past.

    A recipient is a name with a telephone number; a household is a flat that pays by one means.
    """
    found = {
        Dimension.ACCOUNT: account,
        Dimension.PHONE: phone,
        Dimension.IDENTITY: identity,
        Dimension.DEVICE: device,
        Dimension.IP: ip,
        Dimension.IP_NET: ip_net,
        Dimension.PAYMENT: payment,
        Dimension.RECIPIENT: _together(recipient, phone),
        Dimension.ADDRESS: exact,
        Dimension.BUILDING: building,
        Dimension.ADDRESS_CLUSTER: fuzzy,
        Dimension.HOUSEHOLD: _together(exact, payment),
    }
    return {dimension: key for dimension, key in found.items() if key}


def to_plain(order: OrderFacts) -> dict[str, Any]:
    """What is kept of an order with its decision."""
    plain: dict[str, Any] = msgspec.json.decode(_encoder.encode(order))
    return {name: value for name, value in plain.items() if value not in (None, "", [], {})}


def from_plain(plain: dict[str, Any]) -> OrderFacts:
    """The order as it was when it was decided."""
    return msgspec.convert(plain, OrderFacts)


def with_cluster(order: OrderFacts, *, key: str, signals: frozenset[str]) -> OrderFacts:
    """The order with the cluster of accounts its buyer belongs to."""
    return replace(order, keys={**order.keys, Dimension.CLUSTER: key}, cluster_signals=signals)


def _together(one: str, other: str) -> str:
    return hashlib.sha256(f"{one}\x00{other}".encode()).hexdigest()[:32] if one and other else ""
