"""What every program of the portal does before Django reads the settings: find or start the servers."""

import os
from pathlib import Path

from merchant_protection.embedded import stack
from merchant_protection.foundation import collecting

BASE_DIR = Path(__file__).resolve().parents[2]
OWNER_COMMANDS = frozenset({"migrate", "makemigrations", "showmigrations", "sqlmigrate", "flush", "dbshell"})


def prepare(*, command: str = "") -> None:
    """Name the settings module and the servers in the environment; commands that change tables get their owner."""
    collecting.rarely_while_loading()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "merchant_protection.config.settings")
    addresses = stack.ensure_from_environment(state=BASE_DIR / "var")
    os.environ["DATABASE_URL"] = addresses.owner_url if command in OWNER_COMMANDS else addresses.database_url
    os.environ.setdefault("DATABASE_OWNER_URL", addresses.owner_url)
    os.environ.setdefault("REDIS_URL", addresses.redis_url)
