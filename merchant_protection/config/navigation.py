"""The staff admin's look and navigation."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

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


def item(title: Any, icon: str, link: str, **more: Any) -> dict[str, Any]:
    """One line of the side bar."""
    return {"title": title, "icon": icon, "link": reverse_lazy(link), **more}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Merchant protection · Staff"),
    "SITE_HEADER": _("Merchant protection"),
    "SITE_SUBHEADER": _("Staff console"),
    "SITE_SYMBOL": "shield_person",
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("portal/favicon.svg")},
    ],
    "STYLES": [lambda request: static("staff/staff.css")],
    "SCRIPTS": [lambda request: static("staff/staff.js")],
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": PRIMARY},
    "COMMAND": {"search_models": True, "show_history": True},
    "SIDEBAR": {
        "show_search": False,
        "command_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Work"),
                "separator": False,
                "items": [item(_("Overview"), "space_dashboard", "admin:index")],
            },
        ],
    },
}
