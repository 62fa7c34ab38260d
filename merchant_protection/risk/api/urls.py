from django.urls import include, path
from rest_framework.routers import SimpleRouter

from merchant_protection.risk.api import buyers, violations, warnings

router = SimpleRouter(trailing_slash=False)
router.register("warnings", warnings.Warnings, basename="api_warning")
router.register("buyer-restrictions", buyers.Restrictions, basename="api_restriction")
router.register("buyer-appeals", buyers.Appeals, basename="api_appeal")
router.register("violations", violations.Violations, basename="api_violation")
router.register("signal-disputes", buyers.Disputes, basename="api_signal_dispute")

urlpatterns = [path("", include(router.urls))]
