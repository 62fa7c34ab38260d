"""The buyers: ordinary people, and accounts made for a purpose.

Nobody real is meant: phone numbers have 0000 in the middle, addresses of the
internet come from the block that is reserved for benchmarks.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from benchmarks.simulator import addresses, chance, reading
from benchmarks.simulator.things import Buyer

BORN_BEFORE = datetime(2026, 10, 1, tzinfo=UTC)
PHONE_HEADS = ("130", "131", "132", "135", "136", "137", "138", "139", "150", "151", "158", "159", "176", "186", "188")
PAYMENTS = ("alipay", "wechat", "unionpay")


def name(rng: random.Random) -> str:
    """Return a Chinese name."""
    words = reading.words()
    return f"{rng.choice(words['surnames'])}{rng.choice(words['given'])}"


def phone(rng: random.Random) -> str:
    """Return a mobile number that looks real and belongs to nobody."""
    return f"{rng.choice(PHONE_HEADS)}0000{rng.randint(0, 9999):04d}"


def network(rng: random.Random) -> str:
    """Return an address of the internet, from the block for benchmarks."""
    return f"198.{rng.randint(18, 19)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"


def device(rng: random.Random) -> str:
    """Return a device's fingerprint."""
    return f"dev_{rng.getrandbits(48):012x}"


def payment(rng: random.Random) -> str:
    """Return the token of a payment instrument."""
    return f"{rng.choice(PAYMENTS)}_{rng.getrandbits(40):010x}"


def ordinary(*, seed: int, count: int) -> list[Buyer]:
    """Return the usual customers, the same for the same seed."""
    return [_ordinary(seed, number) for number in range(count)]


def _ordinary(seed: int, number: int) -> Buyer:
    rng = chance.stream(seed, "buyer", number)
    paid = int(rng.paretovariate(1.1)) - 1
    return Buyer(
        ref=f"u{rng.getrandbits(36):09x}",
        created_at=BORN_BEFORE - timedelta(days=rng.randint(20, 2600), seconds=rng.randint(0, 86_399)),
        name=name(rng),
        phone=phone(rng),
        address=addresses.somewhere(rng).text(),
        device=device(rng),
        ip=network(rng),
        payment=payment(rng),
        level=min(7, 1 + paid // 3),
        phone_verified=rng.random() < 0.97,
        real_name_verified=rng.random() < 0.86,
        paid_orders=min(paid, 160),
    )


def fresh(rng: random.Random, *, at: datetime, days: float = 3) -> Buyer:
    """Return an account that was opened shortly before `at`, for a story."""
    return Buyer(
        ref=f"n{rng.getrandbits(36):09x}",
        created_at=at - timedelta(seconds=rng.uniform(0.05, 1) * days * 86_400),
        name=name(rng),
        phone=phone(rng),
        address=addresses.somewhere(rng).text(),
        device=device(rng),
        ip=network(rng),
        payment=payment(rng),
        level=0,
        phone_verified=rng.random() < 0.8,
        real_name_verified=rng.random() < 0.2,
    )
