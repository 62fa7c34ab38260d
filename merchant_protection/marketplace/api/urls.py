from django.urls import include, path
from rest_framework.routers import SimpleRouter

from merchant_protection.marketplace.api import actions

router = SimpleRouter(trailing_slash=False)
router.register("actions", actions.Actions, basename="api_action")
router.register("desired-states", actions.DesiredStates, basename="api_desired_state")

urlpatterns = [path("", include(router.urls))]
