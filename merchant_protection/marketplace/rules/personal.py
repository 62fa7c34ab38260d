"""The keys by which an order's personal data is matched; the same wherever an order is described to us."""

import ipaddress
from dataclasses import dataclass

from merchant_protection.marketplace.rules import address_tags, addresses, phones
from merchant_protection.marketplace.rules.address_tags import AddressWords
from merchant_protection.marketplace.rules.keyed import keyed


@dataclass(frozen=True)
class PlaceKeys:
    """Who receives and where, as keys and tags."""

    phone_key: str = ""
    recipient_key: str = ""
    address_exact: str = ""
    address_building: str = ""
    address_fuzzy: str = ""
    address_tags: tuple[str, ...] = ()
    address_list_version: int = 0


@dataclass(frozen=True)
class MeansKeys:
    """From which device and network an order came, and how it was paid, as keys."""

    device_key: str = ""
    ip_key: str = ""
    ip_net_key: str = ""
    payment_key: str = ""


def place_keys(
    *, name: str, phone: str, address: str, secret: bytes, listed: AddressWords = address_tags.BUILT_IN
) -> PlaceKeys:
    """Return the keys of a recipient: telephone, name, and the address at three levels with its tags."""
    found = addresses.address_keys(address, secret)
    return PlaceKeys(
        phone_key=phones.phone_key(phone, secret),
        recipient_key=keyed(secret, "recipient", "".join(name.split()).casefold()),
        address_exact=found.exact,
        address_building=found.building,
        address_fuzzy=found.fuzzy,
        address_tags=address_tags.tags(address, listed) if address and listed.words else (),
        address_list_version=listed.version,
    )


def means_keys(*, device: str, ip: str, payment: str, secret: bytes) -> MeansKeys:
    """Return the keys of device, address in the network, its neighbourhood (/24, /48) and means of payment."""
    one, net = _network(ip)
    return MeansKeys(
        device_key=keyed(secret, "device", device.strip()),
        ip_key=keyed(secret, "ip", one),
        ip_net_key=keyed(secret, "ip_net", net),
        payment_key=keyed(secret, "payment", payment.strip()),
    )


def tracking_key(number: str, secret: bytes) -> str:
    """Return the key of a parcel's tracking number, however it was spaced."""
    return keyed(secret, "tracking", "".join(number.split()).upper())


def _network(text: str) -> tuple[str, str]:
    """A text that is no address in a network stands for itself and has no neighbours."""
    try:
        ip = ipaddress.ip_address(text.strip())
    except ValueError:
        return text.strip(), ""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    bits = 24 if ip.version == 4 else 48
    return str(ip), str(ipaddress.ip_network((ip, bits), strict=False))
