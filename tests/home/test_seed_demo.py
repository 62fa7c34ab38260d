"""The demo's shops are made by the commands that people use, under their names, and once."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from merchant_protection.foundation import tenancy
from merchant_protection.home.management.commands import seed_demo
from scalper_policies.models import PolicyVersion
from tests.factories.accounts import MerchantFactory
from tests.factories.marketplace import OrderFactory

GROWS = {"audit_entry", "accounts_session", "django_session"}  # a second start is written down too


def rows() -> dict[str, int]:
    with tenancy.platform():
        tables = [each for each in apps.get_models() if each._meta.db_table not in GROWS and each._meta.managed]
        return {each._meta.db_table: each._base_manager.count() for each in tables}


@pytest.mark.django_db
def test_a_second_start_of_the_demo_makes_nothing_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "DEMO", True)
    monkeypatch.setattr(settings, "STATE_DIR", tmp_path)
    monkeypatch.setattr(settings, "WEBHOOK_LISTENERS", ["127.0.0.1:8100"])
    call_command("seed_demo")
    first = rows()
    call_command("seed_demo")

    assert rows() == first
    (tmp_path / "demo-platform-key").write_text("mp_live_000000000000_of-another-database")
    call_command("seed_demo")
    assert rows() == first | {"accounts_apikey": first["accounts_apikey"] + 1}
    assert all(
        first[table]
        for table in ("scalper_policies_policy", "pricing_guard_guardpolicy", "training_course", "notices_endpoint")
    )
    with tenancy.platform():
        assert {version.author for version in PolicyVersion.objects.all()} == {"李雯"}


@pytest.mark.django_db
def test_a_past_that_was_cut_off_is_told_again_from_the_same_moment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "STATE_DIR", tmp_path)
    (tmp_path / "demo-platform-key").write_text("mp_live_-")
    memory = tmp_path / "memory"

    first = seed_demo.simulator(memory=memory)
    OrderFactory(merchant=MerchantFactory(code=seed_demo.SHOPS[0][0]))
    cut_off = seed_demo.simulator(memory=memory)
    memory.touch()
    afterwards = seed_demo.simulator(memory=memory)

    assert (first["SIMULATOR_HISTORY"], first) == (str(seed_demo.HISTORY_DAYS), cut_off)
    assert "SIMULATOR_HISTORY" not in afterwards
