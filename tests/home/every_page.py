"""Every page of the site with something on it, and who may open it: found in URLconf, not in a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from tests.isolation import test_routes, test_routes_roles
from tests.training import folders
from training.services import sessions

COURSE = {"code": "welcome"}
# What answers a GET by no page of its own: asked for by scripts, by programs, as a file, or it only takes a POST.
NO_PAGE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Page:
    """A route, an address of it, and who is looking; nobody looks as a stranger."""

    route: str
    address: str
    who: str


def rows(ids: dict[str, dict[str, Any]], trainer: Persona, now: datetime) -> dict[str, dict[str, Any]]:
    """What the addresses name: shop A's things, a course and a live session."""
    with tenancy.platform():
        lesson, quiz = _lessons(now)
        plan = {
            "title": {"en": "Price guard before a sale, live", "zh": "大促价格保护直播课"},
            "starts_at": now + timedelta(days=1),
            "ends_at": now + timedelta(days=1, hours=1),
            "capacity": 10,
        }
        session = sessions.schedule(actor=trainer.actor, plan=plan, at=now)
    of_course = ("course", "changes", "assign", "enrol", "move_on", "renew")
    of_lesson = ("lesson", "read", "download", "beat")
    of_session = ("session", "session_live", "register", "give_up", "ask", "room_beat", "session_file")
    return {
        **ids,
        **{f"training_{name}": COURSE for name in of_course},
        **{f"training_{name}": COURSE | {"lesson_code": lesson} for name in of_lesson},
        **{f"training_quiz{name}": COURSE | {"lesson_code": quiz} for name in ("", "_start")},
        **{f"training_{name}": {"pk": session.pk} for name in of_session},
        "training_file": COURSE | {"number": 1, "name": "nothing.png"},
        "training_stream": {"name": "nothing.m3u8"},
        "training_feed": {"token": "nothing"},
        "certificate_verify": {"code": "0000-0000-0000-0000"},
        "invitation": {"token": "nothing"},
        "price_answer": {"token": "nothing"},
        "account_confirm_email": {"key": "nothing"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "nothing"},
        "mfa_remove_webauthn": {"pk": 1},
        "mfa_edit_webauthn": {"pk": 1},
    }


def all_pages(ids: dict[str, dict[str, Any]]) -> Iterator[Page]:
    """Every address that answers a GET by a whole page, once for each who sees another one there."""
    for route, taken in _of_people():
        known = ids.get(route, {})
        assert taken <= set(known), f"{route} takes {taken}: say which in tests/home/every_page.py"
        address = reverse(route, kwargs={key: value for key, value in known.items() if key in taken})
        yield Page(route, address, _who(address))
    for label in test_routes_roles.PAGES:
        for address in test_routes_roles.addresses(label):
            yield Page(f"admin:{label}", address, "staff")
    yield from (Page("admin:index", "/admin/", who) for who in ("staff", "senior", "trainer"))
    yield Page("not found", "/nothing/here/", "")


def is_page(answer: Any) -> bool:
    """Whether an answer is a whole page, as a browser shows it."""
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
        return False
    return not answer.streaming and b"<html" in answer.content[:2_000]


def asked_by(client: Client, page: Page) -> Any:
    return client.get(page.address)


def _of_people() -> Iterator[tuple[str, set[str]]]:
    """The routes outside the admin that people open, and what their addresses take: all but the API's."""
    for name, taken in _named(get_resolver().url_patterns, set()):
        if not name.startswith("api_"):
            yield name, taken


def _named(patterns: list[Any], before: set[str]) -> Iterator[tuple[str, set[str]]]:
    for pattern in patterns:
        taken = before | set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex) - {"format"}
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from _named(pattern.url_patterns, taken)
        elif pattern.name:
            yield pattern.name, taken


def _who(address: str) -> str:
    if address.startswith("/admin/"):
        return "senior"
    signed_in = ("/m/", "/me/", "/shops/", "/accounts/2fa/", "/accounts/sessions/", "/accounts/password/change/")
    return "merchant" if address.startswith((*signed_in, "/accounts/reauthenticate/", "/accounts/logout/")) else ""


def _lessons(now: datetime) -> tuple[str, str]:
    """A lesson to read and one with a quiz, of the course that everybody begins with."""
    course = test_routes.training_routes._course(now)
    version = course.published or folders.publish(folders.of_disk(), at=now)
    lessons = {lesson.kind: lesson.code for lesson in version.lessons.order_by("-pk")}
    return next(code for kind, code in lessons.items() if kind != "QUIZ"), lessons["QUIZ"]
