from django.urls import include, path
from rest_framework.routers import SimpleRouter

from pricing_guard.api import checks, incidents, jobs, policies, settings, watched

router = SimpleRouter(trailing_slash=False)
router.register("price-checks", checks.PriceChecks, basename="api_price_check")
router.register("price-incidents", incidents.Incidents, basename="api_price_incident")
router.register("guard-policies", policies.GuardPolicies, basename="api_guard_policy")
router.register("price-windows", policies.PriceWindows, basename="api_price_window")
router.register("price-backtests", jobs.Backtests, basename="api_price_backtest")
router.register("floor-prices", jobs.FloorPrices, basename="api_floor_prices")
router.register("guard-hits", jobs.Hits, basename="api_guard_hit")
router.register("watched-listings", watched.Watched, basename="api_watched_listing")
router.register("price-evidence", jobs.EvidencePacks, basename="api_price_pack")

urlpatterns = [
    path("guard-settings", settings.GuardSettings.as_view(), name="api_guard_settings"),
    path("", include(router.urls)),
]
