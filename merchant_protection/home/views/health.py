"""Whether the site is alive, ready, and how much work waits: for balancers and monitoring, not for people."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from merchant_protection.foundation import crypto, tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.home import queries
from merchant_protection.home.outside import broker
from merchant_protection.notices.queries import webhooks

LOOPBACK = ("127.0.0.1", "::1")


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process is alive; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether requests can be served. What is missing behind them is told, and stops none: rows own the work."""
    faults = queries.database_faults()
    told = [] if broker.answers(settings.REDIS_URL) else ["the broker does not answer"]
    told += [] if faults else queries.silent_work(now=timezone.now())
    return JsonResponse({"ready": not faults, "faults": faults + told}, status=503 if faults else 200)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus how much work is due and for how long, and how far webhooks lag behind."""
    if not _may_measure(request):
        raise NotFound
    now, registry = timezone.now(), CollectorRegistry()
    rows = Gauge("portal_work_due", "Rows of work that are due", ["table"], registry=registry)
    oldest = Gauge("portal_work_oldest_seconds", "How long the oldest is due", ["table"], registry=registry)
    told = Gauge("portal_webhooks_due", "Webhooks that are due", ["place"], registry=registry)
    lag = Gauge("portal_webhooks_lag_seconds", "How long the oldest is due", ["place"], registry=registry)
    up = Gauge("portal_broker_up", "Whether the broker answers", registry=registry)
    with tenancy.platform():
        for work in queries.work_waiting(now=now):
            rows.labels(work.table).set(work.rows)
            oldest.labels(work.table).set(work.oldest_seconds)
        for waiting in webhooks.waiting(now=now):
            told.labels(waiting.place).set(waiting.rows)
            lag.labels(waiting.place).set(waiting.oldest_seconds)
    up.set(broker.answers(settings.REDIS_URL))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    """Whoever carries the token; without one, programs of this machine that came through no proxy."""
    if settings.METRICS_TOKEN:
        return crypto.same(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    return "X-Forwarded-For" not in request.headers and request.META.get("REMOTE_ADDR") in LOOPBACK
