"""How lists are narrowed: by filters that are understood, or not at all."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import BooleanFilter, CharFilter, IsoDateTimeFilter
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

EVERYWHERE = ("cursor", "limit", "format")


class ExactFilters(DjangoFilterBackend):
    """Refuses a filter that is not known or means nothing: to ignore it would return everything."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        filterset = self.get_filterset(request, queryset, view)
        if filterset is not None and filterset.is_valid():
            faults = {
                name: [_("Enter a value, or leave this filter out.")]
                for name, filter_ in filterset.filters.items()
                if name in request.query_params and not _means_something(filterset, name, filter_)
            }
            unknown = set(request.query_params) - {*filterset.filters, *EVERYWHERE}
            faults |= {name: [_("There is no such filter.")] for name in unknown}
            if faults:
                raise ValidationError(faults)
        return rows


def _means_something(filterset: Any, name: str, filter_: Any) -> bool:
    if isinstance(filter_, BooleanFilter) and filterset.data[name].lower() not in ("true", "false"):
        return False
    if not filterset.data[name] and not isinstance(filter_, CharFilter):
        return False
    return filterset.form.cleaned_data.get(name) is not None


class MomentField(IsoDateTimeField):
    """A moment that every clock can say: offsets as ISO 8601 writes them, years from 1 to 9999."""

    def to_python(self, value: Any) -> datetime | None:
        """Read it and bring it to UTC, so that the database is asked for nothing it cannot say."""
        moment: datetime | None = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as fault:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from fault


class MomentFilter(IsoDateTimeFilter):
    """Narrows by a moment."""

    field_class: type[forms.Field] = MomentField
