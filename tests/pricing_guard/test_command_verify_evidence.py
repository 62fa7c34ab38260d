"""An evidence file taken away from the portal verifies on a machine that knows nothing of it, and shows any change."""

import io
import os
import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from pricing_guard.models import EvidencePack, Incident
from pricing_guard.services.incidents import evidence
from tests.fixtures import servers
from tests.pricing_guard.conftest import guarded, listing, price
from tests.pricing_guard.test_disasters import order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]
PARTS = {"facts.json", "timeline.csv", "steps.csv", "prices.csv", "orders.csv", "report.pdf", "manifest.json"}
ELSEWHERE = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}


@pytest.fixture
def taken(tell, merchant, now, settings, tmp_path):
    """The file as the shop downloads it, and its fingerprint."""
    settings.STATE_DIR = tmp_path / "portal"
    guarded(merchant.shop, merchant, at=now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(price("12.99", 2, at=now), order("O-1", at=now, each="12.99"), order("O-2", at=now, each="12.99"))
    incident = Incident.objects.get()
    merchant.client.post(f"/m/price-guard/incidents/{incident.pk}/evidence/")
    pack = EvidencePack.objects.get()
    file = tmp_path / "taken.zip"
    file.write_bytes(merchant.client.get(f"/m/price-guard/evidence/{pack.pk}/").content)
    assert file.read_bytes() == evidence.read(pack)
    return file, pack.digest


def verified(file, *more):
    said = io.StringIO()
    call_command("verify_evidence", str(file), *more, stdout=said)
    return said.getvalue()


@pytest.mark.case("PG-08")
def test_an_export_for_court_is_complete_and_any_changed_byte_of_any_part_is_seen(taken, tmp_path):
    file, digest = taken
    there = subprocess.run(
        [sys.executable, "manage.py", "verify_evidence", str(file), "--sha256", digest],
        cwd=servers.ROOT, env={**os.environ, **ELSEWHERE}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert there.returncode == 0, there.stderr
    assert digest in there.stdout

    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert parts.keys() == PARTS
    for name, body in parts.items():
        forged = tmp_path / "forged.zip"
        place = body.index(b"sha256") + 12 if name == "manifest.json" else len(body) // 2
        forged.write_bytes(_packed(parts | {name: _one_byte_off(body, place)}))
        with pytest.raises(CommandError, match=r"changed|not an evidence file"):
            verified(forged)
        forged.write_bytes(_packed({each: part for each, part in parts.items() if each != name}))
        with pytest.raises(CommandError, match=r"missing|not an evidence file"):
            verified(forged)
    forged.write_bytes(_packed(parts | {"more.csv": b"x"}))
    with pytest.raises(CommandError, match="not in the manifest"):
        verified(forged)


def test_a_file_forged_together_with_its_manifest_is_not_the_one_that_was_made(taken, tmp_path):
    file, digest = taken
    packing_again = tmp_path / "again.zip"
    with zipfile.ZipFile(file) as archive:
        packing_again.write_bytes(_packed({name: archive.read(name) for name in archive.namelist()}))

    assert "as it was" in verified(packing_again)
    with pytest.raises(CommandError, match="not the one with the fingerprint"):
        verified(packing_again, "--sha256", digest)


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_file_cut_short_or_none_at_all_is_refused(taken, tmp_path, cut):
    file, _ = taken
    short = tmp_path / "short.zip"
    short.write_bytes(file.read_bytes()[:cut])

    for each in (short, tmp_path / "nowhere.zip"):
        with pytest.raises(CommandError):
            verified(each)


def _one_byte_off(body: bytes, place: int) -> bytes:
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


def _packed(parts: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return whole.getvalue()
