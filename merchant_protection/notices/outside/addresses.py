"""Which addresses the portal calls: public ones over https, and listeners of a demo that a setting names."""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST = 500
# Public by their range, and yet inside somebody's house, or a way into one.
BARRED = tuple(
    ipaddress.ip_network(each)
    for each in (
        *("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24"),  # Azure's own machine; protocols; old relays to IPv6
        *("2002::/16", "2001::/23", "3fff::/20"),  # IPv4 in disguise, protocols, documentation
    )
)
PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")  # nothing else is; IPv4 hidden in IPv6 lies outside, too
INSIDE_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "onion", "test", "invalid")


class BadAddress(ValueError):
    """The portal does not call this; the reason is one of the words below."""


@dataclass(frozen=True)
class Target:
    """An address taken apart once: what is checked is what is called."""

    scheme: str
    host: str
    port: int
    path: str
    is_listener: bool

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def read(url: str, *, listeners: Collection[str] = ()) -> Target:
    """Return the parts of an address that may be called, or raise BadAddress with the reason as a word.

    `listeners` are `host:port` of a demo or a test: only they may be plain http and inside.
    """
    if not url or len(url) > LONGEST or not url.isascii() or any(c <= " " or c in '\\\x7f"<>^`{|}' for c in url):
        raise BadAddress("form")
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
    except ValueError as error:
        raise BadAddress("form") from error
    if parts.scheme not in ("https", "http"):
        raise BadAddress("scheme")
    if not host or any(c in parts.netloc for c in "@%") or ("[" in parts.netloc and ":" not in host) or port == 0:
        raise BadAddress("form")
    port = port or (443 if parts.scheme == "https" else 80)
    is_listener = f"{host}:{port}" in listeners
    if parts.scheme == "http" and not is_listener:
        raise BadAddress("scheme")
    if not is_listener:
        _refuse_inside(host)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, is_listener)


def is_public(address: str) -> bool:
    """Whether an address that a name stands for lies out in the open, and nowhere inside anybody's house."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if any(found in each for each in BARRED if each.version == found.version):
        return False
    if found.version == 6 and found not in PUBLIC_IPV6:
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def _refuse_inside(host: str) -> None:
    """Tell early, with a reason, what the look at the addresses would refuse anyway."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if host.rpartition(".")[2] in INSIDE_NAMES or "." not in host or host.rpartition(".")[2].isdigit():
            raise BadAddress("inside") from None
        return
    if not is_public(host):
        raise BadAddress("inside")
