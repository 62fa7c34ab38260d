"""`make cases`: every acceptance case with the tests that show it and how they last went."""

import ast
import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent


def sentences() -> dict[str, str]:
    """Every case with its sentence."""
    return tomllib.loads((TESTS / "cases.toml").read_text())


def marked() -> dict[str, list[str]]:
    """The tests that carry each case's mark, found without running anything."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for name, case in _marks_in(ast.parse(path.read_text())):
            found[case].append(f"{path.relative_to(TESTS.parent)}::{name}")
    return found


def results() -> dict[str, dict[str, Any]]:
    """How each test last went, over `make test` and `make soak`."""
    known: dict[str, dict[str, Any]] = {}
    for path in sorted((TESTS / "out").glob("cases-*.json")):
        known |= json.loads(path.read_text())
    return known


def main() -> int:
    tests, known, wrong = marked(), results(), 0
    for case, sentence in sentences().items():
        print(f"{case:8}{_standing(tests.get(case, []), known):12}{sentence}")  # noqa: T201
        for test in tests.get(case, []):
            print(f"{'':20}{test}  {_last(test, known)}")  # noqa: T201
    for case in sorted(set(tests) - set(sentences())):
        wrong += 1
        print(f"{case:8}no such case: {', '.join(tests[case])}", file=sys.stderr)  # noqa: T201
    missing = [case for case in sentences() if case not in tests]
    print(f"\n{len(sentences())} cases, {len(missing)} missing")  # noqa: T201
    return 1 if wrong else 0


def _marks_in(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.case":
                    yield node.name, ast.literal_eval(mark.args[0])


def _runs_of(test: str, known: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [run for name, run in known.items() if name == test or name.startswith((f"{test}[", f"{test}::"))]


def _standing(tests: list[str], known: dict[str, dict[str, Any]]) -> str:
    runs = [_runs_of(test, known) for test in tests]
    if not tests:
        return "missing"
    if any(run["outcome"] != "passed" for each in runs for run in each):
        return "failed"
    return "passed" if all(runs) else "not run"


def _last(test: str, known: dict[str, dict[str, Any]]) -> str:
    runs = _runs_of(test, known)
    if not runs:
        return "not run"
    worst = min(runs, key=lambda run: (run["outcome"] == "passed", run["at"]))
    return f"{worst['outcome']} ({len(runs)}) at {worst['commit']} on {worst['at'][:16]}"


if __name__ == "__main__":
    sys.exit(main())
