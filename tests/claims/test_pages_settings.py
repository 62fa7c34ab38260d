"""What operations edit on the desk's settings pages."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from claims.models import (
    Claim,
    ClaimKind,
    DeskSettings,
    FastTrack,
    Phrase,
    Queue,
    Reviewer,
    RoutingRule,
    SlaPolicy,
    WorkCalendar,
)
from claims.views.desk.sections import SECTIONS
from merchant_protection.foundation import tenancy
from tests.claims import sent_forms
from tests.factories import claims as make
from tests.fixtures.people import Persona


@pytest.fixture(autouse=True)
def _english(staff: Persona, reviewer: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    make.on_the_desk(reviewer.user)
    for person in (staff, reviewer):
        person.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def save(staff: Persona, section: str, key: object, **changes: Any) -> HttpResponse:
    """Send a row's form with some fields changed."""
    address = reverse("desk_setting", args=[section, key])
    return staff.client.post(address, sent_forms.of(staff.client.get(address), **changes))


def preview(staff: Persona, section: str, key: object, **changes: Any) -> str:
    """Ask what would change."""
    sent = sent_forms.of(staff.client.get(reverse("desk_setting", args=[section, key])), **changes)
    shown = staff.client.post(reverse("desk_setting_preview", args=[section, key]), sent)
    assert shown.status_code == 200, shown.context["form"].errors
    return shown.content.decode()


@pytest.mark.parametrize("section", [name for name in SECTIONS if name != "shops"])  # of a new desk none has a tier
def test_each_section_is_shown_and_each_row_can_be_saved_as_it_is(staff: Persona, section: str) -> None:
    listed = staff.client.get(reverse("desk_settings_of", args=[section]))
    row, key = listed.context["rows"][0]

    saved = save(staff, section, key)

    assert saved.status_code == 302, saved.context["form"].errors
    names = {"kinds": ("required", "helpful"), "levels": ("promises", "steps"), "calendars": ("week",)}
    (again, _key) = staff.client.get(reverse("desk_settings_of", args=[section])).context["rows"][0]
    assert [getattr(again, name) for name in names.get(section, ())] == [
        getattr(row, name) for name in names.get(section, ())
    ]


def test_reviewers_look_and_do_not_edit(reviewer: Persona) -> None:
    before = list(RoutingRule.objects.order_by("pk").values_list("position", flat=True))
    for address in (
        reverse("desk_setting", args=["kinds", "EXTORTION"]),
        reverse("desk_setting_new", args=["kinds"]),
    ):
        assert reviewer.client.get(address).status_code == 404
        assert reviewer.client.post(address, {}).status_code == 404
    for name in ("desk_setting_preview", "desk_setting_retire"):
        assert reviewer.client.post(reverse(name, args=["kinds", "EXTORTION"])).status_code == 404
    reviewer.client.post(reverse("desk_route_move", args=["returns"]), {"up": "yes"})

    assert reviewer.client.get(reverse("desk_settings")).status_code == 200
    assert list(RoutingRule.objects.order_by("pk").values_list("position", flat=True)) == before


def test_a_window_after_its_deadline_is_refused_at_its_field(staff: Persona) -> None:
    refused = save(staff, "kinds", "RETURN_NOT_RECEIVED", opens_after_number="21", closes_after_number="7")

    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["closes_after"]
    assert "would be over before it begins" in refused.content.decode()
    assert ClaimKind.objects.get(code="RETURN_NOT_RECEIVED").version == 1


@pytest.mark.parametrize(
    ("section", "key", "changes", "row", "part"),
    [
        ("kinds", "SWAPPED_OR_EMPTY_RETURN", {"required-1-type": "UNBOXING_VIDEO"}, ("required", 1), "type"),
        ("kinds", "SWAPPED_OR_EMPTY_RETURN", {"required-0-type": "MOON"}, ("required", 0), "type"),
        ("kinds", "SWAPPED_OR_EMPTY_RETURN", {"helpful-2-weight": "0"}, ("helpful", 2), "weight"),
        ("levels", "STANDARD", {"promises-0-within_number": "40"}, ("promises", 0), "within"),
        ("levels", "STANDARD", {"promises-1-target": "RESOLUTION"}, ("promises", 2), "target"),
        ("levels", "STANDARD", {"promises-2-within_number": "0"}, ("promises", 2), "within"),
        ("levels", "STANDARD", {"promises-2-within_unit": "moons"}, ("promises", 2), "within"),
        ("levels", "STANDARD", {"steps-2-side": "before"}, ("steps", 2), "offset"),
        ("fast-track", 1, {"clear-0-warnings": None}, ("clear", 0), "warnings"),
    ],
)
def test_what_makes_no_sense_is_told_in_the_row_it_concerns(
    staff: Persona, section: str, key: object, changes: dict[str, Any], row: tuple[str, int], part: str
) -> None:
    refused = save(staff, section, key, **changes)

    name, place = row
    assert refused.status_code == 422
    form = refused.context["form"]
    assert [(i, list(each.errors)) for i, each in enumerate(form[name].rows) if each.errors] == [(place, [part])]
    assert list(form.errors) == [name]
    assert not {kind.version for kind in ClaimKind.objects.all()} - {1}


@pytest.mark.parametrize(
    ("section", "key", "changes", "field"),
    [
        ("levels", "STANDARD", {"warnings": "50, x"}, "warnings"),
        ("levels", "STANDARD", {"warnings": "50, 150"}, "warnings"),
        ("levels", "STANDARD", {"promises-row": None}, "promises"),
        ("routes", "returns", {"amount_from": "10", "amount_below": "5"}, "amount_below"),
        ("routes", "returns", {"kinds": [], "position": "0"}, "position"),
        ("queues", "GENERAL", {"is_default": None}, "is_default"),
        ("queues", "GENERAL", {"is_active": None}, "is_active"),
        ("calendars", "CN_OFFICE", {"monday": "18:00-09:00"}, "monday"),
        ("calendars", "CN_OFFICE", {"tuesday": "from nine"}, "tuesday"),
        ("calendars", "CN_OFFICE", {"friday": "09:00-12:00 11:00-13:00"}, "friday"),
        ("calendars", "CN_OFFICE", {"sunday": "25:00-26:00"}, "sunday"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(
    staff: Persona, section: str, key: object, changes: dict[str, Any], field: str
) -> None:
    refused = save(staff, section, key, **changes)

    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == [field]
    assert not SlaPolicy.objects.filter(version=2).exists()


def test_rows_are_added_removed_and_reordered(staff: Persona) -> None:
    added = {
        "steps-row": ["1", "n1", "0", "2"],
        "steps-0-side": "after",
        "steps-1-side": "before",
        "steps-1-offset_number": "90",
        "steps-1-offset_unit": "minutes",
        "steps-n1-audience": "HEAD",
        "steps-n1-offset_number": "15",
        "steps-n1-offset_unit": "minutes",
        "steps-n1-side": "after",
        "promises-row": ["2", "0"],
        "promises-0-within_number": "3",
        "promises-0-within_unit": "hours",
    }

    saved = save(staff, "levels", "STANDARD", **added)

    assert saved.status_code == 302, saved.context["form"].errors
    level = SlaPolicy.objects.get(code="STANDARD", is_current=True)
    assert [(each["level"], each["audience"], each["minutes"]) for each in level.steps] == [
        (1, "LEAD", -90),
        (2, "HEAD", 15),
        (3, "OWNER", 60),
        (4, "HEAD", 240),
    ]
    assert [(each["target"], each["minutes"]) for each in level.promises] == [
        ("RESOLUTION", 1440),
        ("FIRST_RESPONSE", 180),
    ]


def test_changes_arrive_in_new_versions_that_say_what_they_changed(staff: Persona) -> None:
    for section, key, changes in (
        ("limits", 1, {"appeal_days": "15", "sampled": "7.5"}),
        ("fast-track", 1, {"mode": "LIVE"}),
        ("levels", "STANDARD", {"pause_cap_number": "8", "pause_cap_unit": "hours"}),
        ("phrases", Phrase.objects.order_by("pk")[0].text, {"points": "7"}),
        ("routes", "returns", {"priority": "URGENT", "skills_fresh": "video, English"}),
        ("kinds", "EXTORTION", {"required-0-weight": "2", "required-0-or_else": ["COMPLAINT_NOTICE"]}),
    ):
        answer = save(staff, section, key, **changes)
        assert answer.status_code == 302, answer.context["form"].errors

    limits = DeskSettings.objects.get(version=2)
    assert (limits.appeal_days, limits.sampled) == (15, 0.075)
    assert FastTrack.objects.get(is_current=True).mode == "LIVE"
    assert SlaPolicy.objects.get(code="STANDARD", is_current=True).pause_cap == timedelta(hours=8)
    assert Phrase.objects.order_by("pk")[0].points == 7
    rule = RoutingRule.objects.get(name="returns")
    assert (rule.priority, rule.skills) == ("URGENT", ["VIDEO", "ENGLISH"])
    (evidence,) = ClaimKind.objects.get(code="EXTORTION", is_current=True).required
    assert (evidence["weight"], evidence["or_else"]) == (2, ["COMPLAINT_NOTICE"])
    versions = staff.client.get(reverse("desk_setting", args=["limits", 2])).context["versions"]
    assert [(each.row.version, [str(name) for name in each.changed]) for each in versions] == [
        (2, ["days to appeal", "share reviewed again"]),
        (1, []),
    ]


def test_a_calendar_is_previewed_then_corrected(staff: Persona, merchant: Persona) -> None:
    make.submitted(merchant.shop)
    nights = dict.fromkeys(("saturday", "sunday", "monday"), "00:00-24:00")
    day = {"dates-row": ["n1"], "dates-n1-date": "2026-12-24", "dates-n1-hours": ""}

    shown = preview(staff, "calendars", "CN_OFFICE", **nights, **day)
    before = WorkCalendar.objects.get().revision
    saved = save(staff, "calendars", "CN_OFFICE", **nights, **day, year="2026")

    assert saved.status_code == 302, saved.context["form"].errors
    row = WorkCalendar.objects.get()
    assert "What would change" in shown
    assert before == 1
    assert (row.week[6], row.dates.get(date="2026-12-24").hours) == ([["00:00", "24:00"]], [])
    gone = save(staff, "calendars", "CN_OFFICE", **{"dates-row": None})
    assert gone.status_code == 302
    assert not row.dates.filter(date="2026-12-24").exists()


def test_a_further_calendar_is_begun_and_a_service_level_follows_it(staff: Persona) -> None:
    address = reverse("desk_setting_new", args=["calendars"])
    sent = sent_forms.of(staff.client.get(address)) | {
        **{"code": "LONDON", "name_en": "London", "name_zh": "伦敦", "zone": "Europe/London", "country": "GB"},
        **{"monday": "09:00-17:00", "year": "2026"},
    }

    nowhere = staff.client.post(address, sent | {"zone": "Europe/Moon"})
    saved = staff.client.post(address, sent)
    again = staff.client.post(address, sent)

    assert (nowhere.status_code, list(nowhere.context["form"].errors)) == (422, ["zone"])
    assert saved.status_code == 302
    row = WorkCalendar.objects.get(code="LONDON")
    assert row.week[0] == [["09:00", "17:00"]]
    assert row.dates.filter(date=date(2026, 12, 25), hours=[]).exists()
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["code"])
    assert save(staff, "levels", "STANDARD", calendar=str(row.pk)).status_code == 302


def test_a_routing_change_shows_which_open_cases_it_moves_and_moves_them_when_wanted(
    staff: Persona, merchant: Persona, reviewer: Persona
) -> None:
    make.submitted(merchant.shop, kind="ABNORMAL_ORDER")
    taken = make.taken(merchant.shop, reviewer.actor, kind="ABNORMAL_ORDER")
    with tenancy.platform():
        waiting = Claim.objects.exclude(pk=taken.pk).get()
    changes = {"kinds": ["ABNORMAL_ORDER"], "skills_fresh": "VIDEO"}

    shown = preview(staff, "routes", "returns", **changes)
    with tenancy.platform():
        assert Claim.objects.get(pk=waiting.pk).queue.code == "GENERAL"
    save(staff, "routes", "returns", **changes)
    with tenancy.platform():
        stayed = Claim.objects.get(pk=waiting.pk)
    save(staff, "routes", "returns", **changes, follow="on")

    assert "Of the 1 open cases that nobody has and that are due first, 1 would go to another queue." in shown
    assert waiting.number in shown
    assert taken.number not in shown
    assert stayed.queue.code == "GENERAL"
    with tenancy.platform():
        moved, kept = Claim.objects.get(pk=waiting.pk), Claim.objects.get(pk=taken.pk)
    assert (moved.queue.code, moved.routed_by, moved.skills, moved.due_at) == (
        *("RETURNS", "returns", ["VIDEO"]),
        stayed.due_at,
    )
    assert kept.queue.code == "GENERAL"


def test_lines_of_the_routing_table_change_their_order_unless_one_would_take_all_of_another(staff: Persona) -> None:
    def order() -> list[str]:
        return list(RoutingRule.objects.order_by("position", "pk").values_list("name", flat=True))

    move = "desk_route_move"
    staff.client.post(reverse(move, args=["returns"]), {"up": "yes"})
    swapped = order()
    staff.client.post(reverse(move, args=["high value"]), {"up": "yes"})  # it is the first already
    assert save(staff, "routes", "extortion", amount_from="6000").status_code == 422  # nothing would reach it
    refused = staff.client.post(reverse(move, args=["no such"]), {"up": "yes"})

    assert swapped == order() == ["high value", "returns", "extortion"]
    assert refused.status_code == 302


def test_new_rows_are_written_under_a_name_of_their_own(staff: Persona) -> None:
    def add(section: str, **facts: Any) -> HttpResponse:
        address = reverse("desk_setting_new", args=[section])
        return staff.client.post(address, sent_forms.of(staff.client.get(address)) | facts)

    queue = add("queues", code="VIDEO", name_en="Video", name_zh="视频", position="9", is_active="on")
    wrong = add("queues", code="no spaces", name_en="Video", name_zh="视频", position="9")
    video = Queue.objects.get(code="VIDEO")
    rule = add("routes", name="videos", queue=video.pk, priority="NORMAL", position="9", languages=["en"])
    kind = add(
        "kinds",
        **{"code": "OTHER_ABUSE", "name_en": "Other", "name_zh": "其他", "position": "20"},
        **{"opens_basis": "DELIVERED", "opens_after_number": "0", "opens_after_unit": "days"},
        **{"closes_basis": "DELIVERED", "closes_after_number": "30", "closes_after_unit": "days"},
        **{"required-row": ["n1"], "required-n1-type": "CHAT", "required-n1-weight": "1"},
    )
    empty = add(
        "kinds",
        **{"code": "EMPTY", "name_en": "Other", "name_zh": "其他", "position": "20"},
        **{"opens_basis": "DELIVERED", "opens_after_number": "0", "opens_after_unit": "days"},
        **{"closes_basis": "DELIVERED", "closes_after_number": "30", "closes_after_unit": "days"},
    )

    assert [queue.status_code, rule.status_code, kind.status_code] == [302, 302, 302]
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["code"])
    assert (empty.status_code, list(empty.context["form"].errors)) == (422, ["required"])
    assert RoutingRule.objects.get(name="videos").languages == ["en"]
    assert ClaimKind.objects.get(code="OTHER_ABUSE").required[0]["example"].startswith("The whole chat")
    assert staff.client.get(reverse("desk_setting_new", args=["limits"])).status_code == 404


def test_a_service_level_shows_the_deadlines_it_would_give(staff: Persona, now: datetime) -> None:
    shown = preview(staff, "levels", "STANDARD", **{"promises-0-within_number": "1"})
    kind = preview(staff, "kinds", "SWAPPED_OR_EMPTY_RETURN", closes_after_number="10")

    assert "half an hour before the week ends" in shown
    assert "First response" in shown
    assert "Unboxing video in one take: 60 points of 100" in kind
    assert SlaPolicy.objects.get(code="STANDARD").version == 1


def test_a_queue_in_which_cases_lie_stays_in_use_and_another_may_take_the_rest(
    staff: Persona, merchant: Persona
) -> None:
    make.submitted(merchant.shop)

    kept = save(staff, "queues", "EXTORTION", is_active=None)
    empty = save(staff, "queues", "RETURNS", is_active=None)
    rest = save(staff, "queues", "HIGH_VALUE", is_default="on")

    assert (kept.status_code, empty.status_code, rest.status_code) == (422, 302, 302)
    assert list(Queue.objects.filter(is_default=True).values_list("code", flat=True)) == ["HIGH_VALUE"]


def test_a_kind_is_taken_out_of_use_and_its_versions_stay(staff: Persona) -> None:
    staff.client.post(reverse("desk_setting_retire", args=["kinds", "ABNORMAL_ORDER"]))

    assert not ClaimKind.objects.filter(code="ABNORMAL_ORDER", is_current=True).exists()
    assert ClaimKind.objects.filter(code="ABNORMAL_ORDER").exists()
    assert staff.client.post(reverse("desk_setting_retire", args=["queues", "GENERAL"])).status_code == 404


def test_an_unknown_section_or_row_is_not_found(staff: Persona) -> None:
    for args in (["moons", "x"], ["kinds", "NO_SUCH"], ["limits", "x"], ["reviewers", "x"]):
        assert staff.client.get(reverse("desk_setting", args=args)).status_code == 404
    assert staff.client.get(reverse("desk_settings_of", args=["moons"])).status_code == 404
    assert staff.client.post(reverse("desk_setting_preview", args=["calendars", "NO_SUCH"])).status_code == 404
    assert staff.client.post(reverse("desk_setting_preview", args=["limits", "1"])).status_code == 404
    with tenancy.platform():
        assert Reviewer.objects.count() == 1
