"""`make demo`: the whole portal on one machine, from the database to the selling platform's simulator."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from merchant_protection.embedded import stack
from merchant_protection.embedded.supervisor import Program, Supervisor
from merchant_protection.home.management.commands import seed_demo as seed

PATIENCE = 60.0
ENDING = 10.0  # seconds in which a demo that was just stopped gives its ports back
SERVERS_EVERY = 2.0
LOOK = 0.2
SIMULATOR = 100  # the selling platform's simulator listens so many ports above the portal
CELERY = (
    sys.executable,
    "-W",
    "ignore:You're running:UserWarning",
    "-m",
    "celery",
    "--quiet",
    "-A",
    "merchant_protection.config.celery:app",
)
# A request whose body comes slowly occupies a thread: there are more than slow clients are to be expected.
WEB = (sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "64", "--no-ws")
LOUD = ("--log-level", "error")  # below it stands only that 64 threads are many for the cores here
APPLICATION = "merchant_protection.config.wsgi:application"
BANNER = """
  The portal is ready:  {url}

{logins}
  Ctrl-C stops it.
"""


class Command(BaseCommand):
    help = "Run the whole portal here: web, drain, worker, beat and the simulator, until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, port: int, **options: Any) -> None:
        _require_free(port)
        _require_free(port + SIMULATOR)
        simulator = f"http://127.0.0.1:{port + SIMULATOR}"
        os.environ |= {"DEMO": "1", "PUBLIC_URL": f"http://127.0.0.1:{port}", "SIMULATOR_URL": simulator}
        self._prepare()
        self.servers = stack.Stack(settings.STATE_DIR)
        self.looked_at = time.monotonic()
        supervisor = Supervisor(_programs(port), say=self._say, each_look=self._look_after_servers)
        supervisor.run(once_started=lambda: self._welcome(port))

    def _prepare(self) -> None:
        if _migrations_are_due():
            self._say("  Database")
            migrate = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"]  # as the tables' owner
            if subprocess.run(migrate, stdin=subprocess.DEVNULL, check=False).returncode:
                raise CommandError("The database could not be migrated; see above.")
        self._say("  Static files")
        call_command("static")
        self._say("  The demo's shops and people")
        call_command("seed_demo", stdout=self.stdout)
        connection.close()

    def _look_after_servers(self) -> None:
        """Start PostgreSQL or Redis again if one died; real servers are somebody else's."""
        if time.monotonic() - self.looked_at < SERVERS_EVERY:
            return
        self.looked_at = time.monotonic()
        if os.environ["DATABASE_URL"] == self.servers.database_url:
            self.servers.revive()

    def _welcome(self, port: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if _answers(port):
                logins = Path(settings.STATE_DIR) / "demo-logins.txt"
                told = logins.read_text() if logins.exists() else ""
                self._say(BANNER.format(url=f"http://127.0.0.1:{port}/", logins=told))
                return
            time.sleep(LOOK)
        self._say(f"The web program does not answer on port {port} yet; its log is above.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _programs(port: int) -> list[Program]:
    programs = [
        Program("web", (*WEB, "--host", "127.0.0.1", "--port", str(port), *LOUD, APPLICATION)),
        Program("worker", (*CELERY, "worker", "--concurrency", "2", "--loglevel", "warning", "--without-gossip")),
        Program("beat", (*CELERY, "beat", "--loglevel", "warning", "--scheduler", "celery.beat:Scheduler")),
    ]
    if "drain" in get_commands():
        programs.append(Program("drain", (sys.executable, "manage.py", "drain")))
    programs.append(Program("stream", (sys.executable, "manage.py", "test_stream")))
    if (settings.BASE_DIR / "benchmarks" / "simulator" / "__main__.py").exists():
        memory = Path(settings.STATE_DIR) / "simulator-state"
        told = {
            "SIMULATOR_PORTAL": f"http://127.0.0.1:{port}",
            "SIMULATOR_PORT": str(port + SIMULATOR),
            "SIMULATOR_STATE": str(memory),
        } | seed.simulator(memory=memory)
        programs.append(Program("simulator", (sys.executable, "-m", "benchmarks.simulator"), settings=told))
    return programs


def _migrations_are_due() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _require_free(port: int) -> None:
    """Two servers can listen on one port without an error, so look before. One that just ends may still have it."""
    deadline = time.monotonic() + ENDING
    while not _is_free(port):
        if time.monotonic() > deadline:
            raise CommandError(f"Port {port} is taken. Choose another, for example: make demo PORT=8300")
        time.sleep(LOOK)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status < 500)
    except (URLError, OSError):
        return False
