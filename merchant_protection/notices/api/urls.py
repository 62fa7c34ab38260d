from django.urls import include, path
from rest_framework.routers import SimpleRouter

from merchant_protection.notices.api import inbox

router = SimpleRouter(trailing_slash=False)
router.register("notices", inbox.Notices, basename="api_notice")

urlpatterns = [path("", include(router.urls))]
