"""The project's own files, and what an architecture rule needs to know about one."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
FEATURES = ("claims", "pricing_guard", "scalper_policies", "training")
APPS = (
    *FEATURES,
    *(f"merchant_protection/{app}" for app in ("audit", "accounts", "files", "notices", "marketplace", "risk", "home")),
)
PROGRAM = (*FEATURES, "merchant_protection")
EVERYTHING = (*PROGRAM, "tests", "benchmarks")


@dataclass(frozen=True)
class Source:
    """One Python file: its path in the checkout and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def app(self) -> str:
        """The app that the file belongs to, or nothing."""
        return next((app for app in APPS if self.path.startswith(f"{app}/")), "")

    @property
    def kind(self) -> str:
        """What the file is within its app: `services/decisions.py` and `services.py` are both `services`."""
        if not self.app:
            return ""
        return self.path.removeprefix(f"{self.app}/").split("/")[0].removesuffix(".py")

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Everything in the file, outermost first."""
        return list(ast.walk(self.tree))

    def lines_of(self, node: ast.AST) -> int:
        return (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in self.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def classes(self) -> Iterator[ast.ClassDef]:
        for node in self.nodes:
            if isinstance(node, ast.ClassDef):
                yield node

    def names(self) -> Iterator[tuple[str, int]]:
        """Every name that the code mentions, with its line."""
        for node in self.nodes:
            if isinstance(node, ast.Name):
                yield node.id, node.lineno
            elif isinstance(node, ast.Attribute):
                yield node.attr, node.lineno
            elif isinstance(node, ast.ImportFrom):
                yield from ((alias.name, node.lineno) for alias in node.names)

    def imports(self) -> Iterator[tuple[str, int]]:
        """Every imported module, with its line."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)

    def called_attributes(self) -> Iterator[tuple[str, int]]:
        """Every `thing.name(...)`: the name and its line."""
        for node in self.nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node.func.attr, node.lineno


def python(*folders: str) -> Iterator[Source]:
    """Every Python file of these folders that people write, one after the other; migrations are written by Django."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if "migrations" not in path.parts and name not in _left_by_runs():
                yield Source(name, path.read_text())


@cache
def _left_by_runs() -> frozenset[str]:
    """What lies in folders that git ignores: pictures, logs and copies of a run. Nothing where git does not know us."""
    words = ("git", "ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--")
    folders = [f"{folder}/*.py" for folder in EVERYTHING]
    told = subprocess.run((*words, *folders), cwd=ROOT, capture_output=True, text=True, check=False)
    return frozenset(told.stdout.split("\0"))


def templates() -> list[Source]:
    """Every page template. Mail is apart: a mail program knows no style sheets."""
    return [
        Source(str(path.relative_to(ROOT)), path.read_text())
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if "mail" not in path.parts and "email" not in path.parts
    ]
