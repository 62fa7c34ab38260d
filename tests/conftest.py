"""What every test may ask for. The fixtures live in tests/fixtures, one file for each subject."""

from hypothesis import HealthCheck, settings

from merchant_protection.foundation import collecting
from tests.fixtures import servers

collecting.rarely_while_loading()
servers.name_in_environment()

# How long an example takes tells how busy the machine is, nothing about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.people",
    "tests.fixtures.programs",
    "tests.fixtures.own_servers",
    "tests.fixtures.browser",
    "tests.fixtures.cases",
    "tests.fixtures.collecting",
    "tests.fixtures.clients",
    "tests.fixtures.real_files",
    "tests.fixtures.uploads",
    "tests.fixtures.records",
]
