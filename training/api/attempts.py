"""Attempts at quizzes over the API: the same limits as on the page."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.views import Resource
from training.api.serializers import AnswerIn, AnswerOut, AttemptDetailOut, AttemptOut
from training.models import Attempt
from training.policies import READ
from training.queries import courses, learning
from training.services import attempts


@extend_schema(tags=["Training"])
class Attempts(mixins.ListModelMixin, ForPrograms, Resource):
    """Attempts at quizzes: of oneself, for owners and programs of the shop's people."""

    read_scope = READ
    people_only = frozenset({"answers", "hand_in", "retrieve"})
    queryset = Attempt._default_manager.none()
    serializer_class = AttemptOut
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Attempt]:
        return learning.attempts_visible_to(self.actor)

    @extend_schema(responses=AttemptDetailOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one's own attempt with its questions as they are shown."""
        return Response(detail_of(self.actor, int(pk)))

    @extend_schema(request=AnswerIn, responses={201: AnswerOut})
    @action(detail=True, methods=["post"])
    def answers(self, request: Request, pk: str) -> Response:
        """Answer one question, once and in time."""
        attempt = learning.attempt_of(
            merchant_id=self.actor.merchant_id or 0, user_id=self.actor.id, attempt_id=int(pk)
        )
        said = AnswerIn(data=request.data)
        said.is_valid(raise_exception=True)
        made = attempts.answer(
            actor=self.actor,
            attempt_id=attempt.pk,
            question_id=said.validated_data["question"],
            given=said.validated_data["given"],
            at=timezone.now(),
        )
        return Response(AnswerOut(made).data, status=201)

    @extend_schema(request=None, responses=AttemptOut)
    @action(detail=True, methods=["post"], url_path="hand-in")
    def hand_in(self, request: Request, pk: str) -> Response:
        """Close an attempt."""
        attempt = attempts.hand_in(actor=self.actor, attempt_id=int(pk), at=timezone.now())
        return Response(AttemptOut(attempt).data)


def detail_of(actor: Any, attempt_id: int) -> Any:
    """Return a person's own attempt with its questions, options in the order of this attempt."""
    attempt = learning.attempt_of(merchant_id=actor.merchant_id or 0, user_id=actor.id, attempt_id=attempt_id)
    known = learning.answers_of(attempt)
    ids = [entry["question"] for entry in attempt.paper]
    questions = courses.questions_of(attempt.lesson.version_id).in_bulk(ids)
    shown = [
        {
            "id": entry["question"],
            "kind": questions[entry["question"]].kind,
            "text": questions[entry["question"]].text,
            "options": [questions[entry["question"]].options[at]["text"] for at in entry["order"]],
            "is_answered": entry["question"] in known,
        }
        for entry in attempt.paper
    ]
    return AttemptDetailOut(attempt, context={"questions": shown}).data
