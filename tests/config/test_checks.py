"""A portal that the world can reach does not run as the demo does."""

import pytest
from django.test import override_settings

from merchant_protection.config import checks

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
    ],
)
def test_each_unsafe_combination_is_refused(changes: dict[str, object], fault: str) -> None:
    assert fault in found(**changes)


def test_on_ones_own_machine_everything_goes() -> None:
    assert found(ALLOWED_HOSTS=["127.0.0.1"], DEMO=True, MATCH_KEY="s" * 50) == set()
