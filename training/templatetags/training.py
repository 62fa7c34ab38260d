"""Words of the training pages: texts in the reader's language, covers, lengths."""

from collections.abc import Mapping
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from merchant_protection.accounts.models import Role
from training.rules import languages

register = template.Library()

AREA_ICONS = {
    "PRICE_GUARD": "tag",
    "CLAIMS": "gavel",
    "SCALPERS": "user-shield",
    "COMPLIANCE": "scale",
    "QUALITY": "stars",
    "GENERAL": "school",
}
KIND_ICONS = {
    "ARTICLE": "file-text",
    "VIDEO": "player-play",
    "DOWNLOAD": "download",
    "QUIZ": "checklist",
    "LIVE": "broadcast",
}
COVER_ICONS = {"shield": "shield", "alert-triangle": "alert-triangle", "lock": "lock", "scale": "scale"}


@register.filter
def words(pair: Mapping[str, str] | None) -> str:
    """Return a text in the reader's language, or in the one there is."""
    return languages.in_language(pair, get_language())


@register.simple_tag
def said(pair: Mapping[str, str] | None) -> SafeString:
    """Show a text, marked with its language where it is not the page's."""
    code = get_language()
    spoken, text = languages.language_of(pair, code), languages.in_language(pair, code)
    if spoken == languages.short(code):
        return format_html("{}", text)
    return format_html('<span lang="{}">{}</span>', "zh-Hans" if spoken == "zh" else "en", text)


@register.filter
def entry(known: Mapping[str, str], key: str) -> str:
    """Return what is known under a name."""
    return known.get(key, "")


@register.filter
def is_picture(cover: str) -> bool:
    """Whether a course's cover is a picture of its own rather than an icon."""
    return cover.startswith("files/")


@register.filter
def kind_icon(kind: str) -> str:
    """Name the icon of a kind of lesson."""
    return KIND_ICONS.get(kind, "file-text")


@register.filter
def area_icon(area: str) -> str:
    """Name the icon of an area."""
    return AREA_ICONS.get(area, "school")


@register.filter
def percent_of(part: int, whole: int) -> int:
    """Return a share in whole percent."""
    return min(100, round(100 * part / whole)) if whole else 0


@register.filter
def clock(seconds: float | None) -> str:
    """Write seconds as 3:05 or 1:02:10."""
    minutes, second = divmod(int(seconds or 0), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


@register.filter
def languages_text(codes: list[str]) -> str:
    """Write the languages of a course."""
    names = {"zh": _("Chinese"), "en": _("English")}
    return " / ".join(str(names[code]) for code in codes if code in names)


@register.filter
def roles_text(roles: list[str]) -> str:
    """Write for whom in a shop a course is meant."""
    return ", ".join(str(Role(role).label) for role in roles if role in Role.values)


@register.filter
def stamp_of(written: str) -> str:
    """Write a moment that a notice carries as text, in the reader's zone."""
    return timezone.localtime(datetime.fromisoformat(written)).strftime("%Y-%m-%d %H:%M")
