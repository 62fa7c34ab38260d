"""Files arrive piece by piece: gone on with after a break, sealed when whole, given up when nobody needs them."""

import io
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import F

from merchant_protection.accounts.actor import Actor
from merchant_protection.files.models import Allowance, StoredFile
from merchant_protection.files.outside import store
from merchant_protection.files.rules import limits
from merchant_protection.files.services import uploads
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, Refusal
from merchant_protection.foundation.transactions import transaction
from tests.fixtures.people import Persona
from tests.fixtures.uploads import Send, picture


def _begin(client, *, name="photo.png", size=10, purpose="evidence"):
    body = {"purpose": purpose, "name": name, "size": size}
    return client.post("/m/files/", body, content_type="application/json")


def _patch(client, pk: int, offset: int, body: bytes):
    return client.patch(
        f"/m/files/{pk}/", body, content_type="application/octet-stream", headers={"Upload-Offset": str(offset)}
    )


def _on_disk(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def _used(persona: Persona) -> int:
    with tenancy.platform():
        return Allowance.objects.get(merchant=persona.shop).used


def test_a_file_cut_off_is_gone_on_with_where_it_stopped(merchant: Persona, kept_in: Path, check_files) -> None:
    body = picture(form="PNG")
    begun = _begin(merchant.client, size=len(body)).json()
    _patch(merchant.client, begun["id"], 0, body[:1000])

    again = _begin(merchant.client, size=len(body)).json()
    assert (again["id"], again["offset"]) == (begun["id"], 1000)
    last = _patch(merchant.client, begun["id"], 1000, body[1000:]).json()
    assert last["status"] == "QUARANTINED"
    check_files()

    state = merchant.client.get(f"/m/files/{begun['id']}/").json()
    assert state["status"] == "CLEAN"
    with tenancy.platform():
        file = StoredFile.objects.get(pk=begun["id"])
    assert store.path_of(file.place).read_bytes() == body
    assert oct(store.path_of(file.place).stat().st_mode)[-3:] == "400"


def test_a_piece_that_came_twice_or_too_early_is_told_where_to_go_on(merchant: Persona, kept_in: Path) -> None:
    begun = _begin(merchant.client, size=100).json()
    assert _patch(merchant.client, begun["id"], 0, b"x" * 40).status_code == 200
    before = _on_disk(kept_in)

    for offset in (0, 41, 100):
        answer = _patch(merchant.client, begun["id"], offset, b"x" * 40)
        assert (answer.status_code, answer.json()["offset"]) == (409, 40)
    assert _patch(merchant.client, begun["id"], 40, b"x" * 61).status_code == 413
    assert _patch(merchant.client, begun["id"], 40, b"").status_code == 413
    assert merchant.client.patch(f"/m/files/{begun['id']}/", b"x").status_code == 422

    assert _on_disk(kept_in) == before


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": "virus.exe"}, 422),
        ({"name": "nameless"}, 422),
        ({"size": 0}, 422),
        ({"size": -5}, 422),
        ({"size": 21 * limits.MEGABYTE}, 413),
        ({"purpose": "course_picture"}, 403),
        ({"purpose": "nothing"}, 403),
    ],
)
def test_what_is_not_taken_is_refused_before_a_byte_is_sent(merchant: Persona, kept_in: Path, fields, status) -> None:
    answer = _begin(merchant.client, **fields)

    assert answer.status_code == status
    assert answer.json()["reason"]
    with tenancy.platform():
        assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"purpose": "evidence"}', b'{"purpose": "evidence", "name": "a", "size": "x"}']
)
def test_a_request_that_cannot_be_read_is_refused(merchant: Persona, body: bytes) -> None:
    assert merchant.client.post("/m/files/", body, content_type="application/json").status_code == 422


def test_who_may_only_look_sends_nothing(onlooker: Persona, merchant: Persona, kept_in: Path) -> None:
    assert _begin(onlooker.client).status_code == 403
    begun = _begin(merchant.client).json()
    assert _patch(onlooker.client, begun["id"], 0, b"x").status_code == 403
    assert onlooker.client.delete(f"/m/files/{begun['id']}/").status_code == 403


def test_a_file_taken_out_is_erased_and_gives_its_room_back(
    merchant: Persona, sent: Send, check_files, kept_in
) -> None:
    file = sent(merchant.actor, "photo.png", picture())
    assert _used(merchant) == file.bytes_expected

    assert merchant.client.delete(f"/m/files/{file.pk}/").json()["status"] == "DISCARDED"
    check_files()

    assert _used(merchant) == 0
    assert _on_disk(kept_in) == 0


def test_a_file_in_use_is_not_taken_out_by_its_address(merchant: Persona, sent: Send, now: datetime) -> None:
    file = sent(merchant.actor, "photo.png", picture())
    with tenancy.platform():
        _bind(merchant.actor, file.pk)

        with pytest.raises(Conflict):
            uploads.discard(actor=merchant.actor, file_id=file.pk, at=now)
        with pytest.raises(Conflict):
            _bind(merchant.actor, file.pk)


def test_what_never_came_or_is_used_for_nothing_is_given_up_after_a_day(
    merchant: Persona, send: Send, sent: Send, trainer: Persona, now: datetime, check_files
) -> None:
    begun = _begin(merchant.client, size=100).json()["id"]
    unused, used = sent(merchant.actor, "a.png", picture()), sent(merchant.actor, "b.png", picture(seed=2))
    sent(trainer.actor, "cover.png", picture(), purpose="course_picture")
    with tenancy.platform():
        _bind(merchant.actor, used.pk)

        assert uploads.discard_abandoned(now=now + timedelta(hours=23)) == 0
        assert uploads.discard_abandoned(now=now + timedelta(hours=25)) == 2
        assert uploads.discard_abandoned(now=now + timedelta(hours=25)) == 0
        gone = set(StoredFile.objects.filter(status="DISCARDED").values_list("pk", flat=True))
    assert gone == {begun, unused.pk}


def test_a_stream_that_brings_too_much_or_breaks_off_leaves_nothing(kept_in: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, *_):
            if self.tell():
                raise OSError("connection lost")
            return super().read(10)

    with pytest.raises(store.TooLarge):
        store.write(io.BytesIO(b"x" * 101), at_most=100)
    with pytest.raises(OSError):
        store.write(Broken(b"x" * 100), at_most=100)

    assert _on_disk(kept_in) == 0


def test_only_places_of_our_own_are_opened() -> None:
    for place in ("../x", "/etc/passwd", "", "a/b"):
        with pytest.raises(ValueError):
            store.path_of(place)


def test_trainers_send_for_everybody_and_shops_do_not(trainer: Persona, merchant: Persona, send: Send) -> None:
    assert send(trainer.actor, "cover.png", picture(), purpose="course_picture").merchant_id is None
    with pytest.raises(NotAllowed):
        send(merchant.actor, "cover.png", picture(), purpose="course_picture")
    with pytest.raises(NotAllowed):
        send(trainer.actor, "photo.png", picture(), merchant_id=merchant.shop.pk)
    with pytest.raises(Invalid):
        send(trainer.actor, "film.mp4", b"x", purpose="course_picture")


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_keep_more_than_the_shop_may(merchant: Persona, kept_in: Path, now: datetime) -> None:
    _fill(merchant, left=3)

    assert _race(merchant, now) == 3
    assert _used(merchant) == limits.SHOP_QUOTA


@pytest.mark.django_db(transaction=True)
def test_the_same_race_without_the_condition_keeps_too_much(
    merchant: Persona, kept_in: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: read, compare, then write lets several through."""
    barrier = threading.Barrier(6, timeout=20)

    def careless(merchant_id: int, size: int) -> None:
        kept = Allowance.objects.get(merchant_id=merchant_id)
        barrier.wait()
        if kept.used + size > kept.cap:
            raise uploads.TooMuch
        Allowance.objects.filter(pk=kept.pk).update(used=F("used") + size)

    monkeypatch.setattr(uploads, "_reserve", careless)
    _fill(merchant, left=3)

    assert _race(merchant, now) > 3


@pytest.mark.django_db(transaction=True)
def test_the_last_piece_sent_by_two_windows_at_once_is_taken_once(
    merchant: Persona, kept_in: Path, now: datetime
) -> None:
    with tenancy.platform():
        actor = merchant.actor
        file = uploads.begin(
            actor=actor, merchant_id=merchant.shop.pk, purpose="evidence", name="a.txt", size=4, at=now
        )

    def last(_index: int) -> None:
        uploads.keep(actor=actor, file_id=file.pk, offset=0, stream=io.BytesIO(b"text"), at=now)

    assert _together(last) == 1
    with tenancy.platform():
        assert len(StoredFile.objects.get(pk=file.pk).parts) == 1


def _fill(persona: Persona, *, left: int) -> None:
    with tenancy.platform():
        Allowance.objects.create(merchant=persona.shop, used=limits.SHOP_QUOTA - left, cap=limits.SHOP_QUOTA)


def _race(persona: Persona, now: datetime) -> int:
    actor = persona.actor

    def one(index: int) -> None:
        uploads.begin(actor=actor, merchant_id=persona.shop.pk, purpose="evidence", name=f"{index}.txt", size=1, at=now)

    return _together(one)


def _together(work, people: int = 6) -> int:
    """Let six do it at once; return how many were not refused."""
    done: list[int] = []
    start = threading.Barrier(people, timeout=20)

    def run(index: int) -> None:
        try:
            with tenancy.platform():
                start.wait()
                work(index)
                done.append(index)
        except Refusal:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done)


@transaction
def _bind(actor: Actor, file_id: int) -> None:
    uploads.bind(actor=actor, file_id=file_id, to="test 1")
