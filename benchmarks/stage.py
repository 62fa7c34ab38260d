"""The servers under a benchmark: apart from demo and tests, each benchmark with a fresh, migrated database."""

import os
import subprocess
import sys
from pathlib import Path

import django
import psycopg
from django.db import connection
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from merchant_protection.embedded import stack

ROOT = Path(__file__).parents[1]
STATE = ROOT / "var" / "bench"


def prepare() -> None:
    """Start the benchmarks' own servers, or take the named ones, and migrate what each database is copied from."""
    addresses = stack.ensure_from_environment(state=STATE)
    os.environ |= {
        "PORTAL_STATE": str(STATE),
        "LOG_LEVEL": "ERROR",
        "DATABASE_URL": addresses.database_url,
        "DATABASE_OWNER_URL": addresses.owner_url,
        "DATABASE_SUPERUSER_URL": addresses.superuser_url,
        "REDIS_URL": addresses.redis_url,
        "DJANGO_SETTINGS_MODULE": "merchant_protection.config.settings",
    }
    (STATE / "static").mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
    django.setup()


def fresh_database(name: str) -> None:
    """Give the next benchmark a database of its own; programs it starts find it in the environment."""
    connection.close()
    connection.close_pool()
    template = conninfo_to_dict(os.environ["DATABASE_OWNER_URL"])["dbname"]
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL"):
        os.environ[variable] = make_conninfo(os.environ[variable], dbname=name)
    with superuser(database="postgres") as server:
        names = [sql.Identifier(each) for each in (name, str(template))]
        if name != template:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(names[0]))
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER portal_owner").format(*names))
    connection.settings_dict["NAME"] = name


def use_database(name: str) -> None:
    """Go on in another database that is there already: two sizes of the same work are measured in turns."""
    connection.close()
    connection.close_pool()
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL"):
        os.environ[variable] = make_conninfo(os.environ[variable], dbname=name)
    connection.settings_dict["NAME"] = name


def drop_database(name: str, *, back_to: str) -> None:
    """Throw a benchmark's database away."""
    use_database(back_to)
    with superuser(database="postgres") as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def superuser(*, database: str | None = None) -> psycopg.Connection:
    """A connection that may do anything, for yardsticks on bare tables."""
    name = database or str(connection.settings_dict["NAME"])
    return psycopg.connect(make_conninfo(os.environ["DATABASE_SUPERUSER_URL"], dbname=name), autocommit=True)
