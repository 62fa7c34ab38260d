"""The platform's question about an order is answered in its time, by the policies' word for when we fail if need be."""

import contextvars
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils import timezone

from merchant_protection.accounts import loading
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.api import problems
from scalper_policies.api import directly, reading
from scalper_policies.api.serializers import buyer_text, check_and_queue
from scalper_policies.services import failing

logger = logging.getLogger(__name__)
PATH = "/api/v1/order-decisions"
AT_ONCE = 64
LAST_RESORT = 4.0  # seconds that are waited in all where there is nothing to answer from


class AnswersInTime:
    """Asks in a thread of its own and waits only so long; with the database away, one question at a time tries it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="decisions")
        self.is_out = False
        self.probe = threading.Lock()
        self.taking_up = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        patience = settings.ORDER_DECISION_SECONDS
        if request.path != PATH or request.method != "POST":
            return self.get_response(request)
        if not patience:
            return directly.answer(request) or self.get_response(request)
        try:
            body = request.body
        except (UnreadablePostError, RawPostDataException):
            return problems.respond(400, detail="The body was cut off.")
        is_probe = self.is_out
        if is_probe and not self.probe.acquire(blocking=False):
            return self._without(request, body) or problems.unavailable()
        future = self.pool.submit(contextvars.copy_context().run, self._ask, request)
        if is_probe:
            future.add_done_callback(lambda _: self.probe.release())
        return self._in_time(request, body, future, patience)

    def _in_time(
        self, request: HttpRequest, body: bytes, future: "Future[HttpResponse]", patience: float
    ) -> HttpResponse:
        try:
            response = future.result(patience)
        except TooLate:
            logger.warning("An order was not decided within %s s", patience)
            return self._without(request, body) or self._wait_on(future, LAST_RESORT - patience)
        if response.status_code != problems.unavailable().status_code:
            self._is_back()
            return response
        self.is_out = True
        return self._without(request, body) or response

    def _wait_on(self, future: "Future[HttpResponse]", seconds: float) -> HttpResponse:
        try:
            return future.result(max(0.0, seconds))
        except TooLate:
            return problems.unavailable()

    def _ask(self, request: HttpRequest) -> HttpResponse:
        try:
            return directly.answer(request) or self.get_response(request)
        finally:
            connections.close_all()

    def _without(self, request: HttpRequest, body: bytes) -> HttpResponse | None:
        """Answer from what this process knows; nothing when it knows too little, or when the question is none."""
        try:
            asked = reading.one(body)
        except reading.Unreadable as fault:
            return problems.respond(fault.status, detail=fault.detail)
        said = failing.answer(presented=loading.presented(request), asked=asked, at=timezone.now())
        if not said:
            return None
        verdict = str(said["verdict"]).upper()
        return JsonResponse(said | check_and_queue(verdict) | {"buyer_text": buyer_text(verdict, [])})

    def _is_back(self) -> None:
        self.is_out = False
        if self.taking_up.acquire(blocking=False):
            if failing.has_answers_to_look_at():
                self.pool.submit(self._take_up)
            else:
                self.taking_up.release()

    def _take_up(self) -> None:
        try:
            with tenancy.platform():
                logger.info("%s answers without the database looked at", failing.reconcile(now=timezone.now()))
        except Exception:
            logger.exception("Answers without the database could not be looked at yet")
        finally:
            connections.close_all()
            self.taking_up.release()
