"""The demo's shops are made by the commands that people use, under their names, and once."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from merchant_protection.foundation import tenancy
from scalper_policies.models import PolicyVersion

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
    assert all(
        first[table]
        for table in ("scalper_policies_policy", "pricing_guard_guardpolicy", "training_course", "notices_endpoint")
    )
    with tenancy.platform():
        assert {version.author for version in PolicyVersion.objects.all()} == {"李雯"}
