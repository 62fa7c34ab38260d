from django.urls import include, path
from rest_framework.routers import SimpleRouter

from merchant_protection.accounts.api import shops

router = SimpleRouter(trailing_slash=False)
router.register("merchants", shops.Shops, basename="api_shop")

urlpatterns = [path("", include(router.urls))]
