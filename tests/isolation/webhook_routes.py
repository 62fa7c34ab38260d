"""The routes of webhooks with shop A's ids, for the matrix of `test_routes`."""

from typing import Any

from merchant_protection.foundation import tenancy
from merchant_protection.notices.models import Attempt, Dispatch, Endpoint
from tests.factories.notices import DispatchFactory, EndpointFactory

PAGES = ("webhook", *(f"webhook_{verb}" for verb in ("edit", "rotate", "test", "pause", "resume", "off", "end_secret")))
VERBS = ("detail", "rotate", "end-old-secret", "pause", "resume", "switch-off", "send-test", "replay-failed")


def ids_of(shop: Any, canary: str) -> dict[str, dict[str, Any]]:
    """An endpoint of shop A and a delivery that was given up, by each route that shows or changes them."""
    endpoint = EndpointFactory(merchant=shop, name=canary)
    delivery = DispatchFactory(endpoint=endpoint, dead=True, message__params={"order": canary})
    with tenancy.platform():
        Attempt.objects.create(merchant=shop, dispatch=delivery, number=1, at=delivery.created_at, answer=canary)
    of_endpoint, of_delivery = {"pk": endpoint.pk}, {"pk": delivery.pk}
    return {
        **dict.fromkeys((*PAGES, "webhook_replay_failed", *(f"api_webhook-{verb}" for verb in VERBS)), of_endpoint),
        **dict.fromkeys(("webhook_delivery", "webhook_replay"), of_delivery),
        **dict.fromkeys(("api_webhook_delivery-detail", "api_webhook_delivery-replay"), of_delivery),
    }


def state() -> tuple[Any, ...]:
    """What a rival must not have changed."""
    endpoints = Endpoint.objects.order_by("pk").values_list("name", "url", "state", "generation", "secrets__expires_at")
    return (list(endpoints), list(Dispatch.objects.order_by("pk").values_list("endpoint", "status", "attempts")))
