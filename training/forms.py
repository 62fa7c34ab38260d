"""Which courses are asked for."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from training.models import Area, Course, Level
from training.queries import courses

LANGUAGES = [("zh", _("Chinese")), ("en", _("English"))]


class CatalogueFilter(django_filters.FilterSet):
    """The catalogue narrowed by words, area, level and language."""

    q = django_filters.CharFilter(method="of_words", max_length=80)
    area = django_filters.ChoiceFilter(choices=Area.choices)
    level = django_filters.ChoiceFilter(choices=Level.choices)
    language = django_filters.ChoiceFilter(choices=LANGUAGES, method="of_language")

    class Meta:
        model = Course
        fields: tuple[str, ...] = ()

    def of_words(self, rows: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        return courses.search(rows, value)

    def of_language(self, rows: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        return rows.filter(languages__contains=[value])

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        wishes: dict[str, Any] = self.form.cleaned_data if self.is_valid() else {}
        return any(wishes.values())
