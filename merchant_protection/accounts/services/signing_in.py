"""How often a password may be tried: exactly, and so that nobody can lock another out."""

from datetime import datetime, timedelta

from merchant_protection.foundation import crypto, rates
from merchant_protection.foundation.rates import Limit

# From one place for one account; from one place for all; for one account from everywhere, which only many
# machines together can use up.
FOR_ONE = Limit(5, timedelta(minutes=5))
FROM_A_PLACE = Limit(50, timedelta(minutes=10))
FROM_EVERYWHERE = Limit(200, timedelta(hours=1))


def admit(*, email: str, origin: str, at: datetime) -> timedelta | None:
    """Let a password be tried, or return how long to wait; it counts until `give_back` says that it was right."""
    taken: list[tuple[str, Limit]] = []
    for name, limit in _counted(email, origin):
        wait = rates.take(name, limit, at=at)
        if wait is not None:
            for name_taken, limit_taken in taken:
                rates.give_back(name_taken, limit_taken)
            return wait
        taken.append((name, limit))
    return None


def give_back(*, email: str, origin: str) -> None:
    """The password was right: the try counts for nothing."""
    for name, limit in _counted(email, origin):
        rates.give_back(name, limit)


def _counted(email: str, origin: str) -> list[tuple[str, Limit]]:
    who, where = email.strip().casefold(), origin
    return [
        (_name("account from a place", f"{who}\x00{where}"), FOR_ONE),
        (_name("place", where), FROM_A_PLACE),
        (_name("account", who), FROM_EVERYWHERE),
    ]


def _name(kind: str, value: str) -> str:
    return f"sign-in {kind} {crypto.keyed_hash(f'rate.{kind}', value)}"
