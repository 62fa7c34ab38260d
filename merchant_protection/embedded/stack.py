"""PostgreSQL and Redis shared by every process of one checkout.

Who uses the servers is counted by the kernel: each process holds a shared lock on
`users` until it ends, however it ends. A keeper waits for the exclusive lock, so
the servers stop soon after the last user, even if that one was killed.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from merchant_protection.embedded import postgres_server, programs, redis_server

LONGEST_FOLDER = 60  # a socket's whole path ends at 107 bytes
type Server = postgres_server.PostgresServer | redis_server.RedisServer

_held: list[int] = []  # open files whose locks live as long as this process


@dataclass(frozen=True)
class Addresses:
    """Where the program finds its servers, and as whom."""

    database_url: str
    owner_url: str
    superuser_url: str
    redis_url: str


def ensure_from_environment(*, state: Path) -> Addresses:
    """The servers that the environment names, or our own.

    `DATABASE_URL` and `REDIS_URL` name real servers, `DATABASE_OWNER_URL` the role that migrates.
    With `DATABASE_URL` nothing is started. `PORTAL_STATE` moves our own servers to another folder.
    """
    database, redis = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if database:
        owner = os.environ.get("DATABASE_OWNER_URL") or database
        superuser = os.environ.get("DATABASE_SUPERUSER_URL") or owner
        return Addresses(database, owner, superuser, redis or "redis://127.0.0.1:6379/0")
    ours = ensure(state=Path(os.environ.get("PORTAL_STATE") or state)).addresses
    return Addresses(ours.database_url, ours.owner_url, ours.superuser_url, redis or ours.redis_url)


def ensure(*, state: Path) -> "Stack":
    """Start the servers of this state folder unless they run, and hold them until this process ends."""
    stack = Stack(state)
    stack.hold()
    return stack


class Stack:
    """The two servers whose state lies in one folder."""

    def __init__(self, state: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.state = state.resolve()
        self.run_as = programs.RunAs.for_servers()
        with self._starting():
            self.sockets, files = self._place()
        self.postgres = postgres_server.PostgresServer(
            data=files / "postgres", sockets=self.sockets, run_as=self.run_as, settings=settings or {}
        )
        self.redis = redis_server.RedisServer(sockets=self.sockets)

    @property
    def addresses(self) -> Addresses:
        return Addresses(self.database_url, self.owner_url, self.superuser_url, self.redis_url)

    @property
    def database_url(self) -> str:
        return self.postgres.url(role="portal_app")

    @property
    def owner_url(self) -> str:
        return self.postgres.url(role="portal_owner")

    @property
    def superuser_url(self) -> str:
        return self.postgres.url(role="postgres")

    @property
    def redis_url(self) -> str:
        return self.redis.url

    def hold(self, *needed: Server) -> None:
        """Start what is not running, both or what is needed, and keep it until this process ends."""
        with self._starting():
            with self._open("users") as users:
                fcntl.flock(users, fcntl.LOCK_SH)
                _held.append(os.dup(users.fileno()))  # the lock stays with the copy
            self._call_keeper()  # first: whoever kills us half-way must not leave servers behind
            for server in needed or (self.postgres, self.redis):
                server.start()

    def revive(self) -> None:
        """Start again what died under those who use it."""
        with self._starting():
            self.postgres.start()
            self.redis.start()

    def keep(self, *, grace: float) -> None:
        """Wait until nobody has used the servers for `grace` seconds, then stop them. One keeper at a time."""
        with self._open("keeper") as keeper, contextlib.suppress(BlockingIOError):
            fcntl.flock(keeper, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with self._open("users") as users:
                while not self._stop_if_unused(users, keeper, grace=grace):
                    pass

    def stop(self) -> None:
        """Stop both servers, whoever uses them."""
        self.redis.stop()
        self.postgres.stop()

    def remove(self) -> None:
        """Stop both servers and take away all they kept."""
        self.stop()
        for folder in (self.sockets, self.postgres.data.parent, self.state):  # the last one names the others
            shutil.rmtree(folder, ignore_errors=True)

    def remove_if_unused(self) -> None:
        """Likewise, unless a process that lives has them."""
        with self._open("users") as users, contextlib.suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.remove()

    def _stop_if_unused(self, users: IO[str], keeper: IO[str], *, grace: float) -> bool:
        fcntl.flock(users, fcntl.LOCK_EX)  # blocks while anyone lives
        fcntl.flock(users, fcntl.LOCK_UN)
        time.sleep(grace)
        if not self.state.exists():
            return True  # its last user removed it, servers and all
        with self._starting(), contextlib.suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.stop()
            keeper.close()  # while nobody can start: the next starter must see that it has no keeper
            return True
        return False

    def _call_keeper(self) -> None:
        with self._open("keeper") as keeper:
            try:
                fcntl.flock(keeper, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # one is at work, and cannot end while we are starting
        # A shell in between, so that the keeper is nobody's child and needs nobody to wait for it.
        subprocess.run(
            ["/bin/sh", "-c", '"$@" &', "sh", sys.executable, "-m", "merchant_protection.embedded", str(self.state)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
            start_new_session=True,
            check=True,
        )

    def _place(self) -> tuple[Path, Path]:
        """Where the sockets and where PostgreSQL's files lie.

        Socket paths are short and checkouts may be deep, so the sockets get a folder of their own,
        remembered in the state folder. The files lie there too unless PostgreSQL's account cannot reach it.
        """
        name = self.state / "sockets"
        sockets = Path(name.read_text()) if name.exists() else None
        if sockets is None or not sockets.name.startswith("mp-"):
            parent = tempfile.gettempdir()
            sockets = Path(tempfile.mkdtemp(prefix="mp-", dir=parent if len(parent) <= LONGEST_FOLDER else "/tmp"))  # noqa: S108
            fresh = name.with_suffix(".new")
            fresh.write_text(str(sockets))
            fresh.replace(name)
        self.run_as.own(sockets)
        files = self.state
        if not self.run_as.can_look_into(self.state):
            files = Path("/var/tmp") / sockets.name  # noqa: S108
            self.run_as.own(files)
        return sockets, files

    @contextlib.contextmanager
    def _starting(self) -> Iterator[None]:
        self.state.mkdir(parents=True, exist_ok=True)
        with self._open("start.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _open(self, name: str) -> IO[str]:
        try:
            return (self.state / name).open("w")
        except PermissionError as fault:
            raise programs.NotStarted(f"{self.state} belongs to another user of this machine.") from fault
