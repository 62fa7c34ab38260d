from django.urls import path

from scalper_policies.views import backtests, baseline, calendar, decisions, draws, lists, policies

urlpatterns = [
    path("m/scalper-policies/", policies.index, name="scalper_policies"),
    path("m/scalper-policies/new/", policies.create, name="scalper_policy_new"),
    path("m/scalper-policies/baseline/", baseline.index, name="scalper_baseline"),
    path("m/scalper-policies/calendar/", calendar.month, name="scalper_calendar"),
    path("m/scalper-policies/<int:pk>/", policies.detail, name="scalper_policy"),
    path("m/scalper-policies/<int:pk>/edit/", policies.edit, name="scalper_policy_edit"),
    path("m/scalper-policies/<int:pk>/compare/", backtests.compare, name="scalper_compare"),
    path("m/scalper-policies/versions/<int:pk>/move/", policies.move, name="scalper_version_move"),
    path("m/scalper-policies/versions/<int:pk>/backtest/", backtests.start, name="scalper_backtest_start"),
    path("m/scalper-policies/backtests/<int:pk>/", backtests.detail, name="scalper_backtest"),
    path("m/scalper-policies/backtests/<int:pk>/cancel/", backtests.cancel, name="scalper_backtest_cancel"),
    path("m/scalper-policies/backtests/<int:pk>/orders.csv", backtests.hits_csv, name="scalper_backtest_csv"),
    path("m/scalper-policies/decisions/", decisions.index, name="scalper_decisions"),
    path("m/scalper-policies/decisions/<int:pk>/", decisions.detail, name="scalper_decision"),
    path("m/scalper-policies/decisions/<int:pk>/say/", decisions.say, name="scalper_decision_say"),
    path("m/scalper-policies/lists/", lists.index, name="scalper_lists"),
    path("m/scalper-policies/lists/add/", lists.add, name="scalper_list_add"),
    path("m/scalper-policies/lists/<int:pk>/remove/", lists.remove, name="scalper_list_remove"),
    path("m/scalper-policies/draws/", draws.index, name="scalper_draws"),
    path("m/scalper-policies/draws/new/", draws.create, name="scalper_draw_new"),
    path("m/scalper-policies/draws/<int:pk>/", draws.detail, name="scalper_draw"),
    path("m/scalper-policies/draws/<int:pk>/cancel/", draws.cancel, name="scalper_draw_cancel"),
    path("m/scalper-policies/draws/<int:pk>/recompute/", draws.recompute, name="scalper_draw_recompute"),
    path("m/scalper-policies/draws/<int:pk>/entries.csv", draws.entries_csv, name="scalper_draw_entries"),
    path("draws/<str:commitment>/", draws.published, name="draw_published"),
    path("draws/<str:commitment>/entries.csv", draws.published_entries, name="draw_published_entries"),
]
