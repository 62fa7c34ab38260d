"""The price guard's rows of the isolation matrix."""

from datetime import datetime, timedelta
from typing import Any

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Listing, RulePause
from pricing_guard.models import (
    ApprovedWindow,
    Backtest,
    EvidencePack,
    FloorImport,
    GuardHit,
    GuardPolicy,
    Incident,
    ListingGuard,
    PolicyVersion,
    PriceCheck,
)


def ids(shop: Merchant, listing: Listing, at: datetime, *, canary: str) -> dict[str, dict[str, Any]]:
    """Shop A's incident and price check, by the routes that show them."""
    with tenancy.platform():
        incident = Incident.objects.create(
            merchant=shop, listing=listing, severity=2, source="PRICE", cause=canary, check_name="BELOW_FLOOR",
            mode="APPROVE", price=1, currency="CNY", since=at, opened_at=at,
            findings=[], plan={"done": [], "proposed": [], "shadowed": []},
        )  # fmt: skip
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
        rows = _jobs_of(shop, listing, incident, at, canary)
    of_incident = (
        *("detail", "stop", "mean", "restore", "close", "orders", "choose", "pack", "exempt", "hand-over", "take-back"),
    )
    of_policy = ("detail", "versions", "publish", "mode", "retire", "shadow-report")
    return {
        "price_incident": {"pk": incident.pk},
        **{f"price_incident_{verb}": {"pk": incident.pk} for verb in ("answer", "orders", "pack")},
        **{f"price_pack{verb}": {"pk": rows["pack"].pk} for verb in ("", "_exempt")},
        **{f"price_policy{verb}": {"pk": rows["policy"].pk} for verb in ("", "_edit", "_compare", "_move")},
        **{name: {"pk": rows["policy"].pk} for name in ("price_hits", "price_backtest_start")},
        **{
            name: {"pk": rows[kind].pk} for name, kind in (("price_hit_review", "hit"), ("price_window_move", "window"))
        },
        **{f"price_backtest{verb}": {"pk": rows["backtest"].pk} for verb in ("", "_cancel")},
        **{f"price_floor_job{verb}": {"pk": rows["floors"].pk} for verb in ("", "_move")},
        "api_price_check-detail": {"pk": check.pk},
        **{f"api_guard_policy-{verb}": {"pk": rows["policy"].pk} for verb in of_policy},
        **{f"api_price_window-{verb}": {"pk": rows["window"].pk} for verb in ("detail", "approve", "revoke")},
        **{f"api_price_backtest-{verb}": {"pk": rows["backtest"].pk} for verb in ("detail", "cancel", "hits")},
        **{f"api_floor_prices-{verb}": {"pk": rows["floors"].pk} for verb in ("detail", "undo", "faults")},
        **{f"api_guard_hit-{verb}": {"pk": rows["hit"].pk} for verb in ("detail", "review")},
        "api_watched_listing-detail": {"pk": rows["guard"].pk},
        **{f"api_price_pack-{verb}": {"pk": rows["pack"].pk} for verb in ("detail", "file")},
        **{f"api_price_incident-{verb}": {"pk": incident.pk} for verb in of_incident},
        **{
            name: {"pk": rows["pause"].pk} for name in ("rule_resume", "api_rule_pause-detail", "api_rule_pause-resume")
        },
    }


def _jobs_of(shop: Merchant, listing: Listing, incident: Incident, at: datetime, canary: str) -> dict[str, Any]:
    """A policy, a window, a backtest, floors, a hit and an evidence file of shop A."""
    policy = GuardPolicy.objects.create(
        merchant=shop, name=canary, scope="SHOP", created_at=at, created_by=canary, updated_at=at
    )
    PolicyVersion.objects.create(merchant=shop, policy=policy, number=1, saved_at=at, saved_by=canary)
    window = ApprovedWindow.objects.create(
        merchant=shop,
        reason="CLEARANCE",
        note=canary,
        skus=[listing.sku],
        starts_at=at,
        ends_at=at + timedelta(days=1),
        status="ASKED",
        asked_at=at,
        asked_by=canary,
    )
    backtest = Backtest.objects.create(merchant=shop, kind="BACKTEST", asked_at=at, asked_by=canary)
    floors = FloorImport.objects.create(merchant=shop, file_name=canary, asked_at=at, asked_by=canary)
    hit = GuardHit.objects.create(
        merchant=shop,
        listing=listing,
        mode="SHADOW",
        severity=2,
        check_name=canary[:30],
        rung="WARN",
        price=1,
        currency="CNY",
        price_version=1,
        at=at,
    )
    pack = EvidencePack.objects.create(
        merchant=shop, incident=incident, digest=canary, size=1, path="-", made_at=at, made_by=canary
    )
    pause = RulePause.objects.create(
        merchant=shop,
        feature="pricing_guard",
        rule=f"policy-{policy.pk}",
        reason=canary,
        paused_at=at,
        paused_by=canary,
    )
    guard, _is_new = ListingGuard.objects.get_or_create(merchant=shop, listing=listing)
    return {
        "guard": guard,
        "policy": policy, "window": window, "backtest": backtest, "floors": floors, "hit": hit, "pack": pack,
        "pause": pause,
    }  # fmt: skip


def state() -> tuple[Any, ...]:
    """What a rival must not have changed."""
    return (
        list(Incident.objects.values_list("status", "answered_at")),
        list(GuardPolicy.objects.values_list("mode", "live_number", "version", "is_retired")),
        list(ApprovedWindow.objects.values_list("status")),
        # A rival may ask for a recommendation, of its own past.
        list(Backtest.objects.exclude(kind="RECOMMEND").values_list("status")),
        list(FloorImport.objects.values_list("status")),
        list(GuardHit.objects.values_list("review")),
        EvidencePack.objects.count(),
        list(RulePause.objects.values_list("resume_asked_by", "resumed_at")),
        PriceCheck.objects.count(),
    )
