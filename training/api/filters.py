"""By what the lists of training can be narrowed."""

import django_filters
from django.db.models import QuerySet

from training.models import Area, Assignment, Certificate, Course, Enrolment, Level, LiveSession
from training.queries import courses


class CourseFilter(django_filters.FilterSet):
    code = django_filters.CharFilter(field_name="code")
    area = django_filters.MultipleChoiceFilter(choices=Area.choices)
    level = django_filters.MultipleChoiceFilter(choices=Level.choices)
    language = django_filters.ChoiceFilter(choices=[("zh", "zh"), ("en", "en")], method="of_language")
    search = django_filters.CharFilter(method="of_words")

    class Meta:
        model = Course
        fields: tuple[str, ...] = ()

    def of_language(self, rows: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        return rows.filter(languages__contains=[value])

    def of_words(self, rows: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        return courses.search(rows, value)


class EnrolmentFilter(django_filters.FilterSet):
    course = django_filters.CharFilter(field_name="course__code")
    completed = django_filters.BooleanFilter(field_name="completed_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Enrolment
        fields: tuple[str, ...] = ()


class CertificateFilter(django_filters.FilterSet):
    course = django_filters.CharFilter(field_name="course__code")
    code = django_filters.CharFilter(field_name="code")

    class Meta:
        model = Certificate
        fields: tuple[str, ...] = ()


class SessionFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=LiveSession.Status.choices)

    class Meta:
        model = LiveSession
        fields: tuple[str, ...] = ()


class AssignmentFilter(django_filters.FilterSet):
    course = django_filters.CharFilter(field_name="course__code")
    is_open = django_filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull")

    class Meta:
        model = Assignment
        fields: tuple[str, ...] = ()
