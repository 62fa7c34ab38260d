"""What operations edit on the desk's settings pages."""

from datetime import timedelta

import pytest
from django.urls import reverse

from claims.models import ClaimKind, DeskSettings, FastTrack, Phrase, Reviewer, RoutingRule, SlaPolicy, WorkCalendar
from claims.views.desk.settings import SECTIONS
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.fixtures.people import Persona


@pytest.fixture(autouse=True)
def _english(staff: Persona, reviewer: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    make.on_the_desk(reviewer.user)
    for person in (staff, reviewer):
        person.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def form_of(page: object) -> dict[str, object]:
    """What the form of a page holds, as a browser would send it back."""
    form = page.context["form"]  # type: ignore[attr-defined]
    held = {bound.name: bound.value() for bound in form}
    plain = {name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in held.items()}
    return {name: value for name, value in plain.items() if value is not None and value is not False and value != ""}


@pytest.mark.parametrize("section", list(SECTIONS))
def test_each_section_is_shown_and_each_row_can_be_saved_as_it_is(staff: Persona, section: str) -> None:
    listed = staff.client.get(reverse("desk_settings_of", args=[section]))
    _row, key = listed.context["rows"][0]
    address = reverse("desk_setting", args=[section, key])
    page = staff.client.get(address)
    sent = form_of(page)
    if section == "reviewers":
        sent["queues"] = [queue.pk for queue in page.context["form"].initial["queues"]]

    saved = staff.client.post(address, sent)

    assert page.status_code == 200
    assert saved.status_code == 302, saved.context["form"].errors


def test_reviewers_look_and_do_not_edit(reviewer: Persona) -> None:
    address = reverse("desk_setting", args=["kinds", "EXTORTION"])

    assert reviewer.client.get(reverse("desk_settings")).status_code == 200
    assert reviewer.client.get(address).status_code == 404
    assert reviewer.client.post(address, {}).status_code == 404


def test_a_window_after_its_deadline_is_refused_with_its_reason(staff: Persona) -> None:
    address = reverse("desk_setting", args=["kinds", "RETURN_NOT_RECEIVED"])
    sent = form_of(staff.client.get(address)) | {"opens_after": "21", "closes_after": "7"}

    refused = staff.client.post(address, sent)

    assert refused.status_code == 422
    assert "WINDOW_AFTER_DEADLINE" in refused.content.decode()
    assert ClaimKind.objects.get(code="RETURN_NOT_RECEIVED").version == 1


@pytest.mark.parametrize(
    ("section", "key", "field", "value"),
    [
        ("kinds", "EXTORTION", "required", '"CHAT"'),
        ("kinds", "EXTORTION", "required", '[{"type": "NO_SUCH", "weight": 1}]'),
        ("kinds", "EXTORTION", "helpful", '[{"weight": 1}]'),
        ("levels", "STANDARD", "promises", '[{"target": "MOON", "minutes": 1, "on_breach": "ESCALATE"}]'),
        ("levels", "STANDARD", "promises", "[1]"),
        ("levels", "STANDARD", "steps", '[{"level": "x"}]'),
        ("fast-track", 1, "clear", '["EXTORTION"]'),
    ],
)
def test_what_has_not_the_right_shape_is_refused(
    staff: Persona, section: str, key: object, field: str, value: str
) -> None:
    address = reverse("desk_setting", args=[section, key])
    sent = form_of(staff.client.get(address)) | {field: value}

    refused = staff.client.post(address, sent)

    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == [field]


def test_changes_arrive_in_new_versions(staff: Persona) -> None:
    def save(section: str, key: object, **changes: object) -> None:
        address = reverse("desk_setting", args=[section, key])
        answer = staff.client.post(address, form_of(staff.client.get(address)) | changes)
        assert answer.status_code == 302, answer.context["form"].errors

    save("limits", 1, appeal_days="15")
    save("fast-track", 1, mode="LIVE")
    save("levels", "STANDARD", pause_cap="8")
    save("phrases", Phrase.objects.order_by("pk")[0].text, points="7")
    save("routes", "returns", priority="URGENT")

    assert DeskSettings.objects.get(version=2).appeal_days == 15
    assert FastTrack.objects.get(is_current=True).mode == "LIVE"
    assert SlaPolicy.objects.get(code="STANDARD", is_current=True).pause_cap == timedelta(hours=8)
    assert Phrase.objects.order_by("pk")[0].points == 7
    assert RoutingRule.objects.get(name="returns").priority == "URGENT"


def test_a_calendar_is_previewed_then_corrected(staff: Persona, merchant: Persona) -> None:
    make.submitted(merchant.shop)
    address = reverse("desk_setting", args=["calendars", "CN_OFFICE"])
    nights = "\n".join(["00:00-24:00"] * 7)

    shown = staff.client.post(
        reverse("desk_calendar_preview", args=["CN_OFFICE"]), {"week": nights, "date": "2026-12-24", "date_hours": ""}
    )
    before = WorkCalendar.objects.get().revision
    staff.client.post(address, {"week": nights, "date": "2026-12-24", "date_hours": "", "year": "2026"})
    wrong = staff.client.post(address, {"week": "18:00-09:00"})

    row = WorkCalendar.objects.get()
    assert "What would change" in shown.content.decode()
    assert before == 1
    assert (row.week[6], row.dates.get(date="2026-12-24").hours) == ([["00:00", "24:00"]], [])
    assert wrong.status_code == 422


def test_an_unknown_section_or_row_is_not_found(staff: Persona) -> None:
    for args in (["moons", "x"], ["kinds", "NO_SUCH"], ["limits", "x"], ["reviewers", "x"]):
        assert staff.client.get(reverse("desk_setting", args=args)).status_code == 404
    assert staff.client.get(reverse("desk_settings_of", args=["moons"])).status_code == 404
    assert staff.client.post(reverse("desk_calendar_preview", args=["NO_SUCH"])).status_code == 404
    with tenancy.platform():
        assert Reviewer.objects.count() == 1
