"""The shop's inbox for programs: what it was told, in the reader's language."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.filters import MomentFilter
from merchant_protection.foundation.api.views import Resource
from merchant_protection.notices import queries
from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import wording


class NoticeOut(serializers.ModelSerializer[Notice]):
    """A notice in words: what happened, and what to do."""

    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields: tuple[str, ...] = (
            *("id", "kind", "urgency", "title", "text", "path", "subject_id", "created_at", "archived_at"),
        )
        read_only_fields = fields

    def get_title(self, notice: Notice) -> str:
        return wording.of_notice(notice).title

    def get_text(self, notice: Notice) -> str:
        return wording.of_notice(notice).text


class NoticeFilter(django_filters.FilterSet):
    kind = django_filters.CharFilter(field_name="kind")
    urgency = django_filters.MultipleChoiceFilter(choices=Notice.Urgency.choices)
    created_from = MomentFilter(field_name="created_at", lookup_expr="gte")
    archived = django_filters.BooleanFilter(field_name="archived_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Notice
        fields: tuple[str, ...] = ()


@extend_schema(tags=["Inbox"])
class Notices(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """What the shop was told."""

    read_scope = "notices:read"
    queryset = Notice._default_manager.none()
    serializer_class = NoticeOut
    filterset_class = NoticeFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Notice]:
        return queries.visible_to(self.actor)
