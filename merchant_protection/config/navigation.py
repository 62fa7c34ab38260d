"""The staff admin's look and navigation."""

import re
from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from merchant_protection.home.templatetags.ui import zone_name

PRIMARY = {
    "50": "#eef3ff",
    "100": "#dbe6ff",
    "200": "#bfd1ff",
    "300": "#93b1ff",
    "400": "#6088fb",
    "500": "#3a65f0",
    "600": "#2450d8",
    "700": "#1f42b4",
    "800": "#1f3a8f",
    "900": "#1e3471",
    "950": "#152048",
}


# The desk's other pages stand below the same address, and have lines of their own.
QUEUE_PAGES = re.compile(r"^/admin/desk/(\d+/|next/|bulk/|views/|$)")
REVIEWING = ("REVIEWER", "SENIOR_REVIEWER", "OPERATIONS")
LEADING = ("SENIOR_REVIEWER", "OPERATIONS")
OPERATING = ("OPERATIONS",)


def item(title: Any, icon: str, link: str, roles: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """One line of the side bar, for these staff roles; for all of them when none is named."""
    line = {"title": title, "icon": icon, "link": reverse_lazy(link), **more}
    return line | {"permission": lambda request: request.actor.has_staff_role(*roles)} if roles else line


# Each feature's own lines; a group without lines is not shown.
CLAIMS: list[dict[str, Any]] = [
    item(
        _("Complaint queue"),
        "gavel",
        "desk",
        REVIEWING,
        active=lambda request: bool(QUEUE_PAGES.match(request.path)),
        badge="claims.views.desk.badges.urgent",
        badge_variant="danger",
    ),
    item(
        _("Escalations"),
        "notification_important",
        "desk_escalations",
        LEADING,
        badge="claims.views.desk.badges.unseen",
        badge_variant="warning",
    ),
    item(_("Quality sampling"), "fact_check", "desk_samples", REVIEWING),
    item(_("Quality report"), "monitoring", "desk_figures", REVIEWING),
    item(_("Desk settings"), "settings", "desk_settings", REVIEWING),
]

PRICING_GUARD: list[dict[str, Any]] = [
    item(_("Price incidents"), "price_check", "admin:pricing_guard_incident_changelist", OPERATING),
]

SCALPER_POLICIES: list[dict[str, Any]] = [
    item(_("Policies"), "policy", "admin:scalper_policies_policyversion_changelist", REVIEWING),
    item(_("Baseline rules"), "shield", "admin:scalper_policies_baselineversion_changelist", REVIEWING),
    item(_("Trials of the baseline"), "labs", "admin:scalper_policies_baselinetrial_changelist", REVIEWING),
    item(_("Overrulings"), "undo", "admin:scalper_policies_override_changelist", REVIEWING),
    item(_("Order decisions"), "fact_check", "admin:scalper_policies_orderdecision_changelist", REVIEWING),
    item(_("Backtests"), "science", "admin:scalper_policies_backtestrun_changelist", REVIEWING),
    item(_("Address lists"), "signpost", "admin:marketplace_addresslist_changelist", REVIEWING),
    item(_("Without the database"), "cloud_off", "admin:scalper_policies_degradedanswer_changelist", OPERATING),
]

TEACHING = ("TRAINER", "OPERATIONS")
TRAINING: list[dict[str, Any]] = [
    item(_("Courses"), "school", "admin:training_course_changelist", TEACHING),
    item(_("Versions of courses"), "edit_note", "admin:training_courseversion_changelist", TEACHING),
    item(_("Live sessions"), "podcasts", "admin:training_livesession_changelist", TEACHING),
    item(_("Questions of rooms"), "forum", "admin:training_roomquestion_changelist", TEACHING),
    item(_("Learners"), "group", "admin:training_enrolment_changelist", TEACHING),
    item(_("Attendance"), "how_to_reg", "admin:training_attendance_changelist", TEACHING),
    item(_("Certificates"), "verified", "admin:training_certificate_changelist", TEACHING),
    item(_("Assignments"), "assignment", "admin:training_assignment_changelist", TEACHING),
    item(_("Rules of assignment"), "rule", "admin:training_assignmentrule_changelist", TEACHING),
    item(_("Policies of relief"), "remove_moderator", "admin:training_reliefpolicy_changelist", TEACHING),
]


def group(title: Any, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A group of the side bar, or nothing where it has no lines."""
    return [{"title": title, "separator": True, "items": items}] if items else []


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Merchant protection · Staff"),
    "SITE_HEADER": _("Merchant protection"),
    "SITE_SUBHEADER": lambda request: f"{_('Staff')} · {zone_name()}",
    "SITE_SYMBOL": "shield_person",
    "SHOW_HISTORY": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("portal/favicon.svg")},
    ],
    "STYLES": [lambda request: static("staff/staff.css")],
    "SCRIPTS": [lambda request: static("staff/staff.js")],
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": PRIMARY},
    "DASHBOARD_CALLBACK": "merchant_protection.home.views.dashboard.fill",
    "ENVIRONMENT": "merchant_protection.home.views.dashboard.environment",
    "COMMAND": {"search_models": True, "show_history": True},
    "SIDEBAR": {
        "show_search": False,
        "command_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Work"),
                "separator": False,
                "items": [
                    item(_("Overview"), "space_dashboard", "admin:index"),
                    item(_("Risk warnings"), "warning", "admin:risk_warning_changelist", REVIEWING),
                    item(_("Mis-hit appeals"), "contact_support", "admin:risk_appeal_changelist", REVIEWING),
                    item(_("Restrictions"), "person_off", "admin:risk_restriction_changelist", REVIEWING),
                    item(_("Violations"), "flag", "admin:risk_violation_changelist", REVIEWING),
                    item(
                        _("Platform actions"),
                        "bolt",
                        "admin:marketplace_platformaction_changelist",
                        OPERATING,
                        badge="merchant_protection.home.views.staff.waiting_actions",
                        badge_variant="warning",
                    ),
                ],
            },
            *group(_("Complaints"), CLAIMS),
            *group(_("Price guard"), PRICING_GUARD),
            *group(_("Scalper policies"), SCALPER_POLICIES),
            *group(_("Training"), TRAINING),
            {
                "title": _("Merchants and buyers"),
                "separator": True,
                "items": [
                    item(_("Merchants"), "storefront", "admin:accounts_merchant_changelist", REVIEWING),
                    item(_("Orders"), "receipt_long", "admin:marketplace_order_changelist", REVIEWING),
                    item(_("Listings"), "inventory_2", "admin:marketplace_listing_changelist", REVIEWING),
                    item(_("Promotions"), "sell", "admin:marketplace_promotion_changelist", REVIEWING),
                    item(_("Buyers"), "group", "admin:marketplace_buyer_changelist", REVIEWING),
                    item(_("Buyer clusters"), "hub", "admin:risk_buyercluster_changelist", REVIEWING),
                    item(_("Disputes of counts"), "gavel", "admin:risk_signaldispute_changelist", REVIEWING),
                    item(_("After-sales"), "undo", "admin:marketplace_aftersale_changelist", REVIEWING),
                ],
            },
            {
                "title": _("Safety"),
                "separator": True,
                "items": [
                    item(_("Kill switches"), "emergency_home", "admin:marketplace_switch_changelist", OPERATING),
                    item(_("Budgets"), "tune", "admin:marketplace_budget_changelist", OPERATING),
                    item(_("Use of budgets"), "speed", "admin:marketplace_budgetuse_changelist", OPERATING),
                    item(_("Paused rules"), "pause", "admin:marketplace_rulepause_changelist", OPERATING),
                    item(_("Wanted states"), "flag", "admin:marketplace_actiontarget_changelist", OPERATING),
                ],
            },
            {
                "title": _("System and people"),
                "separator": True,
                "items": [
                    item(_("Received events"), "inbox", "admin:marketplace_inboxevent_changelist", OPERATING),
                    item(_("Sources"), "key", "admin:marketplace_inboundsource_changelist", OPERATING),
                    item(_("Platforms"), "hub", "admin:marketplace_platform_changelist", OPERATING),
                    item(_("Imports"), "upload_file", "admin:marketplace_import_changelist", OPERATING),
                    item(_("Notices"), "notifications", "admin:notices_notice_changelist", OPERATING),
                    item(_("Deliveries"), "mail", "admin:notices_delivery_changelist", OPERATING),
                    item(_("Webhooks"), "webhook", "admin:notices_endpoint_changelist", OPERATING),
                    item(_("Webhook deliveries"), "outbox", "admin:notices_dispatch_changelist", OPERATING),
                    item(_("Users and roles"), "badge", "admin:accounts_user_changelist", OPERATING),
                    item(_("Invitations"), "person_add", "admin:accounts_invitation_changelist", OPERATING),
                    item(_("API keys"), "vpn_key", "admin:accounts_apikey_changelist", OPERATING),
                    item(_("Audit"), "history", "admin:audit_entry_changelist", OPERATING),
                    item(_("Checkpoints"), "verified", "admin:audit_checkpoint_changelist", OPERATING),
                ],
            },
        ],
    },
}
