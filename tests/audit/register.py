"""Every route that changes something, and the append-only record it leaves in the transaction of the change."""

from django.apps import apps
from django.http import HttpRequest

from merchant_protection.foundation import tenancy

# What no record is owed for: how the site remembers who is looking, and that it looked.
BESIDE = {"django_session"}
RECORDED: dict[str, tuple[str, ...]] = {}
WITHOUT: dict[str, str] = {}


def records() -> set[str]:
    """The tables of history, which refuse to be changed."""
    return {
        model._meta.db_table
        for model in apps.get_models()
        if any(isinstance(each, tenancy.AppendOnly) for each in model._meta.constraints)
    }


def route_of(request: HttpRequest) -> str:
    """The route's name as the register has it; one with many verbs is told by its verb."""
    match = request.resolver_match
    if match is None:
        return "middleware"
    name = match.view_name or match.route
    return f"{name}:{match.kwargs['name']}" if name == "desk_act" else name


def fault_of(route: str, changed: set[str]) -> str:
    """What is wrong with a change that a route made in one transaction; nothing when its record is beside it."""
    if route in WITHOUT:
        return ""
    if route not in RECORDED:
        return f"changed {sorted(changed)} and stands not in the register"
    if not changed & set(RECORDED[route]):
        return f"changed {sorted(changed)} and left no {' or '.join(RECORDED[route])}"
    return ""
