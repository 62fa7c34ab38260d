from django.urls import include, path
from rest_framework.routers import SimpleRouter

from scalper_policies.api.baseline import BaselineRules, Overrides
from scalper_policies.api.decisions import OrderDecisions
from scalper_policies.api.lists import Backtests, DrawEntries, Draws, ListEntries, ListFiles
from scalper_policies.api.policies import Policies, Snoozes, Versions

router = SimpleRouter(trailing_slash=False)
router.register("order-decisions", OrderDecisions, basename="api_order_decision")
router.register("scalper-backtests", Backtests, basename="api_scalper_backtest")
router.register("scalper-baseline-rules", BaselineRules, basename="api_scalper_baseline")
router.register("scalper-overrides", Overrides, basename="api_scalper_override")
router.register("scalper-draws", Draws, basename="api_scalper_draw")
router.register("scalper-draw-entries", DrawEntries, basename="api_scalper_draw_entry")
router.register("scalper-list-files", ListFiles, basename="api_scalper_list_file")
router.register("scalper-policy-versions", Versions, basename="api_scalper_version")
router.register("scalper-snoozes", Snoozes, basename="api_scalper_snooze")
router.register("scalper-list-entries", ListEntries, basename="api_scalper_list_entry")
router.register("scalper-policies", Policies, basename="api_scalper_policy")

urlpatterns = [path("", include(router.urls))]
