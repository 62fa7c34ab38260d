"""Small words of the templates: icons, money, spans of time, moments, fields."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from merchant_protection.foundation import masking
from merchant_protection.foundation import money as currencies

register = template.Library()

WITHOUT_CENTS = frozenset({"JPY", "KRW"})
RECENT = timedelta(days=7)
BOXES = ("checkbox", "checkboxselectmultiple", "radioselect")
LEVEL_ICONS = {"high": "alert-octagon-filled", "medium": "alert-triangle-filled", "low": "info-circle-filled"}
BANNER_ICONS = {"info": "info-circle", "good": "circle-check", "warn": "clock-exclamation", "bad": "alert-octagon"}
URGENT_BELOW, SOON_BELOW = 120, 480


@register.simple_tag
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """Draw an icon of the sprite; without a label screen readers pass it by."""
    address = f"{static('portal/icons.svg')}#{name}"
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html('<svg class="icon {}" {} focusable="false"><use href="{}"/></svg>', css, said, address)


@register.filter
def level_icon(level: str) -> str:
    """Name the icon of a risk level: HIGH, MEDIUM or LOW."""
    return LEVEL_ICONS.get(str(level).lower(), LEVEL_ICONS["low"])


@register.filter
def banner_icon(tone: str) -> str:
    """Name the icon of a banner's tone."""
    return BANNER_ICONS.get(tone, BANNER_ICONS["info"])


@register.filter
def span_text(minutes: int) -> str:
    """Write a span of minutes: 22 min, 1 h 35 min, 2 d 4 h."""
    days, rest = divmod(abs(int(minutes)), 1440)
    hours, left = divmod(rest, 60)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": left}
    return _("%(minutes)d min") % {"minutes": left}


@register.filter
def money(amount: Decimal | str | None, currency: str = "CNY") -> str:
    """Write an amount as ¥1,023.98; Django's Chinese formats know no thousands separator."""
    if amount in (None, ""):
        return "–"
    value = Decimal(str(amount))
    sign = currencies.sign(currency)
    digits = 0 if currency in WITHOUT_CENTS else 2
    return f"{'−' if value < 0 else ''}{sign}{abs(value):,.{digits}f}"


@register.filter
def number(value: Decimal | int | None) -> str:
    """Write a count with thousands separators: 12,480."""
    return "–" if value is None else f"{value:,}"


@register.filter
def filesize(size: int) -> str:
    """Write a file's size in KB or MB."""
    megabyte = 1 << 20
    return f"{size / megabyte:.1f} MB" if size >= megabyte else f"{max(1, round(size / 1024))} KB"


@register.filter
def masked(reference: str) -> str:
    """Show only enough of a buyer's number to tell two apart: u***4821."""
    return masking.masked(str(reference or ""))


@register.filter
def initial(name: str) -> str:
    """Return the letter on a person's round badge; of a Chinese name the family name."""
    return (str(name or "").strip() or "?")[0].upper()


@register.simple_tag
def html_lang() -> str:
    """Return the page's language as HTML writes it, which decides the shape of Han glyphs."""
    code = get_language() or "en"
    return "zh-Hans" if code.startswith("zh") else code


@register.simple_tag
def zone_name() -> str:
    """Name the time zone that the page's times are in."""
    name = timezone.get_current_timezone_name()
    if name in {"Asia/Shanghai", "CST"}:
        return _("Beijing time (UTC+8)")
    offset = timezone.localtime().strftime("%z")
    return f"{name} (UTC{offset[:3]}:{offset[3:]})"


@register.filter
def stamp(moment: datetime | None) -> str:
    """Write a moment in the shop's time: 2026-11-24 09:30."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else "–"


@register.simple_tag
def moment(at: datetime | None) -> str:
    """Show an exact moment, as decisions, evidence and logs need it."""
    if at is None:
        return "–"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), stamp(at))


@register.simple_tag
def when(at: datetime | None) -> str:
    """Show a recent moment as "3 hours ago", an older one exactly."""
    if at is None:
        return "–"
    if abs(timezone.now() - at) > RECENT:
        return moment(at)
    shown = stamp(at)
    return format_html(
        '<relative-time datetime="{0}" lang="{1}" threshold="P30D" title="{2}">{2}</relative-time>',
        at.isoformat(),
        html_lang(),
        shown,
    )


@register.simple_tag
def sla_badge(
    due: datetime | None = None,
    minutes: int | str = "",
    state: str = "",
    urgent: int | str = "",
    soon: int | str = "",
) -> dict[str, Any]:
    """Tell a deadline's level and words; `minutes` of working time left, or by the clock when it is not given."""
    if state in {"paused", "done"}:
        return {"level": state, "text": _("Paused") if state == "paused" else _("Closed"), "runs": False}
    if due is None:
        return {}
    left = int((due - timezone.now()).total_seconds() // 60) if minutes in ("", None) else int(minutes)
    text = (_("%s overdue") if left < 0 else _("%s left")) % span_text(left)
    return {"level": _level(left, int(urgent or URGENT_BELOW), int(soon or SOON_BELOW)), "text": text, "runs": True}


def _level(left: int, urgent: int, soon: int) -> str:
    if left < 0:
        return "over"
    if left < urgent:
        return "urgent"
    return "soon" if left < soon else "ok"


@register.filter
def chart_rows(chart: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Turn a chart's series into the rows of its table, telling which lie beyond the threshold."""
    threshold = chart.get("threshold")
    columns = [series["data"] for series in chart["series"]]
    for label, *values in zip(chart["x"], *columns, strict=True):
        yield {"label": label, "values": values, "beyond": bool(threshold) and _is_beyond(threshold, values[0])}


def _is_beyond(threshold: dict[str, Any], value: float | None) -> bool:
    if value is None:
        return False
    limit = threshold["value"]
    return value > limit if threshold.get("beyond") == "above" else value < limit


@register.simple_tag
def control(field: BoundField, **attrs: Any) -> SafeString:
    """Render a form field's control with the classes of our style sheet."""
    kinds = {"select": "form-select", "nullbooleanselect": "form-select"} | dict.fromkeys(BOXES, "form-check-input")
    css = kinds.get(field.widget_type, "form-control")
    given = {name.replace("_", "-"): value for name, value in attrs.items() if value not in ("", None)}
    given.setdefault("placeholder", False)  # the library's placeholders only repeat the label
    return field.as_widget(attrs={"class": f"{css} is-invalid" if field.errors else css} | given)


@register.filter
def count_field_errors(form: BaseForm) -> int:
    """Count the fields of a form that must be mended."""
    return sum(1 for name in form.errors if name != NON_FIELD_ERRORS)


@register.filter
def first_id(field: BoundField) -> str:
    """Return the id of a field's first control, where a link from the error summary leads."""
    return field.id_for_label or f"{field.auto_id}_0"


@register.filter
def undo_path(message: Message) -> str:
    """Return where a message's act can be taken back: `messages.success(…, extra_tags="undo:/m/…")`."""
    marks = (mark for mark in (message.extra_tags or "").split() if mark.startswith("undo:/"))
    return next(marks, "").removeprefix("undo:")


@register.filter
def is_fall(delta: str) -> bool:
    """Whether a written change is downward: it begins with a minus sign."""
    return str(delta).startswith(("-", "−"))


@register.filter
def field(values: Mapping[str, str], name: str) -> str:
    """Return one value of an address's query."""
    return values.get(name, "")
