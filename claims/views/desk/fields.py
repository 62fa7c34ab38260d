"""Fields that operations fill in: lists of rows, spans of time in words, tags, shares and hours of a day."""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import time, timedelta
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims.templatetags.desk_words import worded

NEW = "new"
TOKEN = re.compile(r"[0-9a-z]{1,20}")
MOST_ROWS = 60
UNITS: dict[str, tuple[Any, timedelta]] = {
    "minutes": (_("minutes"), timedelta(minutes=1)),
    "hours": (pgettext_lazy("time", "hours"), timedelta(hours=1)),
    "workdays": (_("working days of 8 hours"), timedelta(hours=8)),
    "days": (_("days"), timedelta(days=1)),
}
HOURS = re.compile(r"(\d{1,2}:\d{2})\s*[-–—~]\s*(\d{1,2}:\d{2})")
MIDNIGHT = "24:00"


class RowForm(forms.Form):
    """One row of a list: what it says is judged by itself, so that a fault stands in the row it concerns."""

    token = ""
    is_unfinished = False

    def full_clean(self) -> None:
        """Judge the row, unless its list is only being added to or put into another order."""
        if self.is_unfinished:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()

    @classmethod
    def said(cls, stored: Any) -> dict[str, Any]:
        """Return what the parts of a row show of what is kept."""
        return dict(stored)

    def facts(self) -> Any:
        """Return the row as it is kept."""
        return dict(self.cleaned_data)


class RowsField(forms.Field):
    """A list of rows that can be added, removed and put into another order."""

    widget = forms.Widget

    def __init__(self, *, row: type[RowForm], add: str | Promise, **options: Any) -> None:
        super().__init__(**options)
        self.row, self.add_words = row, add

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> "BoundRows":
        """Return the rows as they stand in the form."""
        return BoundRows(form, self, field_name)

    def clean(self, value: list[RowForm]) -> list[Any]:
        """Return the rows as they are kept, once none of them has a fault."""
        if self.required and not value:
            raise forms.ValidationError(_("Add at least one row."))
        if len(value) > MOST_ROWS:
            raise forms.ValidationError(_("At most %(most)d rows."), params={"most": MOST_ROWS})
        if not all([row.is_valid() for row in value]):
            raise forms.ValidationError(_("Put the marked rows right."))
        return [row.facts() for row in value]


class BoundRows(forms.BoundField):
    """The rows of a list as they were kept or sent, and an empty one to add."""

    field: RowsField
    is_rows = True

    @cached_property
    def rows(self) -> list[RowForm]:
        """The rows in their order."""
        if self.form.is_bound:
            sent: Any = self.form.data
            tokens = dict.fromkeys(filter(TOKEN.fullmatch, sent.getlist(f"{self.html_name}-row")))
            return [self._sent(token, sent) for token in list(tokens)[: MOST_ROWS + 1]]
        stored = self.initial or []
        return [self._row(str(place), initial=self.field.row.said(each)) for place, each in enumerate(stored)]

    @property
    def blank(self) -> RowForm:
        """A row that says nothing yet."""
        return self._row(NEW)

    @property
    def data(self) -> list[RowForm]:
        """What was sent."""
        return self.rows

    def _sent(self, token: str, sent: Any) -> RowForm:
        """A row as it was sent; one that was added just now says what an empty one says."""
        is_unfinished = getattr(self.form, "is_unfinished", False)
        is_fresh = is_unfinished and not any(name.startswith(f"{self.html_name}-{token}-") for name in sent)
        row = self._row(token) if is_fresh else self._row(token, data=sent)
        row.is_unfinished = is_unfinished
        if is_fresh:
            next(iter(row.fields.values())).widget.attrs["autofocus"] = True
        return row

    def _row(self, token: str, **given: Any) -> RowForm:
        row = self.field.row(prefix=f"{self.html_name}-{token}", **given)
        row.token = token
        return row


class SettingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose facts go to a command; it never saves by itself."""

    # What a choice says that is left empty.
    empty: ClassVar[Mapping[str, Any]] = {}
    # Rows are being added, removed or moved: nothing is judged yet.
    is_unfinished = False

    def full_clean(self) -> None:
        """Judge what was sent, unless it only asks for another row."""
        if self.is_unfinished:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            words = self.empty.get(name, _("Any"))
            if isinstance(field, forms.ModelChoiceField):
                field.label_from_instance = named  # type: ignore[method-assign]
                is_one = not isinstance(field, forms.ModelMultipleChoiceField)
                field.empty_label = words if is_one and not field.required else None
            elif isinstance(field, forms.TypedChoiceField) and not field.required:
                field.choices = [("", words), *(each for each in field.choices if each[0])]

    def facts(self) -> dict[str, Any]:
        """Return what the form says, as the command takes it."""
        return dict(self.cleaned_data)

    def refuse(self, fields: Mapping[str, Iterable[str]]) -> None:
        """Put what a command refused beside the field, or into the row, that it concerns: `promises.1.within`."""
        for place, reasons in fields.items():
            name, _dot, within = place.partition(".")
            for reason in reasons:
                if within and isinstance(rows := self[name], BoundRows):
                    number, _dot, part = within.partition(".")
                    rows.rows[int(number)].add_error(part or None, reason)
                    if name not in self.errors:
                        self.add_error(name, _("Put the marked rows right."))
                else:
                    self.add_error(name if name in self.fields else None, reason)

    def _post_clean(self) -> None:
        """The command judges what the model would: the row that is edited stays as it is."""


def rearranged(sent: QueryDict, asked: str) -> QueryDict:
    """Return a form as it was sent, with a row more, less or elsewhere: `steps:add`, `steps:up:2`, `steps:remove:2`."""
    name, doing, token = [*asked.split(":"), "", ""][:3]
    rows = sent.getlist(f"{name}-row")
    if doing == "add":
        rows.append(next(fresh for fresh in map("n{}".format, itertools.count(1)) if fresh not in rows))
    elif token in rows:
        place = rows.index(token)
        rows.remove(token)
        if doing != "remove":
            rows.insert(max(place - 1, 0) if doing == "up" else place + 1, token)
    changed = sent.copy()
    changed.setlist(f"{name}-row", rows)
    return changed


class SpanField(forms.MultiValueField):
    """A span of time as people say it: 4 hours, 3 days."""

    def __init__(self, *, units: tuple[str, ...], least: timedelta = timedelta(0), most: timedelta, **options: Any):
        self.least, self.most = least, most
        fields = (forms.IntegerField(max_value=1_000_000), forms.ChoiceField(choices=_choices(units)))
        widget = SpanWidget(units)
        super().__init__(fields, widget=widget, require_all_fields=True, **options)

    def compress(self, data_list: list[Any]) -> timedelta:
        """Return the span that a number and its unit mean."""
        number, unit = data_list
        span: timedelta = UNITS[unit][1] * min(number, 1_000_000)
        if not self.least <= span <= self.most:
            raise forms.ValidationError(_("Enter a time from %(least)s to %(most)s.") % self._limits())
        return span

    def _limits(self) -> dict[str, str]:
        return {"least": in_words(self.least), "most": in_words(self.most)}


class SpanWidget(forms.MultiWidget):
    """A number and the unit it is counted in."""

    def __init__(self, units: tuple[str, ...]) -> None:
        self.units = units
        number = forms.NumberInput({"aria-label": pgettext_lazy("time", "How much"), "class": "desk-number"})
        super().__init__({"number": number, "unit": forms.Select({"aria-label": _("Unit")}, _choices(units))})

    def decompress(self, value: timedelta | None) -> list[Any]:
        """Return the span in the largest unit that says it exactly."""
        if value is None:
            return [None, self.units[0]]
        largest = sorted(self.units, key=lambda unit: UNITS[unit][1], reverse=True)
        unit = next((each for each in largest if value and not value % UNITS[each][1]), self.units[0])
        return [value // UNITS[unit][1], unit]


class TagsField(forms.MultiValueField):
    """Some of the words in use, and new ones."""

    def __init__(self, *, known: Callable[[], list[str]], **options: Any) -> None:
        self.known = known
        ticks = forms.MultipleChoiceField(choices=self._choices, required=False)
        line = forms.CharField(max_length=200, required=False)
        widget = TagsWidget(self._choices)
        super().__init__((ticks, line), widget=widget, require_all_fields=False, required=False, **options)

    def compress(self, data_list: list[Any]) -> list[str]:
        """Return each word once."""
        ticked, written = data_list or ([], "")
        fresh = [each.strip().upper() for each in re.split(r"[,，、\s]+", written or "")]
        if any(len(each) > 40 for each in fresh):
            raise forms.ValidationError(_("A word of at most 40 letters each."))
        return list(dict.fromkeys([*(ticked or []), *filter(None, fresh)]))

    def _choices(self) -> list[tuple[str, str]]:
        return [(each, each) for each in self.known()]


class TagsWidget(forms.MultiWidget):
    """A box for each word in use, and a line for new ones."""

    def __init__(self, choices: Callable[[], list[tuple[str, str]]]) -> None:
        line = forms.TextInput({"aria-label": _("New ones, with spaces between"), "placeholder": _("New ones")})
        super().__init__({"known": forms.CheckboxSelectMultiple(choices=choices), "fresh": line})

    def decompress(self, value: list[str] | None) -> list[Any]:
        """Tick what is in use; what nothing else uses stands in the line."""
        return [value or [], ""]


class TicksField(forms.MultipleChoiceField):
    """Any of some choices, a box each; none means all."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)


class ShareField(forms.FloatField):
    """A share that is written as per cent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=100, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show 0.05 as 5."""
        return round(value * 100, 4) if isinstance(value, float) else value

    def clean(self, value: Any) -> Any:
        """Read 5 as 0.05."""
        said = super().clean(value)
        return None if said is None else said / 100


class PercentsField(forms.CharField):
    """Several numbers of per cent in a line."""

    def prepare_value(self, value: Any) -> Any:
        """Show them with commas between."""
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Read whole numbers, however they are parted."""
        written = [each for each in re.split(r"[,，、%\s]+", super().clean(value)) if each]
        if not all(each.isdecimal() and len(each) <= 3 for each in written):
            raise forms.ValidationError(_("Enter whole numbers such as 50, 75, 90."))
        return [int(each) for each in written]


class HoursField(forms.CharField):
    """The hours of one day: 09:00-12:00 13:00-18:00; nothing for a day off."""

    def __init__(self, **options: Any) -> None:
        hint = {"placeholder": _("closed"), "class": "desk-hours"}
        super().__init__(required=False, max_length=120, widget=forms.TextInput(hint), **options)

    def prepare_value(self, value: Any) -> Any:
        """Show windows as people write them."""
        return " ".join("-".join(window) for window in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the windows of the day in their order, none over another."""
        text = super().clean(value)
        windows = [[_padded(opens), _padded(closes)] for opens, closes in HOURS.findall(text)]
        if HOURS.sub("", text).strip(" ,，、;"):
            raise forms.ValidationError(_("Write hours such as 09:00-12:00 13:00-18:00."))
        edges = [edge for window in windows for edge in window]
        if not all(_is_time(edge) for edge in edges):
            raise forms.ValidationError(_("There is no such time of day."))
        if any(one >= other for one, other in itertools.pairwise(edges)):
            raise forms.ValidationError(_("Each window must end after it begins, and before the next."))
        return windows


def named(thing: Any) -> str:
    """Name what can be chosen as people know it, not by its code."""
    return worded(thing, "name") or str(thing)


def in_words(span: timedelta) -> str:
    """Say a span in the largest unit that says it exactly."""
    for unit in ("days", "hours", "minutes"):
        words, length = UNITS[unit]
        if span and not span % length:
            return f"{span // length} {words}"
    return "0"


def _choices(units: Iterable[str]) -> list[tuple[str, Any]]:
    return [(unit, UNITS[unit][0]) for unit in units]


def _padded(written: str) -> str:
    return written.zfill(5)


def _is_time(written: str) -> bool:
    try:
        return written == MIDNIGHT or bool(time.fromisoformat(written)) or True
    except ValueError:
        return False
