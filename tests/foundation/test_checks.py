"""A portal that the world can reach does not run as the demo does."""

import os
import secrets
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.test import override_settings

from merchant_protection.foundation import checks
from tests.fixtures import servers

SAFE = {"ALLOWED_HOSTS": ["portal.example"], "SECRET_KEY": "s" * 50, "MATCH_KEY": "m" * 50, "DATA_KEYS": ["k"]}


def found(**changes: object) -> set[str | None]:
    with override_settings(**(SAFE | changes)):
        return {each.id for each in checks.unsafe_combinations(None)}


def test_keys_of_its_own_are_fine() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"DEMO": True}, "portal.E001"),
        ({"SECRET_KEY": "only-for-a-machine-of-ones-own-000"}, "portal.E002"),
        ({"MATCH_KEY": "s" * 50}, "portal.E003"),
        ({"DATA_KEYS": []}, "portal.E003"),
        ({"DEBUG": True}, "portal.E004"),
        ({"WEBHOOK_LISTENERS": ["127.0.0.1:8100"]}, "portal.E005"),
    ],
)
def test_each_unsafe_combination_is_refused(changes: dict[str, object], fault: str) -> None:
    assert fault in found(**changes)


def test_on_ones_own_machine_everything_goes() -> None:
    assert found(ALLOWED_HOSTS=["127.0.0.1"], DEMO=True, MATCH_KEY="s" * 50) == set()


def test_the_command_the_drain_and_the_web_program_refuse_to_start() -> None:
    """As they are really run, each in a process of its own: a check that is registered too late finds nothing."""
    unsafe = {"ALLOWED_HOSTS": "portal.example", "DEMO": "1", "PUBLIC_URL": "https://portal.example"}
    for words in (
        ("manage.py", "check"),
        ("manage.py", "drain"),
        ("-c", "import merchant_protection.config.wsgi"),
    ):
        done = subprocess.run(
            [sys.executable, *words],
            cwd=servers.ROOT,
            env={**os.environ, **unsafe, "PORTAL_STATE": str(servers.STATE)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0, words
        assert "DEMO is on and portal.example is served" in done.stderr, words


@pytest.mark.soak
def test_what_a_portal_for_the_world_is_set_to_has_nothing_to_be_warned_of() -> None:
    """With the settings that docs/operations.md names, each of them told and none made up by the program."""
    told = {
        **{
            "PUBLIC_URL": "https://portal.example",
            "HTTPS": "1",
            "BEHIND_PROXY": "1",
            "ALLOWED_HOSTS": "portal.example",
        },
        **{"SECRET_KEY": secrets.token_urlsafe(60), "MATCH_KEY": secrets.token_urlsafe(40)},
        **{"DATA_KEYS": Fernet.generate_key().decode(), "PORTAL_STATE": str(servers.STATE)},
        **{"DATABASE_URL": "postgresql://127.0.0.1:1/portal", "REDIS_URL": "redis://127.0.0.1:1/0"},
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=servers.ROOT,
        env={name: value for name, value in os.environ.items() if name not in ("DEMO", "DEBUG")} | told,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout
