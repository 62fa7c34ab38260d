from django.urls import include, path
from rest_framework.routers import SimpleRouter

from merchant_protection.marketplace.api import actions, brakes, facts
from merchant_protection.marketplace.api.events import Events

router = SimpleRouter(trailing_slash=False)
router.register("actions", actions.Actions, basename="api_action")
router.register("desired-states", actions.DesiredStates, basename="api_desired_state")
router.register("kill-switches", brakes.KillSwitches, basename="api_kill_switch")
router.register("rule-pauses", brakes.RulePauses, basename="api_rule_pause")
router.register("orders", facts.Orders, basename="api_order")
router.register("listings", facts.Listings, basename="api_listing")
router.register("promotions", facts.Promotions, basename="api_promotion")
router.register("buyers", facts.Buyers, basename="api_buyer")
router.register("after-sales", facts.AfterSales, basename="api_after_sale")
router.register("received-events", facts.ReceivedEvents, basename="api_received_event")

urlpatterns = [
    path("events", Events.as_view(), name="api_events"),
    path("", include(router.urls)),
]
