"""Webhooks on their way: when each is tried, what each answer means, and that nobody waits for a neighbour."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from standardwebhooks import Webhook

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation.transactions import transaction
from merchant_protection.notices import drains
from merchant_protection.notices.models import Attempt, Dispatch, Endpoint, Notice
from merchant_protection.notices.services import endpoints, webhooks
from tests.factories.notices import SECRET, EndpointFactory
from tests.fixtures.people import Persona
from tests.notices.listener import TAKEN, Listener, Received, Reply

pytestmark = pytest.mark.usefixtures("platform_scope")

# Written out by hand: seconds from each try to the next, as Standard Webhooks advises.
WAITS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
ENOUGH = 10  # seconds of a real clock after which a test gives up


@dataclass
class Post:
    """The drain with a clock that the test sets, and a system that listens."""

    listener: Listener
    now: datetime
    shop: Merchant
    calls: drains.Calls = field(init=False)

    def __post_init__(self) -> None:
        self.calls = drains.Calls(listeners=[self.listener.place])

    def endpoint(self, path: str, **fields: Any) -> Endpoint:
        return EndpointFactory(merchant=self.shop, url=self.listener.url(path), created_at=self.now, **fields)

    def promise(self, *subjects: str) -> None:
        with transaction():
            for subject in subjects:
                webhooks.promise(
                    merchant_id=self.shop.pk,
                    kind="claim.decided",
                    at=self.now,
                    subject_id=subject,
                    params={"status": "UPHELD", "amount": "88.00"},
                    dedupe_key=subject,
                )

    def turn(self) -> None:
        """Let the drain work until nothing is due and nobody is called."""
        until = time.monotonic() + ENOUGH
        while self.calls(lambda: self.now) and time.monotonic() < until:
            pass

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)
        self.turn()


@pytest.fixture
def post(merchant: Persona, now: datetime) -> Iterator[Post]:
    with Listener() as listener:
        yield Post(listener, now, merchant.shop)


def answers(*statuses: int, **headers: str) -> Any:
    """Answer with these, the last one for ever."""
    left = list(statuses)

    def reply(_received: Received) -> Reply:
        return (left.pop(0) if len(left) > 1 else left[0]), headers, b"words of the system"

    return reply


def jittered(message_id: str, number: int) -> timedelta:
    share = int.from_bytes(hashlib.sha256(f"{message_id}.{number}".encode()).digest()[:8]) / 2**64
    return timedelta(seconds=WAITS[number - 2]) * (1 + 0.1 * share)


def keeps_the_table(post: Post) -> None:
    """Ten tries at the table's offsets, a little later each, always the same id and body; then given up."""
    endpoint = post.endpoint("/table")
    post.listener.reply = answers(500)
    post.promise("table")
    begun = post.now
    post.turn()
    dispatch = Dispatch.objects.get(endpoint=endpoint)
    moments = [begun]
    while dispatch.due_at is not None and len(moments) < 20:
        post.now = dispatch.due_at - timedelta(milliseconds=1)
        post.turn()
        assert len(post.listener.received) == len(moments), "nothing leaves before its time"
        post.now = dispatch.due_at
        moments.append(post.now)
        post.turn()
        dispatch.refresh_from_db()
    message_id = dispatch.message.public_id
    steps = [jittered(message_id, number) for number in range(2, 11)]

    assert [later - earlier for earlier, later in pairwise(moments)] == steps
    assert [WAITS[n] <= step.total_seconds() < 1.1 * WAITS[n] for n, step in enumerate(steps)] == [True] * 9
    assert len({step.total_seconds() / wait for step, wait in zip(steps, WAITS, strict=True)}) == 9, "no jitter"
    assert {each.message_id for each in post.listener.received} == {message_id}
    assert len({each.body for each in post.listener.received}) == 1
    assert (dispatch.status, dispatch.attempts, len(post.listener.received)) == ("DEAD", 10, 10)


def signs_with_old_and_new(post: Post, owner: Persona) -> None:
    """During a rotation either secret fits, a day later only the new one."""
    endpoint = post.endpoint("/signed")
    new = endpoints.rotate(actor=owner.actor, endpoint_id=endpoint.pk, at=post.now)
    fits = []
    for subject, hours in (("both", 0), ("new", 25)):
        post.now += timedelta(hours=hours)
        post.promise(subject)
        post.turn()
        received = post.listener.received[-1]
        stamp = datetime.fromtimestamp(int(received.headers["webhook-timestamp"]), tz=post.now.tzinfo)
        assert stamp == post.now.replace(microsecond=0)
        given = received.headers["webhook-signature"].split(" ")
        fits.append(
            [Webhook(s).sign(received.message_id, stamp, received.body.decode()) in given for s in (SECRET, new)]
        )

    assert fits == [[True, True], [False, True]]
    said = json.loads(post.listener.received[0].body)
    assert said["type"] == "claim.decided"
    assert said["data"] == {
        **{"version": 1, "merchant": "shop-a", "claim_id": "both", "status": "UPHELD", "amount": "88.00"}
    }


def switches_off_at_410(post: Post) -> None:
    """410 ends it: nothing more is sent, what waits is given up, the owners are told."""
    endpoint = post.endpoint("/gone")
    post.listener.reply = answers(410)
    post.promise("gone-1", "gone-2")
    post.turn()
    post.promise("gone-3")
    post.later(days=4)
    endpoint.refresh_from_db()

    assert (endpoint.state, endpoint.reason, len(post.listener.received)) == ("DISABLED", "GONE", 1)
    assert set(endpoint.dispatches.values_list("status", flat=True)) == {"DEAD"}
    assert endpoint.dispatches.count() == 2
    assert Notice.objects.filter(kind="webhook.gone", urgency="CRITICAL").count() == 1


def follows_no_redirect(post: Post) -> None:
    """A 3xx is a failure like any other; where it points nobody calls."""
    endpoint = post.endpoint("/moved")
    post.listener.reply = answers(302, 307, 308, 200, Location=post.listener.url("/elsewhere"))
    post.promise("moved")
    post.turn()
    post.later(hours=1)
    post.later(hours=1)
    post.later(hours=1)

    assert set(post.listener.paths()) == {"/moved"}
    assert list(Attempt.objects.order_by("pk").values_list("status", flat=True)) == [302, 307, 308, 200]
    assert endpoint.dispatches.get().status == "DELIVERED"


def waits_as_long_as_429_asks(post: Post) -> None:
    """Retry-After is kept, and nothing else is sent to that endpoint meanwhile."""
    post.endpoint("/busy")
    post.listener.reply = answers(429, 200, **{"Retry-After": "120"})
    post.promise("busy-1")
    post.turn()
    post.promise("busy-2")
    post.later(seconds=119)
    assert len(post.listener.received) == 1
    post.later(seconds=1)

    assert sorted(Dispatch.objects.values_list("status", flat=True)) == ["DELIVERED", "DELIVERED"]


def pauses_after_forty_failures(post: Post, owner: Persona) -> None:
    """The fortieth failure in a row pauses it; owners are told; what waits is sent when it is resumed."""
    endpoint = post.endpoint("/failing")
    post.listener.reply = answers(503)
    post.promise(*(f"failing-{n}" for n in range(12)))
    for _turn in range(60):
        post.later(minutes=10)
        endpoint.refresh_from_db()
        if endpoint.failures == 39:
            assert endpoint.state == "ACTIVE"

    assert (endpoint.state, endpoint.reason, len(post.listener.received)) == ("PAUSED", "FAILING", 40)
    assert Notice.objects.filter(kind="webhook.paused", urgency="CRITICAL").count() == 1
    post.promise("meanwhile")
    post.later(days=1)
    assert len(post.listener.received) == 40
    post.listener.reply = answers(200)
    endpoints.resume(actor=owner.actor, endpoint_id=endpoint.pk, at=post.now)
    post.turn()
    assert set(endpoint.dispatches.values_list("status", flat=True)) == {"DELIVERED"}


def replays(post: Post, owner: Persona) -> None:
    """What was given up is sent again under its id, one by one or all since a moment."""
    endpoint = post.endpoint("/replayed")
    post.listener.reply = answers(500)
    post.promise("replay-1", "replay-2")
    before = post.now
    for _try in range(22):  # one call a turn, for it is left alone after each
        post.later(hours=27)
    ids = {each.message_id for each in post.listener.received}
    dead = list(endpoint.dispatches.order_by("pk"))
    assert [each.status for each in dead] == ["DEAD", "DEAD"]
    post.listener.received.clear()
    post.listener.reply = answers(200)
    endpoints.replay(actor=owner.actor, dispatch_id=dead[0].pk, at=post.now)
    post.turn()
    assert len(post.listener.received) == 1
    assert endpoints.replay_failed(actor=owner.actor, endpoint_id=endpoint.pk, since=before, at=post.now) == 1
    post.turn()

    assert {each.message_id for each in post.listener.received} == ids
    assert set(endpoint.dispatches.values_list("status", flat=True)) == {"DELIVERED"}


def a_hanging_one_delays_nobody(post: Post) -> tuple[float, float]:
    """Fifty endpoints that answer, alone and then beside one that hangs all the while; what 95 % waited at most."""
    beside = [post.endpoint(f"/beside/{n}") for n in range(50)]
    alone = waits(post, "alone", beside)
    hanging = post.endpoint("/hanging")
    post.listener.reply = lambda received: post.listener.hang(received) if received.path == "/hanging" else TAKEN
    together = [waits(post, wave, beside) for wave in ("first", "second")]
    assert hanging.dispatches.filter(status="PENDING").count() == 2
    assert post.listener.paths().count("/hanging") == 1
    return alone, max(together)


def waits(post: Post, wave: str, beside: list[Endpoint]) -> float:
    """Promise each of them something; return how long 95 % of those that answer waited at most."""
    post.promise(wave)
    waited: list[float] = []
    promised, known = time.monotonic(), len(post.listener.received)
    while len(waited) < len(beside) and time.monotonic() < promised + 6 * ENOUGH:
        post.calls(lambda: post.now)
        waited = sorted(each.at - promised for each in post.listener.received[known:] if each.path != "/hanging")
    assert len(waited) == len(beside), wave
    return waited[int(0.95 * len(waited))]


def starts_afresh(post: Post) -> None:
    """Leave nothing behind for the next part."""
    Attempt.objects.all().delete()
    Dispatch.objects.all().delete()
    Endpoint.objects.update(state="DISABLED", reason="OWNER", due_at=None)
    post.listener.received.clear()
    post.listener.reply = lambda _received: TAKEN


@pytest.mark.case("T27")
def test_the_schedule_is_the_table_and_a_hanging_endpoint_delays_no_other(post: Post, merchant: Persona) -> None:
    for part in (keeps_the_table, switches_off_at_410, follows_no_redirect, waits_as_long_as_429_asks):
        part(post)
        starts_afresh(post)
    for part_of_owner in (signs_with_old_and_new, pauses_after_forty_failures, replays):
        part_of_owner(post, merchant)
        starts_afresh(post)

    alone, beside_a_hanging_one = a_hanging_one_delays_nobody(post)

    # Five seconds where the machine has them: where fifty alone take longer, it is held against these.
    assert beside_a_hanging_one <= max(5, 2 * alone)
