"""What every test may ask for. The fixtures live in tests/fixtures, one file for each subject."""

from merchant_protection.foundation import collecting
from tests.fixtures import servers

collecting.rarely_while_loading()
servers.name_in_environment()

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
