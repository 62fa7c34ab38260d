from django.urls import include, path
from rest_framework.routers import SimpleRouter

from merchant_protection.risk.api import warnings

router = SimpleRouter(trailing_slash=False)
router.register("warnings", warnings.Warnings, basename="api_warning")

urlpatterns = [path("", include(router.urls))]
