"""What the benchmarks set up: courses, a room, and pages that open."""

import pytest

from benchmarks import lessons
from tests.fixtures.people import Persona


@pytest.mark.django_db
def test_the_pages_of_the_benchmarks_open(merchant: Persona) -> None:
    assert merchant.shop
    pages = dict(lessons.pages(merchant.shop))

    assert {name: merchant.client.get(path).status_code for name, path in pages.items()} == dict.fromkeys(pages, 200)
