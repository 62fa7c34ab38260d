"""ezrules from PyPI, the yardstick of B4: installed in a place of its own for the benchmark alone, and started.

It stands in var/ezrules, with a database of its own on the benchmarks' PostgreSQL and the same Redis, as many web
processes as ours has, and the fifty rules that its own generator makes. Its tables are made from its models, since
the wheel lacks its migrations.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from benchmarks import stage

RELEASE = "ezrules==1.29.4"
PLACE = stage.ROOT / "var" / "ezrules"
PYTHON = PLACE / "venv" / "bin" / "python"
DATABASE, SHOP, KEY = "ezrules", "bench", "ezr_bench"
PREPARE = Path(__file__).with_name("ezrules_prepare.py")
INSTALLING = 900.0
STARTING = 60.0


class Absent(Exception):
    """It could not be installed or started; the message says why."""


@dataclass(frozen=True)
class Running:
    """Where it answers, as whom one asks it, and a question in which NUMBER stands for one that is new each time."""

    port: int
    headers: dict[str, str]
    body: str
    path: str = "/api/v2/evaluate"


@contextmanager
def running(*, rules: int, workers: int) -> Iterator[Running]:
    """Install it where it is not yet, start it with so many rules and processes, and stop it afterwards."""
    _install()
    with stage.superuser(database="postgres") as server:
        server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {DATABASE}")
    environment = _environment()
    event = _prepare(environment, rules=rules)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    application = "ezrules.backend.api_v2.main:app"
    command = (str(PYTHON), "-m", "uvicorn", application, "--host", "127.0.0.1", "--port", str(port))
    process = subprocess.Popen(
        [*command, "--workers", str(workers), "--log-level", "error"],
        cwd=PLACE,
        env=environment,
        start_new_session=True,
    )
    question = {"transaction_id": "bench-NUMBER", "effective_at": int(time.time()), "event_data": event}
    try:
        one = Running(port, {"X-API-Key": KEY}, json.dumps(question, default=str))
        _wait(one)
        yield one
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _install() -> None:
    if PYTHON.exists() and (PLACE / "installed").exists():
        return
    PLACE.mkdir(parents=True, exist_ok=True)
    _run([sys.executable, "-m", "venv", str(PLACE / "venv")], dict(os.environ), what="a place for ezrules")
    _run([str(PYTHON), "-m", "pip", "install", "--quiet", RELEASE], dict(os.environ), what=RELEASE)
    (PLACE / "installed").write_text(RELEASE)


def _prepare(environment: dict[str, str], *, rules: int) -> object:
    """Make its tables, one organisation with its rules and a key; return an event of its own generator."""
    command = (str(PYTHON.with_name("ezrules")),)
    prepare = (str(PYTHON), str(PREPARE))
    _run([*prepare, "tables"], environment, what="its tables")
    admin = ("--admin-email", "bench@example.com", "--admin-password", "Bench-password-1")
    _run([*command, "bootstrap-org", "--name", SHOP, *admin], environment, what="its organisation")
    sizes = ("--n-rules", str(rules), "--n-events", "3", "--label-ratio", "0")
    _run([*command, "generate-random-data", *sizes, "--org-name", SHOP], environment, what="its rules")
    return json.loads(_run([*prepare, "key", SHOP, KEY], environment, what="its key"))


def _run(command: list[str], environment: dict[str, str], *, what: str) -> str:
    done = subprocess.run(command, cwd=PLACE, env=environment, capture_output=True, text=True, timeout=INSTALLING)
    if done.returncode:
        raise Absent(f"{what}: {done.stderr.strip().splitlines()[-1:] or done.returncode}")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def _environment() -> dict[str, str]:
    """Its settings: the benchmarks' servers, by the driver it knows."""
    server = conninfo_to_dict(os.environ["DATABASE_SUPERUSER_URL"])
    user, password = quote(str(server["user"]), safe=""), quote(str(server.get("password") or ""), safe="")
    host, port = quote(str(server["host"]), safe=""), server.get("port", 5432)
    redis = os.environ["REDIS_URL"]
    outside = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return outside | {
        "EZRULES_DB_ENDPOINT": f"postgresql+psycopg2://{user}:{password}@/{DATABASE}?host={host}&port={port}",
        "EZRULES_APP_SECRET": "a secret of the benchmark, which keeps nothing",
        "EZRULES_TESTING": "false",
        "EZRULES_CELERY_BROKER_URL": redis.replace("unix://", "redis+socket://"),
        "EZRULES_OBSERVATION_QUEUE_REDIS_URL": redis,
        "EZRULES_SHADOW_EVALUATION_QUEUE_REDIS_URL": redis,
    }


def _wait(one: Running) -> None:
    """Until it answers a real question."""
    deadline, last = time.monotonic() + STARTING, "no answer"
    headers = {"Content-Type": "application/json", **one.headers}
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", one.port, timeout=10)
        try:
            connection.request("POST", one.path, one.body.replace("NUMBER", "first"), headers)
            answer = connection.getresponse()
            told = answer.read()[:300]
        except OSError as error:
            last = str(error)
            time.sleep(0.3)
        else:
            if answer.status != 200:
                raise Absent(f"it answered {answer.status}: {told!r}")
            return
        finally:
            connection.close()
    raise Absent(f"it did not come up: {last}")
