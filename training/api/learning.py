"""Who learned what: enrolments, certificates, assignments and learning time."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.views import Endpoint, Resource
from merchant_protection.foundation.errors import NotAllowed
from training.api import filters, serializers
from training.models import Assignment, Certificate, Enrolment
from training.policies import READ, WRITE
from training.queries import assignments, certificates, courses, learning
from training.services import assigning

PERIOD = timedelta(days=30)


@extend_schema(tags=["Training"])
class Enrolments(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Who learns what: oneself, for owners and programs the shop's people."""

    read_scope = READ
    queryset = Enrolment._default_manager.none()
    serializer_class = serializers.EnrolmentOut
    filterset_class = filters.EnrolmentFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Enrolment]:
        return learning.visible_to(self.actor)


@extend_schema(tags=["Training"])
class Certificates(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Certificates: one's own, for owners and programs those of the shop's people."""

    read_scope = READ
    queryset = Certificate._default_manager.none()
    serializer_class = serializers.CertificateOut
    filterset_class = filters.CertificateFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Certificate]:
        return certificates.visible_to(self.actor)


@extend_schema(tags=["Training"])
class Assignments(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """What the shop should or must learn."""

    read_scope = READ
    write_scope = WRITE
    queryset = Assignment._default_manager.none()
    serializer_class = serializers.AssignmentOut
    filterset_class = filters.AssignmentFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Assignment]:
        return assignments.visible_to(self.actor)

    @extend_schema(request=serializers.AssignmentIn, responses={201: serializers.AssignmentOut})
    def create(self, request: Request) -> Response:
        """Ask a course of a person, a role, or everybody in the shop."""
        if self.actor.merchant_id is None:
            raise NotAllowed(_("This is said for a shop, by its owner or its program."))
        said = serializers.AssignmentIn(data=request.data)
        said.is_valid(raise_exception=True)
        told = said.validated_data
        course = courses.catalogue().filter(code=told["course"]).first()
        if course is None:
            raise ValidationError({"course": ["There is no such course."]})
        made = assigning.assign(
            actor=self.actor,
            merchant_id=self.actor.merchant_id,
            course_id=course.pk,
            user_id=told.get("user"),
            role=told.get("role", ""),
            is_required=told["is_required"],
            due_at=told.get("due_at"),
            reason=told["reason"],
            at=timezone.now(),
        )
        return Response(serializers.AssignmentOut(made).data, status=201)

    @extend_schema(request=None, responses=serializers.AssignmentOut)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Take an assignment back."""
        assignment = self.get_object()
        ended = assigning.end(actor=self.actor, assignment_id=assignment.pk, at=timezone.now())
        return Response(serializers.AssignmentOut(ended).data)


@extend_schema(tags=["Training"])
class LearningTime(ForPrograms, Endpoint):
    """Hours learned per person in a period."""

    read_scope = READ
    pagination_class = None
    filter_backends = ()

    @extend_schema(parameters=[serializers.PeriodIn], responses=serializers.LearningTimeOut(many=True))
    def get(self, request: Request) -> Response:
        """Return how long each person learned, by what the server counted."""
        period = serializers.PeriodIn(data=request.query_params.dict())
        period.is_valid(raise_exception=True)
        until = period.validated_data.get("until") or timezone.now()
        since = period.validated_data.get("since") or until - PERIOD
        spans = learning.spans_visible_to(self.actor).filter(started_at__gte=since, started_at__lt=until)
        rows = learning.seconds_by_person(spans)[:1000]
        return Response(serializers.LearningTimeOut(rows, many=True).data)
