"""A crowd of pages is made a few at a time; programs, bodies and questions for health never wait behind them."""

import threading
from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from merchant_protection.foundation import warming
from merchant_protection.foundation.middleware import PagesTakeTurns


class Crowd:
    """Requests that are answered once the test says so; knows how many were being answered at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, patience: float) -> None:
        monkeypatch.setattr(PagesTakeTurns, "PATIENCE", patience)
        self.lock, self.released = threading.Lock(), threading.Event()
        self.inside, self.entered = 0, threading.Semaphore(0)
        self.most = 0
        self.answer = PagesTakeTurns(self._answer)
        self.threads: list[threading.Thread] = []

    def ask(self, request: HttpRequest, *, times: int = 1) -> None:
        for _ in range(times):
            self.threads.append(threading.Thread(target=self.answer, args=(request,)))
            self.threads[-1].start()

    def let_go(self) -> None:
        self.released.set()
        for thread in self.threads:
            thread.join()

    def wait_until_inside(self, count: int) -> None:
        assert all(self.entered.acquire(timeout=20) for _ in range(count))

    def _answer(self, request: HttpRequest) -> HttpResponse:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.entered.release()
        self.released.wait(20)
        with self.lock:
            self.inside -= 1
        return HttpResponse()


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Crowd]:
    return lambda patience: Crowd(monkeypatch, patience=patience)


def test_pages_are_made_two_at_a_time_and_all_are_made(crowd: Callable[..., Crowd]) -> None:
    pages = crowd(patience=20)
    pages.ask(RequestFactory().get("/m/"), times=6)
    pages.wait_until_inside(PagesTakeTurns.AT_ONCE)

    pages.let_go()

    pages.wait_until_inside(6 - PagesTakeTurns.AT_ONCE)
    assert pages.most == PagesTakeTurns.AT_ONCE


@pytest.mark.parametrize(
    "request_", [RequestFactory().post("/m/"), RequestFactory().get("/api/v1/orders"), RequestFactory().get("/healthz")]
)
def test_what_is_no_page_never_waits(crowd: Callable[..., Crowd], request_: HttpRequest) -> None:
    pages = crowd(patience=20)
    pages.ask(RequestFactory().get("/m/"), times=PagesTakeTurns.AT_ONCE)
    pages.wait_until_inside(PagesTakeTurns.AT_ONCE)

    pages.ask(request_)

    pages.wait_until_inside(1)
    pages.let_go()


def test_pages_that_never_end_stop_nobody(crowd: Callable[..., Crowd]) -> None:
    pages = crowd(patience=0.01)

    pages.ask(RequestFactory().get("/m/"), times=PagesTakeTurns.AT_ONCE + 2)

    pages.wait_until_inside(PagesTakeTurns.AT_ONCE + 2)
    pages.let_go()
    assert pages.answer.turns._value == PagesTakeTurns.AT_ONCE  # whoever had no turn gave none back


def test_the_frame_of_every_page_is_read_before_the_first_visitor_comes() -> None:
    names = warming.warm()

    assert {"base.html", "portal/index.html"} <= set(names)
    assert any(name.startswith("cotton/") for name in names)
