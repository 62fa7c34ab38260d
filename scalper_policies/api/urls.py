from django.urls import include, path
from rest_framework.routers import SimpleRouter

from scalper_policies.api.decisions import OrderDecisions
from scalper_policies.api.policies import Policies

router = SimpleRouter(trailing_slash=False)
router.register("order-decisions", OrderDecisions, basename="api_order_decision")
router.register("scalper-policies", Policies, basename="api_scalper_policy")

urlpatterns = [path("", include(router.urls))]
