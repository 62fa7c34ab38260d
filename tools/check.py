"""`make check`: everything about the sources that a machine can judge. Changes nothing."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
LONGEST_REPORT = 80
MANAGE = (sys.executable, "manage.py")
# The longest first, so that the others fit beside it.
CHECKS = {
    "types (mypy)": (BIN / "mypy",),
    "style (ruff)": (BIN / "ruff", "check", "."),
    "format (ruff)": (BIN / "ruff", "format", "--check", "."),
    "contracts (import-linter)": (BIN / "lint-imports",),
    "templates (djlint)": (BIN / "djlint", "--lint", "--quiet", "templates"),
    "system checks": (*MANAGE, "check", "--fail-level", "WARNING"),
    "migrations": (*MANAGE, "makemigrations", "--check", "--dry-run"),
    "translations": (*MANAGE, "messages", "--check"),
    "architecture": (sys.executable, "-m", "pytest", "-q", "--no-header", "tests/test_architecture.py"),
}


@dataclass
class Result:
    name: str
    is_good: bool
    said: str
    seconds: float


def main() -> int:
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = [pool.submit(_check, name, command) for name, command in CHECKS.items()]
        results = [_tell(each.result()) for each in as_completed(running)]
    bad = [result for result in results if not result.is_good]
    for result in bad:
        lines = result.said.strip().splitlines()
        rest = [f"… and {len(lines) - LONGEST_REPORT} lines more"] if len(lines) > LONGEST_REPORT else []
        print("\n".join(["", f"--- {result.name}", *lines[:LONGEST_REPORT], *rest]))  # noqa: T201
    print(f"\n{len(bad)} of {len(results)} checks failed" if bad else f"\n{len(results)} checks passed")  # noqa: T201
    return 1 if bad else 0


def _check(name: str, command: tuple[object, ...]) -> Result:
    start = time.monotonic()
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Result(name, done.returncode == 0, done.stdout, time.monotonic() - start)


def _tell(result: Result) -> Result:
    print(f"{'ok  ' if result.is_good else 'FAIL'} {result.name:28}{result.seconds:6.1f} s", flush=True)  # noqa: T201
    return result


if __name__ == "__main__":
    sys.exit(main())
