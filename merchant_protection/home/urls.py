from allauth.account.views import logout
from django.urls import path

from merchant_protection.home.views import buyers, health, pages, staff, violations, warning_limits, warnings

urlpatterns = [
    path("", pages.root, name="root"),
    path("favicon.ico", pages.icon, name="icon"),
    path("m/", pages.overview, name="overview"),
    path("m/live/", pages.live, name="live"),
    path("m/search/", pages.search, name="search"),
    path("m/outcomes/", pages.outcomes, name="outcomes"),
    path("m/violations/", violations.index, name="violations"),
    path("m/help/", pages.help_page, name="help"),
    path("m/warnings/", warnings.index, name="warnings"),
    path("m/warnings/bulk/", warnings.bulk, name="warnings_bulk"),
    path("m/warnings/limits/", warning_limits.limits, name="warning_limits"),
    path("m/warnings/jobs/<int:pk>/", warnings.job, name="warnings_job"),
    path("m/warnings/jobs/<int:pk>/cancel/", warnings.cancel_job, name="warnings_cancel"),
    path("m/warnings/jobs/<int:pk>/undo/", warnings.undo, name="warnings_undo"),
    path("m/warnings/<int:pk>/", warnings.detail, name="warning"),
    path("m/warnings/<int:pk>/answer/", warnings.answer, name="warning_answer"),
    path("m/warnings/<int:pk>/undo/", warnings.undo_one, name="warning_undo"),
    path("m/buyers/<int:pk>/", buyers.detail, name="buyer"),
    path("m/buyers/<int:pk>/restrict/", buyers.restrict, name="buyer_restrict"),
    path("m/buyers/<int:pk>/appeal/", buyers.appeal, name="buyer_appeal"),
    path("m/restrictions/", buyers.restrictions, name="restrictions"),
    path("m/restrictions/<int:pk>/lift/", buyers.lift, name="restriction_lift"),
    path("m/appeals/", buyers.appeals, name="appeals"),
    path("m/appeals/<int:pk>/", buyers.appeal_detail, name="appeal"),
    path("admin/login/", staff.sign_in),
    path("admin/logout/", logout),
    path("admin/password_change/", staff.change_password),
    path("admin/password_change/done/", staff.change_password),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
