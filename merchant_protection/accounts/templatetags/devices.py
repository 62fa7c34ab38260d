"""A device by the names its owner knows, instead of the sentence its browser sends."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

register = template.Library()
# The first that is said is meant: later names are there for old sites' sake.
BROWSERS: dict[str, str | Promise] = {
    "MicroMessenger": gettext_lazy("WeChat"),
    "DingTalk": gettext_lazy("DingTalk"),
    "Edg": "Edge",
    "Firefox": "Firefox",
    "HuaweiBrowser": gettext_lazy("Huawei Browser"),
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "OpenHarmony": "HarmonyOS",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


@register.filter
def device(user_agent: str) -> str:
    """Return the browser and the system: Chrome · Windows."""
    known = [
        next((str(name) for mark, name in names.items() if mark in user_agent), "") for names in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(filter(None, known)) or user_agent[:60] or _("Unknown device")
