"""Every page of the site with something on it, and who may open it: found in URLconf, not in a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from tests.isolation import test_routes, test_routes_roles
from tests.training import folders
from training.services import sessions

COURSE = {"code": "welcome"}
# What answers a GET by no page of its own: asked for by scripts, by programs, as a file, or it only takes a POST.
NO_PAGE = """
    action_decide claim_begin claim_draft claim_evidence_sent claim_message claim_pack claim_withdraw
    claims_batch_cancel claims_batch_faults claims_csv claims_picked desk_act desk_beat desk_bulk
    desk_escalations_seen desk_next desk_preview desk_route_move desk_sample_answer desk_setting_preview
    desk_setting_retire desk_view draw_published_entries evidence_remove evidence_restore export_file file
    healthz import_cancel import_faults import_resume inbox_bulk key_revoke live metrics
    mfa_download_recovery_codes notice price_backtest_cancel price_backtest_start price_floor_job_move
    price_hit_review price_incident_answer
    price_incident_pack price_pack price_pack_exempt price_policy_move price_recommend price_second_person
    price_window_move readyz restriction_lift root rule_resume saved_view_delete saved_view_rename
    saved_view_restore saved_view_update saved_views scalper_backtest_cancel scalper_backtest_csv
    scalper_backtest_start scalper_decision_say scalper_draw_cancel scalper_draw_entries scalper_list_remove
    scalper_version_move set_language shop_switch source_add_secret source_revoke_secret source_switch
    staff_file staff_upload staff_uploads team_change_role team_remove team_revoke_invitation training_answer
    training_ask training_beat training_calendar training_certificate_pdf training_download training_enrol
    training_feed training_file training_give_up training_hand_in training_move_on training_quiz_start
    training_read training_register training_remind training_renew training_room_beat training_session_file
    training_session_live training_stream training_unask upload uploads warning_answer warning_undo
    warnings_bulk warnings_cancel warnings_undo webhook_end_secret webhook_off webhook_pause webhook_replay
    webhook_replay_failed webhook_resume webhook_rotate webhook_test
"""
# Pages that open only after something this walk does not do yet: a password given again, a place in a course, a reply
# that is asked for. Until they are looked at too, the walk is not over every page.
NOT_REACHED = """
    account_confirm_login_code account_email account_set_password claim_appeal claim_evidence claim_letter
    desk_sample desk_setting desk_setting_new invitation key_new mfa_activate_totp mfa_add_webauthn
    mfa_authenticate mfa_deactivate_totp mfa_edit_webauthn mfa_generate_recovery_codes mfa_reauthenticate
    mfa_reauthenticate_webauthn mfa_remove_webauthn mfa_view_recovery_codes price_answer price_bands
    price_incident_orders source_new team_invite training_attempt training_changes training_lesson
    training_quiz webhook_edit webhook_new
"""


@dataclass(frozen=True)
class Page:
    """A route, an address of it, and who is looking; nobody looks as a stranger."""

    route: str
    address: str
    who: str


def rows(ids: dict[str, dict[str, Any]], trainer: Persona, now: datetime) -> dict[str, dict[str, Any]]:
    """What the addresses name: shop A's things, a course and a live session."""
    with tenancy.platform():
        lesson, quiz = _lessons(now)
        plan = {
            "title": {"en": "Price guard before a sale, live", "zh": "大促价格保护直播课"},
            "starts_at": now + timedelta(days=1),
            "ends_at": now + timedelta(days=1, hours=1),
            "capacity": 10,
        }
        session = sessions.schedule(actor=trainer.actor, plan=plan, at=now)
    of_course = ("course", "changes", "assign", "enrol", "move_on", "renew")
    of_lesson = ("lesson", "read", "download", "beat")
    of_session = ("session", "session_live", "register", "give_up", "ask", "room_beat", "session_file")
    return {
        **ids,
        **{f"training_{name}": COURSE for name in of_course},
        **{f"training_{name}": COURSE | {"lesson_code": lesson} for name in of_lesson},
        **{f"training_quiz{name}": COURSE | {"lesson_code": quiz} for name in ("", "_start")},
        **{f"training_{name}": {"pk": session.pk} for name in of_session},
        "training_file": COURSE | {"number": 1, "name": "nothing.png"},
        "training_stream": {"name": "nothing.m3u8"},
        "training_feed": {"token": "nothing"},
        "certificate_verify": {"code": "0000-0000-0000-0000"},
        "draw_published": {"commitment": "0" * 64},
        "draw_published_entries": {"commitment": "0" * 64},
        "invitation": {"token": "nothing"},
        "price_answer": {"token": "nothing"},
        "account_confirm_email": {"key": "nothing"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "nothing"},
        "mfa_remove_webauthn": {"pk": 1},
        "mfa_edit_webauthn": {"pk": 1},
    }


def all_pages(ids: dict[str, dict[str, Any]]) -> Iterator[Page]:
    """Every address that answers a GET by a whole page, once for each who sees another one there."""
    for route, taken in _of_people():
        known = ids.get(route, {})
        assert taken <= set(known), f"{route} takes {taken}: say which in tests/home/every_page.py"
        address = reverse(route, kwargs={key: value for key, value in known.items() if key in taken})
        yield Page(route, address, _who(address))
    for label in test_routes_roles.PAGES:
        for address in test_routes_roles.addresses(label):
            yield Page(f"admin:{label}", address, "staff")
    yield from (Page("admin:index", "/admin/", who) for who in ("staff", "senior", "trainer"))
    yield Page("not found", "/nothing/here/", "")


def is_page(answer: Any) -> bool:
    """Whether an answer is a whole page, as a browser shows it."""
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
        return False
    return not answer.streaming and b"<html" in answer.content[:2_000]


def asked_by(client: Client, page: Page) -> Any:
    return client.get(page.address)


def _of_people() -> Iterator[tuple[str, set[str]]]:
    """The routes outside the admin that people open, and what their addresses take: all but the API's."""
    for name, taken in _named(get_resolver().url_patterns, set()):
        if not name.startswith("api_"):
            yield name, taken


def _named(patterns: list[Any], before: set[str]) -> Iterator[tuple[str, set[str]]]:
    for pattern in patterns:
        taken = before | set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex) - {"format"}
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from _named(pattern.url_patterns, taken)
        elif pattern.name:
            yield pattern.name, taken


def _who(address: str) -> str:
    if address.startswith("/admin/"):
        return "senior"
    signed_in = ("/m/", "/me/", "/shops/", "/accounts/2fa/", "/accounts/sessions/", "/accounts/password/change/")
    return "merchant" if address.startswith((*signed_in, "/accounts/reauthenticate/", "/accounts/logout/")) else ""


def _lessons(now: datetime) -> tuple[str, str]:
    """A lesson to read and one with a quiz, of the course that everybody begins with."""
    course = test_routes.training_routes._course(now)
    version = course.published or folders.publish(folders.of_disk(), at=now)
    lessons = {lesson.kind: lesson.code for lesson in version.lessons.order_by("-pk")}
    return next(code for kind, code in lessons.items() if kind != "QUIZ"), lessons["QUIZ"]
