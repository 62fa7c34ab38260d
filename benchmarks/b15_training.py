"""B15: the catalogue with ten thousand courses against a few, and a room with 200 learners on a server of two workers.

In the room every learner's page beats once in so many seconds and asks every three whether something changed, as the
pages do; each request has its moment, and waits for it on our watch.
"""

import http.client
import json
import random
import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from benchmarks import lessons, many_courses, measure, people, stage
from benchmarks.web_server import PORTAL, Server, cpu_of
from merchant_protection.accounts.models import Membership, Merchant, Role, User
from merchant_protection.foundation import tenancy
from training.models import Attendance, LiveSession, Registration

FEW, COURSES, PROGRESS = 40, 10_000, 1_000_000
TURNS = 15
LEARNERS, BEAT_SECONDS, LOOK_SECONDS = 200, 15.0, 3.0
ROUNDS = 4  # of beats: a minute, with the looks between
PAGES = {
    "catalogue": "/m/training/",
    "search": f"/m/training/?q={quote(f'第{FEW}课')}",
    "course": f"/m/training/courses/bulk-{FEW}/",
    "lesson": f"/m/training/courses/bulk-{FEW}/lessons/l0/",
}


@dataclass
class Waits:
    """Milliseconds from a request's moment to its answer, and the answers."""

    beats: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)


def run(*, large: bool) -> list[measure.Row]:
    """Measure the pages at two sizes, then the room."""
    settings.ALLOWED_HOSTS = ["*"]
    call_command("static")
    shop, headers = people.signed_in_owner()
    return [*_catalogue(shop, headers), *_room(shop)]


def _catalogue(shop: Merchant, headers: dict[str, str]) -> list[measure.Row]:
    with tenancy.platform():
        owner = User.objects.get(memberships__merchant=shop)
    server = Server(PORTAL, workers=1)
    found = []
    try:
        for courses, progress in ((FEW, 0), (COURSES, PROGRESS)):
            with stage.superuser() as database:
                many_courses.fill(database, merchant_id=shop.pk, user_id=owner.pk, courses=courses, progress=progress)
            found.append({name: _median(server, path, headers) for name, path in PAGES.items()})
    finally:
        server.stop()
    few, many = found
    return [
        measure.Row(
            "B15",
            f"{name}, {COURSES:,} courses",
            "ms",
            many[name],
            few[name],
            many[name] / few[name],
            measure.at_most(1.3),
            TURNS,
            f"yardstick: itself at {FEW}; {PROGRESS:,} rows of progress",
        )
        for name in PAGES
    ]


def _median(server: Server, path: str, headers: dict[str, str]) -> float:
    for _warm in range(3):
        server.ask(path, headers, wanted=200)
    return (
        statistics.median(measure.seconds(lambda: server.ask(path, headers, wanted=200))() for _ in range(TURNS)) * 1000
    )


def _room(shop: Merchant) -> list[measure.Row]:
    session, cookies = _full_room(shop)
    server, waits, lock = Server(PORTAL, workers=2), Waits(), threading.Lock()
    start = time.perf_counter() + 2
    try:
        before = cpu_of(server.process)
        learners = [
            threading.Thread(target=_learn, args=(server.port, session.pk, cookie, start, waits, lock))
            for cookie in cookies
        ]
        for learner in learners:
            learner.start()
        for learner in learners:
            learner.join()
        busy = cpu_of(server.process) - before
    finally:
        server.stop()
    with tenancy.platform():
        seen = list(Attendance.objects.filter(session=session).values_list("live_seconds", flat=True))
    kept = f"{len(seen)} of {LEARNERS} attended, {min(seen, default=0)} to {max(seen, default=0)} s counted of "
    kept += f"{BEAT_SECONDS * (ROUNDS - 1):.0f}; answers {dict(waits.answers)}; web CPU {busy:.1f} s"
    rate = f"{LEARNERS / BEAT_SECONDS:.0f} beats/s, {LEARNERS / LOOK_SECONDS:.0f} looks/s"
    return [
        _row(f"beat, {LEARNERS} learners", waits.beats, f"{rate}; {kept}"),
        _row(f"look, {LEARNERS} learners", waits.looks, rate),
    ]


def _row(sizes: str, waits: list[float], note: str) -> measure.Row:
    ordered = sorted(waits)
    p50, p95, p99 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.95, 0.99))
    note = f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms of {len(ordered)}; {note}"
    return measure.told("B15", sizes=f"{sizes}, p95", unit="ms", ours=p95, note=note)


def _full_room(shop: Merchant) -> tuple[LiveSession, list[str]]:
    """A session that is live, with every seat taken, and the cookies of those who sit there."""
    now = timezone.now()
    with tenancy.platform():
        session = lessons.room(capacity=LEARNERS)
        users = User.objects.bulk_create(
            User(email=f"learner-{number}@bench.example", display_name=f"Learner {number}")
            for number in range(LEARNERS)
        )
        Membership.objects.bulk_create(Membership(merchant=shop, user=user, role=Role.OPERATOR) for user in users)
        Registration.objects.bulk_create(
            Registration(merchant=shop, session=session, user=user, status="SEATED", queued_at=now, seated_at=now)
            for user in users
        )
        LiveSession.objects.filter(pk=session.pk).update(
            seats_taken=LEARNERS, status="LIVE", went_live_at=now - timedelta(minutes=10), starts_at=now
        )
        clients = [Client() for _user in users]
        for client, user in zip(clients, users, strict=True):
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    name = settings.SESSION_COOKIE_NAME
    return session, [f"{name}={client.cookies[name].value}" for client in clients]


def _learn(port: int, session_id: int, cookie: str, start: float, waits: Waits, lock: threading.Lock) -> None:
    """Beat and look as a room's page does, each learner from a moment of their own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    room, token = f"/m/training/sessions/{session_id}/", "b" * 32
    headers = {"Cookie": f"{cookie}; {settings.CSRF_COOKIE_NAME}={token}", "X-CSRFToken": token}
    tag, first = "", start + random.Random(cookie).uniform(0, BEAT_SECONDS)
    looks_each = int(BEAT_SECONDS / LOOK_SECONDS)

    def ask(due: float, found: list[float], method: str, path: str, body: str = "") -> http.client.HTTPResponse:
        time.sleep(max(0.0, due - time.perf_counter()))
        connection.request(method, path, body or None, headers | ({"If-None-Match": tag} if tag else {}))
        answer = connection.getresponse()
        answer.read()
        with lock:
            found.append((time.perf_counter() - due) * 1000)
            waits.answers[answer.status] += 1
        return answer

    told = json.dumps({"spans": [[BEAT_SECONDS, 0]]})
    for number in range(ROUNDS):
        due = first + number * BEAT_SECONDS
        ask(due, waits.beats, "POST", f"{room}beat/", told)
        for look in range(looks_each):
            answer = ask(due + look * LOOK_SECONDS + 1, waits.looks, "GET", f"{room}live/?shown=LIVE")
            tag = answer.headers.get("ETag", "")
    connection.close()
