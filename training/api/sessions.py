"""Live sessions over the API."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.views import Resource
from training.api import filters, serializers
from training.api.courses import told_in
from training.models import LiveSession
from training.policies import READ
from training.queries import sessions
from training.services import attending, rooms, seats


@extend_schema(tags=["Training"])
class Sessions(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForPrograms, Resource):
    """Live sessions; seats, questions and attendance are for people."""

    read_scope = READ
    people_only = frozenset({"register", "give_up", "questions", "beat"})
    queryset = LiveSession._default_manager.none()
    serializer_class = serializers.SessionOut
    filterset_class = filters.SessionFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[LiveSession]:
        return sessions.all_sessions()

    @extend_schema(request=None, responses=serializers.RegistrationOut)
    @action(detail=True, methods=["post"])
    def register(self, request: Request, pk: str) -> Response:
        """Take a seat, or a place in the queue."""
        made = seats.register(actor=self.actor, session_id=self.get_object().pk, at=timezone.now())
        return Response(serializers.RegistrationOut(made).data)

    @extend_schema(request=None, responses=serializers.RegistrationOut)
    @action(detail=True, methods=["post"], url_path="give-up")
    def give_up(self, request: Request, pk: str) -> Response:
        """Give a seat or a place in the queue back."""
        made = seats.give_up(actor=self.actor, session_id=self.get_object().pk, at=timezone.now())
        return Response(serializers.RegistrationOut(made).data)

    @extend_schema(request=serializers.QuestionIn, responses={201: serializers.RoomQuestionOut})
    @action(detail=True, methods=["post"])
    def questions(self, request: Request, pk: str) -> Response:
        """Ask the host something."""
        session = self.get_object()
        said = serializers.QuestionIn(data=request.data)
        said.is_valid(raise_exception=True)
        asked = rooms.ask(actor=self.actor, session_id=session.pk, at=timezone.now(), **said.validated_data)
        return Response(serializers.RoomQuestionOut(asked).data, status=201)

    @extend_schema(request=serializers.BeatIn, responses=serializers.AttendanceOut)
    @action(detail=True, methods=["post"])
    def beat(self, request: Request, pk: str) -> Response:
        """Count time in the room."""
        session = self.get_object()
        told = told_in(request.data)
        attendance = attending.beat(actor=self.actor, session_id=session.pk, told=told, at=timezone.now())
        return Response(serializers.AttendanceOut(attendance).data)
