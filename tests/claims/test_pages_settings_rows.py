"""A browser without scripts works with the rows of the desk's settings: the server adds, moves and removes them."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from claims.models import SlaPolicy
from tests.claims import sent_forms
from tests.fixtures.people import Persona


@pytest.fixture(autouse=True)
def _proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


def tokens(page: HttpResponse, name: str = "steps") -> list[str]:
    """The rows of a list in their order."""
    found: Any = page.context["form"][name]
    return [row.token for row in found.rows]


def test_rows_are_added_moved_and_removed_by_the_server_and_nothing_is_judged_meanwhile(staff: Persona) -> None:
    address = reverse("desk_setting", args=["levels", "STANDARD"])

    def press(page: HttpResponse, asked: str, **changes: Any) -> HttpResponse:
        return staff.client.post(address, sent_forms.of(page, **changes, rows=asked))

    added = press(staff.client.get(address), "steps:add", **{"promises-0-within_number": "", "warnings": "fifty"})
    new = {"audience": "HEAD", "offset_number": "2", "offset_unit": "hours", "side": "after"}
    moved = press(added, "steps:up:n1", **{f"steps-n1-{part}": value for part, value in new.items()})
    lowered = press(moved, "steps:down:0")
    removed = press(lowered, "steps:remove:0")
    again = press(removed, "promises:add")
    unknown = press(removed, "steps:up:nobody")

    pages = (added, moved, lowered, removed, again, unknown)
    assert [page.status_code for page in pages] == [200] * len(pages)
    assert [tokens(page) for page in pages] == [
        ["0", "1", "2", "n1"],
        ["0", "1", "n1", "2"],
        ["1", "0", "n1", "2"],
        ["1", "n1", "2"],
        ["1", "n1", "2"],
        ["1", "n1", "2"],
    ]
    assert tokens(again, "promises") == ["0", "1", "2", "n1"]
    assert "autofocus" in added.content.decode()
    assert not any("desk-fault" in page.content.decode() for page in pages)
    assert 'value="fifty"' in removed.content.decode(), "what was written stays"
    assert SlaPolicy.objects.get(code="STANDARD").version == 1

    ready = {"promises-0-within_number": "3", "promises-0-within_unit": "hours", "warnings": "50"}
    saved = staff.client.post(address, sent_forms.of(removed, **ready))

    assert saved.status_code == 302, saved.context["form"].errors
    steps = SlaPolicy.objects.get(code="STANDARD", is_current=True).steps
    assert ("HEAD", 120) in [(each["audience"], each["minutes"]) for each in steps]
    assert len(steps) == 3


def test_a_new_kind_gets_its_first_row_from_the_server(staff: Persona) -> None:
    address = reverse("desk_setting_new", args=["kinds"])
    sent = sent_forms.of(staff.client.get(address), code="NEW_KIND", rows="required:add")

    shown = staff.client.post(address, sent)

    assert (shown.status_code, tokens(shown, "required")) == (200, ["n1"])
    assert 'value="NEW_KIND"' in shown.content.decode()


def test_enter_in_a_field_puts_the_change_in_force_and_presses_no_button_of_a_row(staff: Persona) -> None:
    shown = staff.client.get(reverse("desk_setting", args=["levels", "STANDARD"])).content.decode()

    form = shown[shown.index("desk-setting") :]
    assert form.index("<button") < form.index("data-rows")
    assert 'name="rows"' not in form[form.index("<button") : form.index("</button>")]
