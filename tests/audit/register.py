"""Every route that changes something, and the append-only record it leaves in the transaction of the change."""

from django.apps import apps
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from merchant_protection.foundation import tenancy
from tests.audit import register_of_routes

# What no record is owed for by itself, and why.
BESIDE = {
    "django_session": "who is signed in; signing in and out are recorded",
    "usersessions_usersession": "where somebody is signed in, and when last seen",
    "foundation_rate": "how often somebody asked",
    "foundation_cacheentry": "a value that processes share for a while",
    "accounts_keptanswer": "the answer to a program's Idempotency-Key",
    "claims_viewer": "who has a case open right now",
    "claims_reviewlease": "that the page of a case is still open; who was given it is recorded",
    "files_storedfile": "the next piece of a file, whose beginning and end are recorded",
    "risk_bulkanswer": "a job: each answer it gives is recorded",
    "pricing_guard_backtest": "a question about the past, which changes nothing",
    "scalper_policies_backtestrun": "a question about the past, which changes nothing",
}
# Likewise, where routes so named only note that something was used.
USED = {"accounts_apikey": "api_", "accounts_user": "account_login invitation mfa_", "mfa_authenticator": "mfa_"}
RECORDED = {route: tables for tables, routes in register_of_routes.SEEN.items() for route in routes.split()}
BY_COMMAND = register_of_routes.BY_COMMAND
WITHOUT = {route: reason for reason, routes in register_of_routes.NONE.items() for route in routes.split()}


def records() -> set[str]:
    """The tables of history, which refuse to be changed."""
    return {
        model._meta.db_table
        for model in apps.get_models()
        if any(isinstance(each, tenancy.AppendOnly) for each in model._meta.constraints)
    }


def route_of(request: HttpRequest) -> str:
    """The route's name as the register has it; one with many verbs is told by its verb.

    What a middleware answers before its view is asked counts as the route's all the same.
    """
    try:
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return "middleware"
    name = match.view_name or match.route
    return f"{name}:{match.kwargs['name']}" if name == "desk_act" else name


def is_change(route: str, tables: set[str]) -> bool:
    """Whether what a route wrote in one transaction is owed a record."""
    used = {table for table, routes in USED.items() if route.startswith(tuple(routes.split()))}
    return bool(tables - set(BESIDE) - used)


def is_known(route: str) -> bool:
    """Whether the register names the route."""
    return route in RECORDED or route in BY_COMMAND or route in WITHOUT


def fault_of(route: str, tables: set[str]) -> str:
    """What is wrong with what a route wrote in one transaction; nothing when its record is among it."""
    if route in WITHOUT or not is_change(route, tables):
        return ""
    if route in BY_COMMAND:
        return "" if tables & records() else f"changed {sorted(tables)} and left no record"
    if route not in RECORDED:
        return f"changed {sorted(tables)} and stands not in the register"
    if not tables & set(RECORDED[route]):
        return f"changed {sorted(tables)} and left no {' or '.join(RECORDED[route])}"
    return ""
