from django.urls import include, path
from rest_framework.routers import SimpleRouter

from merchant_protection.notices.api import inbox, webhooks

router = SimpleRouter(trailing_slash=False)
router.register("notices", inbox.Notices, basename="api_notice")
router.register("webhooks", webhooks.Endpoints, basename="api_webhook")
router.register("webhook-deliveries", webhooks.Deliveries, basename="api_webhook_delivery")

urlpatterns = [path("", include(router.urls))]
