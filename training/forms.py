"""Which courses are asked for, and of whom."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Membership, Role
from merchant_protection.foundation.choices import offer
from training.models import Area, Course, Level
from training.queries import courses

LANGUAGES = [("zh", _("Chinese")), ("en", _("English"))]
NEW_DAYS = 30
SHOWN = [
    ("new", _("New")),
    ("required", _("Required")),
    ("recommended", _("Recommended for you")),
    ("role", _("For my role")),
]
EVERYBODY, ROLE, PERSON = "everybody", "role:", "person:"
USUAL_DAYS = 14


class CatalogueFilter(django_filters.FilterSet):
    """The catalogue narrowed by words, area, level and language."""

    q = django_filters.CharFilter(method="of_words", max_length=80)
    area = django_filters.ChoiceFilter(choices=Area.choices)
    level = django_filters.ChoiceFilter(choices=Level.choices)
    language = django_filters.ChoiceFilter(choices=LANGUAGES, method="of_language")
    show = django_filters.ChoiceFilter(choices=SHOWN, method="of_kind")

    class Meta:
        model = Course
        fields: tuple[str, ...] = ()

    def of_words(self, rows: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        return courses.search(rows, value)

    def of_language(self, rows: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        return rows.filter(languages__contains=[value])

    def of_kind(self, rows: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        if value == "new":
            return courses.first_published_since(rows, timezone.now() - timedelta(days=NEW_DAYS))
        if value == "role":
            return courses.for_role(rows, self.request.actor.role_in(self.request.actor.merchant_id))
        return courses.asked_of(rows, self.request.actor, is_required=value == "required")

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        wishes: dict[str, Any] = self.form.cleaned_data if self.is_valid() else {}
        return any(wishes.values())


class AskForm(forms.Form):
    """A course asked of somebody in the shop: of whom, whether it must be, until when and why."""

    who = forms.ChoiceField(label=_("Who"))
    is_required = forms.BooleanField(label=_("It is required"), required=False, initial=True)
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=_("To the end of that day. People are reminded before; a required course needs it."),
    )
    reason = forms.CharField(label=_("Why"), required=False, max_length=200)

    def __init__(self, *args: Any, members: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = timezone.localdate() + timedelta(days=USUAL_DAYS)
        self.fields["until"].initial = usual.isoformat()
        people = [(f"{PERSON}{each.user_id}", each.user.display_name) for each in members]
        roles = [(f"{ROLE}{value}", label) for value, label in Role.choices]
        who = [(EVERYBODY, _("Everybody")), (_("A role"), roles), (_("A person"), people)]
        offer(self, "who", who)

    def wishes(self) -> dict[str, Any]:
        """Return what the command takes."""
        said = self.cleaned_data
        day, who = said["until"], said["who"]
        return {
            "user_id": int(who.removeprefix(PERSON)) if who.startswith(PERSON) else None,
            "role": who.removeprefix(ROLE) if who.startswith(ROLE) else "",
            "is_required": said["is_required"],
            "due_at": timezone.make_aware(datetime.combine(day, time(23, 59))) if day else None,
            "reason": said["reason"],
        }
