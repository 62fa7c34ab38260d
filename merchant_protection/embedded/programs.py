"""Running the servers' programs: as somebody who may run them, from a place that this somebody can read."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

PR_SET_PDEATHSIG = 1


class NotStarted(RuntimeError):
    """A server from a wheel could not be started; the message says why in the server's own words."""


@dataclass(frozen=True)
class RunAs:
    """The account that a server runs under: ours, or `nobody` when we are root, which PostgreSQL refuses to be."""

    uid: int
    gid: int

    @classmethod
    def own_account(cls) -> "RunAs":
        return cls(os.geteuid(), os.getegid())

    @classmethod
    def for_servers(cls) -> "RunAs":
        if os.geteuid() != 0:
            return cls.own_account()
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    @property
    def is_somebody_else(self) -> bool:
        return self.uid != os.geteuid()

    def can_look_into(self, folder: Path) -> bool:
        """Say whether this account may walk down to the folder: a checkout below /root is closed to others."""
        if not self.is_somebody_else:
            return True
        return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))

    def own(self, folder: Path) -> None:
        """Make the folder this account's own and closed to everybody else."""
        folder.mkdir(mode=0o700, exist_ok=True, parents=True)
        if self.is_somebody_else:
            os.chown(folder, self.uid, self.gid)
        if folder.lstat().st_uid != self.uid:
            raise NotStarted(f"{folder} belongs to another user of this machine: run as that user, or remove it.")

    def run(self, *command: object) -> subprocess.CompletedProcess[bytes]:
        """Run a program to its end; `stdout` of the answer holds all it said."""
        change = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_somebody_else else {}
        with tempfile.TemporaryFile() as said:  # a pipe would be inherited by the server and never end
            done = subprocess.run(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,  # Ctrl-C is meant for us: the keeper stops the servers
                check=False,
                **change,  # type: ignore[call-overload]
            )
            said.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, said.read())

    def must_run(self, *command: object) -> None:
        """Run a program that has to succeed."""
        done = self.run(*command)
        if done.returncode:
            raise NotStarted(f"{Path(str(command[0])).name} failed: {done.stdout.decode(errors='replace').strip()}")


def folder_of(package: str) -> Path:
    """The folder in which a wheel was unpacked."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise NotStarted(f"The package {package} is not installed.")
    return Path(spec.submodule_search_locations[0])


def readable_copy(package: Path, *, beside: Path, run_as: RunAs) -> Path:
    """The package itself, or a copy for an account that cannot walk down to it."""
    if run_as.can_look_into(package):
        return package
    copy = beside / package.name
    if not copy.exists():
        fresh = copy.with_name(f"{copy.name}.new")
        shutil.copytree(f"{package}.libs", f"{copy}.libs", dirs_exist_ok=True)  # found by its place beside the package
        shutil.copytree(package, fresh, dirs_exist_ok=True)
        fresh.rename(copy)
    return copy


def working_in(folder: Path, *, name: str) -> Iterator[int]:
    """The running programs of this name whose working folder is this one; none where the system does not tell."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or is another account's
            if _place(process / "cwd") == folder and _place(process / "exe").name == name:
                yield int(process.name)


def _place(link: Path) -> Path:
    """Where a link of /proc leads, or led before somebody removed what was there."""
    return Path(str(link.readlink()).removesuffix(" (deleted)"))


try:
    _libc: ctypes.CDLL | None = ctypes.CDLL(None)
except OSError:
    _libc = None


def end_with_parent() -> None:
    """Ask the kernel, in a child just made, to end it when the thread that made it is gone, however that ended.

    Where it cannot, nothing is lost but that.
    """
    if _libc is not None and hasattr(_libc, "prctl"):
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
