"""Every page of the site, and who may open it: found in URLconf, not in a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from claims.views.desk.sections import SECTIONS
from tests.isolation import test_routes_roles

# What answers a GET by no page of its own.
NO_PAGE = {
    "It only takes a POST, and leads back to a page.": """
        action_decide claim_begin claim_draft claim_evidence_sent claim_message claim_withdraw
        claims_batch_cancel claims_picked desk_act desk_beat desk_bulk desk_escalations_seen desk_next
        desk_preview desk_route_move desk_sample_answer desk_setting_preview desk_setting_retire evidence_remove
        evidence_restore import_cancel import_resume inbox_bulk key_revoke notice price_backtest_cancel
        price_backtest_start price_floor_job_move price_hit_review price_incident_answer price_incident_orders
        price_incident_pack price_pack_exempt price_policy_move price_recommend price_second_person
        price_window_move restriction_lift rule_resume saved_view_delete saved_view_rename saved_view_restore
        saved_view_update saved_views scalper_backtest_cancel scalper_backtest_start scalper_decision_say
        scalper_draw_cancel scalper_draw_recompute scalper_list_remove scalper_version_move set_language shop_switch
        source_add_secret source_new source_revoke_secret source_switch staff_upload staff_uploads team_change_role
        team_invite team_remove team_revoke_invitation training_answer training_ask training_beat training_enrol
        training_give_up training_hand_in training_move_on training_quiz_start training_read training_register
        training_remind training_renew training_unask upload uploads warning_answer warning_undo warnings_bulk
        warnings_cancel warnings_undo webhook_end_secret webhook_off webhook_pause webhook_replay
        webhook_replay_failed webhook_resume webhook_rotate webhook_test
    """,
    "It is a file, or a list as CSV.": """
        claim_pack claims_batch_faults claims_csv draw_published_entries export_file file import_faults
        mfa_download_recovery_codes
        price_pack scalper_backtest_csv scalper_draw_entries staff_file training_calendar
        training_certificate_pdf training_download training_feed training_file training_session_file
        training_stream
    """,
    "It is a part of a page, fetched by the script of the page that shows it.": """
        claim_evidence desk_view live price_bands training_room_beat training_session_live
    """,
    "Programs ask for it.": "healthz metrics readyz",
    "It leads to the page that is meant.": "root",
    "It leads to a picture.": "icon",
    "An address is proved by an invitation and changed by nobody: it leads to one's account.": "account_email",
    "Nobody signs in by a code that was mailed.": "account_confirm_login_code",
    "Nobody is without a password: whoever could set a first one could not have signed in.": "account_set_password",
}
# Who sees a page that the others are led away from.
WHO = {
    "desk_setting": "staff",
    "desk_setting_new": "staff",
    "mfa_authenticate": "halfway",
    "mfa_deactivate_totp": "guarded",
    "mfa_edit_webauthn": "guarded",
    "mfa_generate_recovery_codes": "guarded",
    "mfa_reauthenticate": "guarded",
    "mfa_reauthenticate_webauthn": "guarded",
    "mfa_remove_webauthn": "guarded",
    "mfa_view_recovery_codes": "guarded",
}
SIGNED_IN = (
    *("/m/", "/me/", "/shops/", "/accounts/2fa/", "/accounts/sessions/", "/accounts/password/change/"),
    *("/accounts/reauthenticate/", "/accounts/logout/"),
)


@dataclass(frozen=True)
class Page:
    """A route, an address of it, who is looking (nobody looks as a stranger), and how it answers."""

    route: str
    address: str
    who: str
    status: int = 200


def no_pages() -> set[str]:
    """The routes that are no page."""
    return {name for names in NO_PAGE.values() for name in names.split()}


def all_pages(ids: dict[str, dict[str, Any]]) -> Iterator[Page]:
    """Every address that answers a GET by a whole page, once for each who sees another one there."""
    for route, taken in _of_people():
        known = ids.get(route, {})
        assert taken <= set(known), f"{route} takes {taken}: say which in tests/home/every_page_rows.py"
        address = reverse(route, kwargs={key: value for key, value in known.items() if key in taken})
        yield Page(route, address, WHO.get(route) or _who(address))
    for label in test_routes_roles.PAGES:
        for address in test_routes_roles.addresses(label):
            yield Page(f"admin:{label}", address, "staff")
    yield from (Page("admin:index", "/admin/", who) for who in ("staff", "reviewer", "senior", "trainer"))
    yield from _in_another_state()


def is_page(answer: Any) -> bool:
    """Whether an answer is a whole page, as a browser shows it."""
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
        return False
    return not answer.streaming and b"<html" in answer.content[:2_000]


def asked_by(client: Client, page: Page) -> Any:
    return client.get(page.address)


def _in_another_state() -> Iterator[Page]:
    """What a route shows besides: each section of the desk's settings, refusals, an account with a second factor."""
    yield from (Page("desk_settings_of", reverse("desk_settings_of", args=[each]), "staff") for each in SECTIONS)
    begun = (each for each, section in SECTIONS.items() if section.new is not None)
    yield from (Page("desk_setting_new", reverse("desk_setting_new", args=[each]), "staff") for each in begun)
    yield from (Page(route, reverse(route), "guarded") for route in ("mfa_index", "mfa_list_webauthn"))
    yield Page("not found", "/nothing/here/", "", status=404)
    yield Page("not found", "/m/orders/999999999/", "merchant", status=404)
    yield Page("invitation", reverse("invitation", args=["nothing"]), "", status=410)
    yield Page("overview", reverse("overview"), "shopless", status=403)


def _of_people() -> Iterator[tuple[str, set[str]]]:
    """The routes outside the admin that people open, and what their addresses take: all but the API's."""
    seen = set()
    for name, taken in _named(get_resolver().url_patterns, set()):
        if not name.startswith("api_") and name not in seen:
            seen.add(name)
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
    return "merchant" if address.startswith(SIGNED_IN) else ""
