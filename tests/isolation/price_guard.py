"""The price guard's rows of the isolation matrix."""

from datetime import datetime
from typing import Any

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Listing
from pricing_guard.models import Incident, PriceCheck


def ids(shop: Merchant, listing: Listing, at: datetime, *, canary: str) -> dict[str, dict[str, Any]]:
    """Shop A's incident and price check, by the routes that show them."""
    with tenancy.platform():
        incident = Incident.objects.create(
            merchant=shop,
            listing=listing,
            severity=2,
            source="PRICE",
            cause=canary,
            check_name="BELOW_FLOOR",
            mode="APPROVE",
            price=1,
            currency="CNY",
            findings=[],
            plan={"done": [], "proposed": [], "shadowed": []},
            since=at,
            opened_at=at,
        )
        check = PriceCheck.objects.create(
            merchant=shop,
            sku=canary,
            price=1,
            currency="CNY",
            verdict="BLOCK",
            severity=2,
            mode="AUTO",
            at=at,
            actor_name=canary,
        )
    of_incident = ("detail", "stop", "mean", "restore", "close")
    return {
        "price_incident": {"pk": incident.pk},
        "price_incident_answer": {"pk": incident.pk},
        "api_price_check-detail": {"pk": check.pk},
        **{f"api_price_incident-{verb}": {"pk": incident.pk} for verb in of_incident},
    }


def state() -> tuple[Any, ...]:
    """What a rival must not have changed."""
    return (list(Incident.objects.values_list("status", "answered_at")), PriceCheck.objects.exclude(sku="x").count())
