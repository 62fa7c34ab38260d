"""What a browser fetches for each page of a shop, in bytes as they travel: counted from files, not by a clock."""

import gzip
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from tests.isolation import test_routes, walks
from training.models import LiveSession

things = test_routes.ids
BUILT = Path(settings.BASE_DIR) / "assets" / "build" / "portal"
FIRST, FIRST_WITH_CHART, LATER = 120 * 1024, 290 * 1024, 30 * 1024
SHARED = 108 * 1024  # what pages without a chart have in common: 12 KB are left for what one of them says
CLASSES = re.compile(r"""\bclass=["']([^"']*)["']""")
HEADERS = 700  # of one request and its answer
NAMED = re.compile(r"""["'(=]/?(?:static/portal/)([\w.-]+)|url\(["']?\./([\w.-]+)""")
IMPORTED = re.compile(r"""(?:from|import)\s*["']\./([\w.-]+)["']""")
# What a script fetches by itself where such an element stands: the name its file begins with.
LAZY = {
    "<chart-box": ("chunk-charts",),
    "<ordered-options": ("chunk-ordered_options",),
    "<study-clock": ("chunk-study_clock", "chunk-stream_player"),
    "<stream-player": ("chunk-study_clock", "chunk-stream_player"),
}


@cache
def size_of(name: str) -> int:
    """Return a file's bytes as WhiteNoise sends them, with the headers around them."""
    content = (BUILT / name).read_bytes()
    return min(len(content), len(brotli.compress(content))) + HEADERS


@cache
def needed_by(name: str) -> frozenset[str]:
    """Return what a script or a style sheet names, which the browser fetches with it."""
    if Path(name).suffix not in (".js", ".css"):
        return frozenset()
    text = (BUILT / name).read_text(encoding="utf-8")
    return frozenset(found for pair in (*NAMED.findall(text), *IMPORTED.findall(text)) for found in _names(pair))


def _names(pair: tuple[str, ...] | str) -> Iterator[str]:
    for name in (pair,) if isinstance(pair, str) else pair:
        if name and (BUILT / name).is_file():
            yield name


def files_of(html: str) -> set[str]:
    """Return every file a page makes the browser fetch."""
    lazy = [start for element, starts in LAZY.items() if element in html for start in starts]
    found = {name for pair in NAMED.findall(html) for name in _names(pair)}
    found |= {file.name for file in BUILT.glob("chunk-*.js") if file.name.startswith(tuple(lazy))} if lazy else set()
    while more := {name for file in found for name in needed_by(file)} - found:
        found |= more
    return found


def page_at(client: Client, path: str) -> tuple[int, str] | None:
    """Return a page's own bytes and what it says; nothing where there is no page to see."""
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
        return None
    is_packed = answer.headers.get("Content-Encoding") == "gzip"
    html = gzip.decompress(answer.content) if is_packed else answer.content
    is_whole = html.lstrip().startswith(b"<!doctype")  # parts are fetched by pages that are there
    return (len(answer.content) + 2 * HEADERS, html.decode()) if is_whole else None


def pages_of_training(merchant: Persona, now: datetime) -> list[str]:
    """The catalogue, a course, a lesson that is being learned, and a room that is live."""
    with tenancy.platform():
        room = LiveSession.objects.create(
            **{"title": {"zh": "直播", "en": "Live"}, "starts_at": now, "ends_at": now + timedelta(hours=1)},
            **{"capacity": 5, "created_at": now, "changed_at": now, "stream_url": "/m/training/stream/live.m3u8"},
            host=merchant.user,
        )
    merchant.client.post(reverse("training_enrol", args=["welcome"]))
    return [
        *(reverse(name) for name in ("training", "training_sessions", "training_calendar")),
        reverse("training_course", args=["welcome"]),
        reverse("training_lesson", args=["welcome", "the-day"]),
        reverse("training_session", args=[room.pk]),
    ]


def test_what_all_pages_share_leaves_room_for_what_each_says() -> None:
    names = ("app.js", "theme.js", "htmx.min.js", "portal.css", "icons.svg", "inter-latin.woff2", "favicon.svg")
    shared = set(names).union(*map(needed_by, names))

    assert sum(map(size_of, shared)) <= SHARED


@pytest.mark.django_db
def test_no_page_weighs_more_than_it_may_or_uses_what_was_left_out_of_bootstrap(
    things: dict[str, dict[str, Any]], merchant: Persona, now: datetime
) -> None:
    whole = (Path(settings.BASE_DIR) / "node_modules/bootstrap/dist/css/bootstrap.min.css").read_text(encoding="utf-8")
    known, kept = (set(re.findall(r"\.([A-Za-z][\w-]*)", css)) for css in (whole, (BUILT / "portal.css").read_text()))
    paths = [test_routes.address(name, things) for name in test_routes.of_shops() if "api" not in name]
    paths += [*pages_of_training(merchant, now), reverse("account_login"), reverse("account_reset_password")]
    merchant.client.raise_request_exception = False  # the matrix's rows are not whole enough for every page
    used: set[str] = set()
    seen: list[int] = []

    with walks.Walk() as walk:
        for path in paths:
            with walk.step(path):
                if found := page_at(Client() if path.startswith("/accounts/") else merchant.client, path):
                    later, html = found
                    used |= {name for names in CLASSES.findall(html) for name in names.split()}
                    seen.append(later + sum(map(size_of, files_of(html))))
                    assert seen[-1] <= (FIRST_WITH_CHART if "<chart-box" in html else FIRST), f"{seen[-1]:,} at first"
                    assert later <= LATER, f"{later:,} later"

    assert len(seen) > 60
    assert min(seen) > 80 * 1024, "the files of a page were not found"
    assert {"form-control", "btn", "visually-hidden"} <= used & kept
    assert not used & known - kept
