"""`make bench`: runs the benchmarks b01 to b99 of this folder, prints a table and writes benchmarks/out/latest.json.

A benchmark is a module `b03_policies.py` with `run(*, large: bool) -> list[measure.Row]`. It finds a fresh
database. `ONLY=B3` runs one, `LARGE=1` the sizes that take long.
"""

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path

from django.db import connection

from benchmarks import measure, stage

HERE = Path(__file__).parent
OUT = HERE / "out"
HEAD = ("id", "sizes", "ours", "yardstick", "unit", "ratio", "goal", "holds", "turns")
WIDTHS = (5, 34, 12, 12, 14, 8, 10, 6, 5)


def main() -> int:
    only, large = os.environ.get("ONLY", "").upper(), os.environ.get("LARGE", "") not in {"", "0"}
    chosen = {id: name for id, name in _modules().items() if not only or id in only.split(",")}
    if not chosen:
        print(f"No benchmark {only}; there are: {', '.join(_modules()) or 'none yet'}")
        return 1
    stage.prepare()
    rows, failed = [], []
    _print(HEAD)
    for id, name in chosen.items():
        try:
            rows += _run(id, name, large=large)
        except Exception:  # the others are still worth their figures
            traceback.print_exc()
            failed.append(id)
    _write(rows)
    missed = [row.id for row in rows if row.goal.holds(row.ratio) is False]
    print(f"\n{len(rows)} rows; goals missed: {', '.join(missed) or 'none'}; failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def _modules() -> dict[str, str]:
    """Each benchmark's id and module: b03_policies.py is B3."""
    names = sorted(path.stem for path in HERE.glob("b[0-9][0-9]_*.py"))
    return {f"B{int(name[1:3])}": f"benchmarks.{name}" for name in names}


def _run(id: str, name: str, *, large: bool) -> list[measure.Row]:
    template, own = str(connection.settings_dict["NAME"]), f"bench_{id.lower()}"
    start = time.monotonic()
    stage.fresh_database(own)
    try:
        rows: list[measure.Row] = importlib.import_module(name).run(large=large)
    finally:
        stage.drop_database(own, back_to=template)
    for row in rows:
        _print(_cells(row))
        if row.note:
            print(f"      {row.note}")
    print(f"      {id} took {time.monotonic() - start:.0f} s", flush=True)
    return rows


def _cells(row: measure.Row) -> tuple[str, ...]:
    holds = {True: "yes", False: "NO", None: "–"}[row.goal.holds(row.ratio)]
    figures = (_figure(row.ours), _figure(row.yardstick), row.unit, _figure(row.ratio))
    return (row.id, row.sizes, *figures, str(row.goal), holds, str(row.pairs))


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def _print(cells: tuple[str, ...]) -> None:
    print(" ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)), flush=True)


def _write(rows: list[measure.Row]) -> None:
    """Keep the last figures of every benchmark: running one alone does not lose the others."""
    OUT.mkdir(exist_ok=True)
    latest = OUT / "latest.json"
    known = json.loads(latest.read_text()) if latest.exists() else []
    ran = {row.id for row in rows}
    kept = [old for old in known if old["id"] not in ran]
    latest.write_text(json.dumps([*kept, *(row.as_json() for row in rows)], indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
