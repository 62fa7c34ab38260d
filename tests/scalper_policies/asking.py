"""How tests ask about orders: by the service, and many at once."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection
from django.utils import timezone

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import crypto, tenancy
from scalper_policies.models import OrderDecision
from scalper_policies.rules import asked
from scalper_policies.services import deciding

CLOCK = Actor.clock("test")


def question(number: str = "O-1", *, units: int = 1, sku: str = "SKU-HOT", **more: Any) -> asked.Asked:
    """A question about one line of an order in shop A; nothing else is told but what `more` says."""
    body = {"merchant": "shop-a", "number": number, "lines": [{"sku": sku, "quantity": units}], **more}
    return asked.read(msgspec.json.encode(body))


def decide(number: str = "O-1", *, at: datetime | None = None, **more: Any) -> OrderDecision:
    """Ask by the service, as the platform."""
    with tenancy.platform():
        return deciding.decide(asked=question(number, **more), actor=CLOCK, at=at or timezone.now())


def at_once(many: int, ask: Callable[[int], OrderDecision]) -> Counter[str]:
    """Ask `many` questions at the same moment, each over a connection of its own; count the answers."""
    verdicts: Counter[str] = Counter()
    gate = threading.Barrier(many)

    def run(index: int) -> None:
        try:
            gate.wait()
            verdicts[ask(index).verdict] += 1
        except Exception as error:
            verdicts[type(error).__name__] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return verdicts


def buyer_key(ref: str) -> str:
    """By which a buyer is matched."""
    return crypto.keyed_hash("buyer", ref)
