"""Every heading of the staff pages speaks Chinese to who reads Chinese."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten, label_for_field
from django.utils import translation

from merchant_protection.accounts.actor import Actor, Kind

ABBREVIATIONS = {"ID", "IP", "SKU", "API", "URL", "Webhook"}
ROLES = frozenset({"OPERATIONS", "REVIEWER", "SENIOR_REVIEWER", "TRAINER"})
OURS = ("merchant_protection.", "claims.", "pricing_guard.", "scalper_policies.", "training.")
PAGES = [page for page in admin.site._registry.values() if page.model.__module__.startswith(OURS)]
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def staff_request(rf: Any) -> Any:
    request = rf.get("/admin/")
    request.actor = Actor(kind=Kind.USER, id=1, staff_roles=ROLES)
    return request


def columns(page: Any, request: Any) -> Iterator[tuple[Any, str, Any]]:
    """Every column of a page and of the tables under it: its model, its name, who shows it."""
    named = [*page.get_list_display(request), *page.get_readonly_fields(request), *flatten(page.get_fields(request))]
    yield from ((page.model, name, page) for name in named if isinstance(name, str))
    for kind in page.inlines:
        table = kind(page.model, admin.site)
        named = [*(table.fields or ()), *(table.readonly_fields or ())]
        yield from ((table.model, name, table) for name in flatten(named))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.model.__name__)
def test_every_heading_is_translated(page: Any, staff_request: Any) -> None:
    with translation.override("zh-hans"):
        headings = {
            name: str(label_for_field(name, model, table)) for model, name, table in columns(page, staff_request)
        }
        headings |= {"one": str(page.opts.verbose_name), "many": str(page.opts.verbose_name_plural)}

    english = {name: text for name, text in headings.items() if not HAN.search(text) and text not in ABBREVIATIONS}
    assert not english, "give the field a name, or the column a line in foundation/staff_names.py"
