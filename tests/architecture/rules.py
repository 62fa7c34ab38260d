"""The house's rules that a machine can check: each takes a file and names its faults."""

import ast
import re
from collections.abc import Callable, Iterator

from tests.architecture.source import Source

Fault = tuple[int, str]
Rule = Callable[[Source], Iterator[Fault]]

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
INTERFACES = {"views", "api", "admin", "forms", "drains", "tasks"}
WORDED = {"services", "queries", "policies", "lifecycle", "rules"}
CLOCKLESS = {"services", "queries", "policies", "rules", "lifecycle"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "handler", "handlers"}
SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "Signal"}
KINDS = {
    *("__init__", "apps", "urls", "migrations", "management", "templatetags", "locale"),
    *("lifecycle", "models", "queries", "policies", "services", "rules", "tasks", "api", "forms", "views", "admin"),
    *("outside", "drains"),
}
# Other kinds of file, each with the reason in docs/adr/.
KINDS_BY_DECISION = {
    "merchant_protection/audit": {"wording"},
    "claims": {"wording"},
    "merchant_protection/files": {"wording"},
    "merchant_protection/marketplace": {"wording"},
    "merchant_protection/notices": {"adapters"},
    "merchant_protection/risk": {"wording"},
    "scalper_policies": {"wording", "middleware"},
    "merchant_protection/accounts": {"actor", "authentication", "loading", "middleware", "signins"},
    "merchant_protection/home": {"context", "demo"},
}


def file_is_short(source: Source) -> Iterator[Fault]:
    lines = source.text.count("\n")
    if lines > LONGEST_FILE:
        yield lines, f"{lines} lines, {LONGEST_FILE} are allowed"


def functions_are_short(source: Source) -> Iterator[Fault]:
    for function in source.functions():
        if (lines := source.lines_of(function)) > LONGEST_FUNCTION:
            yield function.lineno, f"{function.name} has {lines} lines, {LONGEST_FUNCTION} are allowed"


def module_is_named_after_a_thing(source: Source) -> Iterator[Fault]:
    for part in source.path.removesuffix(".py").split("/"):
        if part in VAGUE:
            yield 1, f"“{part}” names nothing"


def imports_stand_at_the_top(source: Source) -> Iterator[Fault]:
    for function in source.functions():
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node.lineno, f"import inside {function.name}"


def interfaces_leave_rows_alone(source: Source) -> Iterator[Fault]:
    """Interfaces read by queries and write by services, which is where permissions and tenants are checked."""
    if source.kind not in INTERFACES:
        return
    yield from ((line, ".objects in an interface") for name, line in source.names() if name == "objects")
    for name, line in source.called_attributes():
        if name in {"save", "delete"}:
            yield line, f".{name}() in an interface"
    yield from ((f.lineno, "save_model in an interface") for f in source.functions() if f.name == "save_model")


def transactions_begin_in_foundation(source: Source) -> Iterator[Fault]:
    if source.path.startswith(("merchant_protection/foundation/", "tests/", "benchmarks/")):
        return
    yield from ((line, "atomic outside foundation") for name, line in source.names() if name == "atomic")


def meta_has_no_ordering(source: Source) -> Iterator[Fault]:
    for meta in source.classes():
        if meta.name != "Meta":
            continue
        for node in meta.body:
            if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "ordering" for target in node.targets):
                yield node.lineno, "Meta.ordering hides a sort in every query"


def public_functions_say_what_they_mean(source: Source) -> Iterator[Fault]:
    if source.kind not in WORDED:
        return
    for node in source.tree.body:
        is_public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if is_public and not ast.get_docstring(node):  # type: ignore[arg-type]
            yield node.lineno, f"{node.name} has no docstring"  # type: ignore[attr-defined]


def models_say_what_they_are(source: Source) -> Iterator[Fault]:
    if source.kind != "models":
        return
    for node in source.tree.body:
        if not isinstance(node, ast.ClassDef) or any(ast.unparse(base).endswith("Choices") for base in node.bases):
            continue
        if not ast.get_docstring(node):
            yield node.lineno, f"{node.name} has no docstring"


def models_are_saved_as_they_are(source: Source) -> Iterator[Fault]:
    if source.kind != "models":
        return
    for function in source.functions():
        if function.name in {"save", "delete"}:
            yield function.lineno, f"{function.name}() is overridden: bulk writes would pass it by"


def kind_of_file_is_known(source: Source) -> Iterator[Fault]:
    if source.app and source.kind not in KINDS | KINDS_BY_DECISION.get(source.app, set()):
        yield 1, f"an app has no file of the kind “{source.kind}”: it needs a decision in docs/adr"


def time_is_passed_in(source: Source) -> Iterator[Fault]:
    if source.kind not in CLOCKLESS:
        return
    for name, line in source.called_attributes():
        if name in {"now", "today", "utcnow", "localtime", "localdate"}:
            yield line, f"{name}() reads the clock: take the time as an argument"


def rules_know_no_framework(source: Source) -> Iterator[Fault]:
    banned = {"rules": "django", "lifecycle": "django.db", "outside": "django.db"}.get(source.kind)
    for module, line in source.imports():
        if banned and f"{module}.".startswith(f"{banned}."):
            yield line, f"{source.kind} imports {banned}"


def work_is_promised_by_rows(source: Source) -> Iterator[Fault]:
    if not source.app:
        return
    for name, line in source.called_attributes():
        if name in {"delay", "apply_async", "send_task"}:
            yield line, f"{name}() talks to the broker: write a row that is due"


def parts_call_each_other_openly(source: Source) -> Iterator[Fault]:
    if source.app:
        yield from ((line, f"{name}: call the service") for name, line in source.names() if name in SIGNALS)


def tasks_are_one_line(source: Source) -> Iterator[Fault]:
    if source.kind != "tasks":
        return
    for function in source.functions():
        body = function.body[1:] if ast.get_docstring(function) else function.body
        if len(body) > 1:
            yield function.lineno, f"{function.name} holds logic that belongs in a service"


def tests_are_not_skipped(source: Source) -> Iterator[Fault]:
    if source.path.startswith("tests/") and not source.path.startswith("tests/architecture/"):
        for name, line in source.names():
            if name in {"skip", "skipif", "xfail", "importorskip"}:
                yield line, f"{name}: repair it or take it out"


EVERYWHERE: list[Rule] = [
    file_is_short,
    functions_are_short,
    module_is_named_after_a_thing,
    imports_stand_at_the_top,
    tests_are_not_skipped,
]
IN_APPS: list[Rule] = [
    interfaces_leave_rows_alone,
    transactions_begin_in_foundation,
    meta_has_no_ordering,
    public_functions_say_what_they_mean,
    models_say_what_they_are,
    models_are_saved_as_they_are,
    kind_of_file_is_known,
    time_is_passed_in,
    rules_know_no_framework,
    work_is_promised_by_rows,
    parts_call_each_other_openly,
    tasks_are_one_line,
]

IN_TEMPLATES = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", re.IGNORECASE),
    "an inline style sheet": re.compile(r"<style\b", re.IGNORECASE),
    "an inline style": re.compile(r"<[^>]*\sstyle=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\s(hx-)?on[:a-z-]+=", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "an asset of another site": re.compile(
        r"<(script|link|img|source|iframe)\b[^>]*\b(src|href)=.?https?://", re.IGNORECASE
    ),
}


def faults_in_template(source: Source) -> Iterator[Fault]:
    """Name what a strict content security policy would block."""
    for name, pattern in IN_TEMPLATES.items():
        for found in pattern.finditer(source.text):
            yield source.text.count("\n", 0, found.start()) + 1, name
