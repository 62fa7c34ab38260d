"""How lists are narrowed: by filters that are understood, or not at all."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request


class ExactFilters(DjangoFilterBackend):
    """Refuses a filter whose value means nothing: to ignore it would return everything."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        filterset = self.get_filterset(request, queryset, view)
        if filterset is not None and filterset.is_valid():
            read = filterset.form.cleaned_data
            empty = [name for name in filterset.filters if name in request.query_params and read.get(name) is None]
            if empty:
                raise ValidationError({name: [_("Enter a value, or leave this filter out.")] for name in empty})
        return rows
