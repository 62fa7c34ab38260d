"""Hostile files go through the whole pipeline and come out harmless or not at all."""

import io
import resource
import subprocess
import sys
import time

import pytest
from PIL import Image

from merchant_protection.files.models import Derivative, StoredFile
from merchant_protection.files.outside import store
from merchant_protection.files.outside.workshop import bounds
from merchant_protection.foundation import tenancy
from tests.files import hostile
from tests.files.hostile import Hostile
from tests.fixtures.people import Persona
from tests.fixtures.uploads import Send

FILES = hostile.every()
FORMATS = {"image/jpeg": b"\xff\xd8\xff", "video/mp4": b"ftyp", "audio/mpeg": b"", "text/plain; charset=utf-8": b""}


@pytest.mark.case("T29")
def test_hostile_files_are_rejected_or_made_harmless_within_their_bounds(merchant: Persona, sent: Send) -> None:
    faults, started = [], resource.getrusage(resource.RUSAGE_CHILDREN)
    for each in FILES:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        file = sent(merchant.actor, each.name, each.body)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        outcome = file.reason or "neutral"
        if outcome not in each.outcomes:
            faults.append(f"{each.case}: {outcome}, not {sorted(each.outcomes)}")
        if spent > 10:
            faults.append(f"{each.case}: {spent:.1f} s of computing")
        faults += [f"{each.case}: {fault}" for fault in _left_of(file, each)]

    assert len(FILES) >= 40
    assert not faults, "\n".join(faults)
    # A child is counted with the memory of the process it was forked from, and with every child before it.
    counted = max(started.ru_maxrss, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * 1024
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    assert most <= max(bounds.MEMORY, counted), started


def test_an_empty_file_is_refused_before_anything_is_kept(merchant: Persona, kept_in, now) -> None:
    answer = merchant.client.post(
        "/m/files/", {"purpose": "evidence", "name": "a.jpg", "size": 0}, content_type="application/json"
    )

    assert answer.status_code == 422
    assert "empty" in answer.json()["reason"] or "空" in answer.json()["reason"]


def test_the_workshop_cannot_take_more_memory_than_it_is_given(tmp_path) -> None:
    """The control: the bound is the process's own, whatever a reader tries."""
    code = (
        "from merchant_protection.files.outside.workshop import bounds\n"
        "bounds.set_bounds()\n"
        "try:\n    bytearray(bounds.MEMORY)\nexcept MemoryError:\n    print('refused')\n"
    )
    assert _python(code) == "refused"
    assert _python(code.replace("bounds.set_bounds()\n", "")) == ""


def test_a_workshop_that_computes_for_ever_is_ended() -> None:
    started = time.monotonic()
    code = (
        "from merchant_protection.files.outside.workshop import bounds\n"
        "bounds.CPU_SECONDS = 1\nbounds.set_bounds()\nwhile True: pass\n"
    )

    assert _python(code, succeeds=False) == ""
    assert time.monotonic() - started < 60


def _left_of(file: StoredFile, each: Hostile) -> list[str]:
    """What is still wrong with a file that was looked at."""
    with tenancy.platform():
        copies = list(Derivative.objects.filter(file=file))
    if file.status == StoredFile.Status.REJECTED:
        kept = [place for place in (file.place, *file.parts) if place and store.path_of(place).exists()]
        return [f"kept though rejected: {kept}"] * bool(kept or copies)
    faults = [] if copies else ["nothing to look at"]
    for copy in copies:
        body = store.path_of(copy.place).read_bytes()
        if hostile.MARK in body:
            faults.append(f"the payload is still in {copy.role}")
        if FORMATS[copy.media_type] not in body[:16]:
            faults.append(f"{copy.role} is no {copy.media_type}")
        if copy.media_type == "image/jpeg" and Image.open(io.BytesIO(body)).getexif():
            faults.append(f"{copy.role} carries EXIF")
    if any(bad in file.name for bad in ("/", "\\", "\x00", "\r", "\n", "<", '"', "\u202e")) or len(file.name) > 120:
        faults.append(f"is named {file.name!r}")
    return faults


def _python(code: str, *, succeeds: bool = True) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=succeeds)
    return done.stdout.strip()
