"""The fields that a page may read from what is posted to it: those of the forms its module names, and those by name."""

import ast
import functools
import inspect
import sys

from merchant_protection.foundation import error_pages

PROGRAM = ("merchant_protection.", "claims.", "pricing_guard.", "scalper_policies.", "training.")
READERS = {"get", "getlist", "pop"}


@functools.cache
def of_module(module: str) -> frozenset[str]:
    """What a module of views reads from forms, and by itself."""
    named = {name for form in error_pages.forms_of(module) for name in form.base_fields}
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return frozenset(named | {name for node in ast.walk(tree) if (name := _read_by(node))})


def _read_by(node: ast.AST) -> str:
    """The name in `request.POST.get("name")`, `request.POST["name"]` and `"name" in request.POST`."""
    match node:
        case ast.Call(func=ast.Attribute(attr=reader), args=[ast.Constant(value=str(name)), *_]) if reader in READERS:
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Compare(left=ast.Constant(value=str(name)), ops=[ast.In()]):
            return name
    return ""
