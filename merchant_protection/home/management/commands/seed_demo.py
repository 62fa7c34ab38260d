"""`manage.py seed_demo`: the demo's shops, people and selling platform, made through the same services as real ones."""

import os
import secrets
from base64 import b64encode
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.accounts.models import Merchant, Role, StaffRole
from merchant_protection.accounts.services import keys, members, merchants, users
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.home.demo import (
    baseline,
    complaints,
    evidence,
    launches,
    lessons,
    points,
    price_guard,
    webhooks,
)
from merchant_protection.home.demo.people import member
from merchant_protection.marketplace.queries import inbox, orders
from merchant_protection.marketplace.services import platforms, sources
from merchant_protection.risk import queries as risk
from scalper_policies.services import warning_limits

PASSWORD = "demo-password-2026"  # noqa: S105  the same for everybody, and only where the demo runs
SOURCE = "src_simulator"
HISTORY_DAYS = 45

SHOPS = (
    ("QH-0001", "青禾优选旗舰店", "家居日用"),
    ("BW-0002", "北纬家电专营店", "家用电器"),
)
PEOPLE: tuple[tuple[str, str, dict[str, Role], tuple[StaffRole, ...]], ...] = (
    ("owner@demo.test", "李雯", {"QH-0001": Role.OWNER}, ()),
    ("operator@demo.test", "周楠", {"QH-0001": Role.OPERATOR, "BW-0002": Role.READ_ONLY}, ()),
    ("rival@demo.test", "高远", {"BW-0002": Role.OWNER}, ()),
    ("reviewer@demo.test", "林悦", {}, (StaffRole.REVIEWER,)),
    ("senior@demo.test", "陈思远", {}, (StaffRole.SENIOR_REVIEWER,)),
    ("trainer@demo.test", "赵敏", {}, (StaffRole.TRAINER,)),
    ("operations@demo.test", "王岚", {}, (StaffRole.OPERATIONS,)),
    ("operations2@demo.test", "何川", {}, (StaffRole.OPERATIONS,)),
)
OWNERS = ("owner@demo.test", "rival@demo.test")  # of each of the shops


class Command(BaseCommand):
    """Make what the demo needs; what is there already stays as it is."""

    help = "Make the demo's shops, people and selling platform. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo's people have a password that everybody knows: run this with DEMO=1 only.")
        actor = Actor.clock("seed_demo")
        with tenancy.platform():
            shops = {code: self._shop(actor, code, name, category) for code, name, category in SHOPS}
            for email, name, roles, staff_roles in PEOPLE:
                self._person(actor, shops, email, name, roles, staff_roles)
            self._platform(actor)
            self._limits(actor, shops)
            self._platform_key()
            code = SHOPS[0][0]
            owner, rival = (member(who, shop[0]) for who, shop in zip(OWNERS, SHOPS, strict=True))
            for each, mode in ((owner, "AUTO"), (rival, "APPROVE")):
                price_guard.seed(actor=each, merchant_id=each.merchant_id or 0, mode=mode, at=timezone.now())
            webhooks.seed(actor=owner, merchant_id=shops[code].pk, simulator=_simulator_url(), at=timezone.now())
            launches.seed(actor=owner, merchant_id=shops[code].pk, code=code, at=timezone.now())
            baseline.seed(other_shop=shops[SHOPS[1][0]].pk, at=timezone.now())
            complaints.seed(actor=owner, merchant_id=shops[code].pk, code=code, source=SOURCE, at=timezone.now())
        with tenancy.platform():
            evidence.seed(actor=actor, merchant_id=shops[SHOPS[0][0]].pk, at=timezone.now())
        call_command("import_course", *_courses(), publish=True, stdout=StringIO())
        with tenancy.platform():
            lessons.seed(shop_code=SHOPS[0][0], now=timezone.now(), folder=settings.STATE_DIR / "stream")
            points.seed(shop_code=SHOPS[0][0], now=timezone.now())
        _logins().write_text(self._table())

    def _shop(self, actor: Actor, code: str, name: str, category: str) -> Merchant:
        return merchants.open_shop(actor=actor, code=code, name=name, category=category, at=timezone.now())

    def _person(
        self,
        actor: Actor,
        shops: dict[str, Merchant],
        email: str,
        name: str,
        roles: dict[str, Role],
        staff_roles: tuple[StaffRole, ...],
    ) -> None:
        now = timezone.now()
        user = users.open_account(
            actor=actor,
            email=email,
            display_name=name,
            password=PASSWORD,
            staff_roles=staff_roles,
            is_demo=True,
            at=now,
        )
        for code, role in roles.items():
            if not accounts.is_member(shops[code].pk, email=email):
                members.appoint(actor=actor, merchant_id=shops[code].pk, user_id=user.pk, role=role, at=now)

    def _limits(self, actor: Actor, shops: dict[str, Merchant]) -> None:
        """The simulated platform ends unpaid orders after five minutes, so these shops are warned after two."""
        for shop in shops.values():
            if risk.limits_of(shop.pk) is None:
                values = {"unpaid_for": 2}
                warning_limits.put(merchant_id=shop.pk, values=values, version=0, actor=actor, at=timezone.now())

    def _platform(self, actor: Actor) -> None:
        """The simulator's address may change with the port; its secret is this checkout's own."""
        secret, now = _secret(), timezone.now()
        platform = platforms.connect(
            actor=actor,
            code="simulator",
            name="Simulated marketplace",
            base_url=_simulator_url(),
            secret=secret,
            at=now,
        )
        if inbox.source(SOURCE) is None:
            source, _first = sources.create(
                actor=actor, platform_id=platform.pk, merchant_id=None, name="Simulator", public_id=SOURCE, at=now
            )
            sources.add_secret(actor=actor, source_id=source.pk, given=secret, at=now)

    def _platform_key(self) -> None:
        """With which the simulator asks whether an order may pass; made by operations, kept in this checkout."""
        if _is_key_known():
            return
        with tenancy.platform():
            made_by = accounts.user_by_email("operations@demo.test")
        operations = Actor(
            kind=Kind.USER,
            id=made_by.pk if made_by else None,
            name="Demo",
            staff_roles=frozenset(["OPERATIONS"]),
        )
        now = timezone.now()
        _key, presented = keys.create(
            actor=operations,
            merchant_id=None,
            name="Simulator",
            scopes=["orders:decide"],
            expires_at=now + timedelta(days=300),
            at=now,
        )
        _key_file().touch(mode=0o600)
        _key_file().write_text(presented)

    def _table(self) -> str:
        rows = [f"  {email:<24}{PASSWORD:<22}{_what(roles, staff)}" for email, _name, roles, staff in PEOPLE]
        return "\n".join(["  Sign in with one of these:", *rows, ""])


def simulator(*, memory: Path) -> dict[str, str]:
    """Return the settings with which the simulator speaks to the portal, with a past on the first start only.

    A past that was cut off, so that the simulator remembers nothing yet, is told again from the same moment: what
    the portal has of it already is known to it by its ids.
    """
    with tenancy.platform():
        known = orders.visible_to(Actor.clock("seed_demo")).filter(merchant__code=SHOPS[0][0])
        has_past = known.exclude(number__startswith="DEMO-").exists()  # the complaints bring orders of their own
    told = {
        "SIMULATOR_SECRET": _secret(),
        "SIMULATOR_SOURCE": SOURCE,
        "SIMULATOR_WEBHOOK_SECRET": webhooks.secret(),
        "SIMULATOR_QUESTIONS": "order-decisions",
        "SIMULATOR_API_KEY": _key_file().read_text(),
        "SIMULATOR_OPENING": "scalper_ring",
        "SIMULATOR_ACCEPT_UNKNOWN": "true",  # the orders of the demo's complaints are not the simulator's
    }
    if has_past and memory.exists():
        return told
    return told | {"SIMULATOR_HISTORY": str(HISTORY_DAYS), "SIMULATOR_START": _start(is_anew=not has_past)}


def _start(*, is_anew: bool) -> str:
    """The moment up to which the past is told."""
    path = Path(settings.STATE_DIR) / "demo-start"
    if is_anew or not path.exists():
        path.write_text(timezone.now().isoformat())
    return path.read_text()


def _what(roles: dict[str, Role], staff_roles: tuple[StaffRole, ...]) -> str:
    shops = [f"{role.value.lower().replace('_', ' ')} of {code}" for code, role in roles.items()]
    return ", ".join([*shops, *(f"staff: {role.value.lower().replace('_', ' ')}" for role in staff_roles)])


def _courses() -> list[Path]:
    """Return the folders of the courses that the portal brings."""
    return sorted(path.parent for path in (settings.BASE_DIR / "training" / "content").glob("*/course.yaml"))


def _simulator_url() -> str:
    return os.environ.get("SIMULATOR_URL", "http://127.0.0.1:8100")


def _logins() -> Path:
    return Path(settings.STATE_DIR) / "demo-logins.txt"


def _is_key_known() -> bool:
    """Whether the key that is kept here opens this database: one of another, or one that ended, does not."""
    if not _key_file().exists():
        return False
    with tenancy.platform():
        keys_of_platform = accounts.live_keys_of(None, at=timezone.now())
        return keys_of_platform.filter(digest=crypto.digest(_key_file().read_text())).exists()


def _key_file() -> Path:
    return Path(settings.STATE_DIR) / "demo-platform-key"


def _secret() -> str:
    path = Path(settings.STATE_DIR) / "demo-simulator-secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"whsec_{b64encode(secrets.token_bytes(24)).decode()}")
    return path.read_text()
