from django.urls import include, path
from rest_framework.routers import SimpleRouter

from pricing_guard.api import checks, incidents

router = SimpleRouter(trailing_slash=False)
router.register("price-checks", checks.PriceChecks, basename="api_price_check")
router.register("price-incidents", incidents.Incidents, basename="api_price_incident")

urlpatterns = [path("", include(router.urls))]
