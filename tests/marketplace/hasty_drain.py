"""The portal's drain with short leases and little patience, so that a short test sees them run out.

Started as a program: `python -m tests.marketplace.hasty_drain --only marketplace.act`.
"""

import sys
from datetime import timedelta
from importlib import import_module
from typing import Any

import django
import httpx
from django.core.management import call_command

from merchant_protection.config import entry

PATIENCE = 2.0  # seconds for an answer, where the portal has ten
HASTE: dict[str, dict[str, Any]] = {
    "merchant_protection.foundation.leases": {"LEASE": timedelta(seconds=8)},
    "merchant_protection.marketplace.services.actions.sending": {"HOLD_LEASE": timedelta(seconds=4)},
    "merchant_protection.marketplace.outside.adapters.signed_webhook": {
        "TIMEOUT": httpx.Timeout(connect=2.0, read=PATIENCE, write=PATIENCE, pool=2.0),
        "WHOLE_ANSWER": 3.0,
    },
}


def hurry() -> None:
    """Put the short times in the place of the real ones."""
    for name, values in HASTE.items():
        module = import_module(name)
        assert values.keys() <= vars(module).keys(), name
        vars(module).update(values)


if __name__ == "__main__":
    entry.prepare(command="drain")
    django.setup()
    hurry()
    call_command("drain", *sys.argv[1:])
