"""What a person or a test may choose: a file (TOML), the environment, the command line, in this order."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

STORIES = {
    "price_slip": 4.0,
    "stack_mistake": 1.5,
    "scalper_ring": 2.0,
    "blackmailer": 3.0,
    "refund_gang": 1.5,
    "hoarding": 1.5,
    "extra_charge": 1.0,
    "serial_returner": 1.0,
    "repricer_feed": 0.0,
}
DEMO_SECRET = "whsec_c2ltdWxhdG9yLWRlbW8tc2VjcmV0LW5vdC1mb3ItdXNl"  # noqa: S105  known to all, for the demo only


@dataclass(frozen=True)
class Merchant:
    """A shop on this marketplace; source and secret only where they differ from the common ones.

    `listings` asks for at least so many products: the product file is gone through again and again.
    """

    code: str
    name: str
    goods: str
    orders_per_day: float = 40.0
    listings: int = 0
    source: str = ""
    secret: str = ""


SHOPS = (
    Merchant(code="QH-0001", name="青禾优选旗舰店", goods="household", orders_per_day=42.0),
    Merchant(code="BW-0002", name="北纬家电专营店", goods="appliances", orders_per_day=18.0),
)


@dataclass(frozen=True)
class Settings:
    """Everything that can be configured; the field names are the TOML keys."""

    portal: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8100
    seed: int = 20261124
    source: str = "src_simulator"
    secret: str = DEMO_SECRET
    action_secret: str = ""
    webhook_secret: str = ""
    merchants: tuple[Merchant, ...] = SHOPS
    buyers: int = 600
    rate: float = 0.6
    batch: int = 1
    lanes: int = 4
    history: float = 0.0
    start: str = ""
    export: str = ""
    state: str = ""
    no_live: bool = False
    paused: bool = False
    announce: bool = True
    story_every: float = 240.0
    stories: dict[str, float] = field(default_factory=lambda: dict(STORIES))
    opening: str = ""
    questions: tuple[str, ...] = ()
    api_key: str = ""
    accept_unknown: bool = False
    verbose: bool = False

    @property
    def secret_of_actions(self) -> str:
        """Return the secret that actions must be signed with."""
        return self.action_secret or self.secret

    def credentials(self, merchant: str) -> tuple[str, str]:
        """Return source and secret for the events of one merchant."""
        for one in self.merchants:
            if one.code == merchant and one.source:
                return one.source, one.secret or self.secret
        return self.source, self.secret


def merged(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """Return the settings with these keys replaced; an unknown key or a wrong kind is an error."""
    known = {one.name: getattr(settings, one.name) for one in fields(settings)}
    changes: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            raise ValueError(f"No such setting: {key}")
        changes[key] = _fitting(key, value, known[key])
    return replace(settings, **changes)


def _fitting(key: str, value: Any, present: Any) -> Any:
    if key == "merchants":
        return tuple(one if isinstance(one, Merchant) else Merchant(**one) for one in value)
    if key == "questions":
        return tuple(value.split(",")) if isinstance(value, str) and value else tuple(value)
    if key == "stories":
        return {**present, **_weights(value)}
    if isinstance(present, bool):
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true", "yes", "on")
    return type(present)(value)


def _weights(given: Mapping[str, Any]) -> dict[str, float]:
    unknown = set(given) - set(STORIES)
    if unknown:
        raise ValueError(f"No such story: {', '.join(sorted(unknown))}")
    return {name: float(weight) for name, weight in given.items()}


def from_file(settings: Settings, path: str) -> Settings:
    """Return the settings with a TOML file's keys."""
    return merged(settings, tomllib.loads(Path(path).read_text(encoding="utf-8")))


def from_environment(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """Return the settings with SIMULATOR_PORTAL, SIMULATOR_SECRET and so on; shops and stories stay."""
    names = [one.name for one in fields(settings) if one.name not in ("merchants", "stories")]
    found = {name: environment.get(f"SIMULATOR_{name.upper()}", "") for name in names}
    return merged(settings, {name: value for name, value in found.items() if value})
