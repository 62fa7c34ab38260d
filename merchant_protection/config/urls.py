"""The site's addresses: `/m/` for merchants, `/admin/` for staff, `/api/v1/` for programs."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView

from merchant_protection.foundation.api import problems

handler500 = "merchant_protection.foundation.error_pages.server_error"

urlpatterns = [
    path("", include("merchant_protection.home.urls")),
    path("", include("merchant_protection.accounts.urls")),
    path("", include("merchant_protection.files.urls")),
    path("", include("merchant_protection.marketplace.urls")),
    path("", include("merchant_protection.notices.urls")),
    path("", include("claims.urls")),
    path("", include("pricing_guard.urls")),
    path("", include("scalper_policies.urls")),
    path("", include("training.urls")),
    path("api/v1/", include("merchant_protection.accounts.api.urls")),
    path("api/v1/", include("merchant_protection.notices.api.urls")),
    path("api/v1/", include("merchant_protection.marketplace.api.urls")),
    path("api/v1/", include("merchant_protection.risk.api.urls")),
    path("api/v1/", include("claims.api.urls")),
    path("api/v1/", include("pricing_guard.api.urls")),
    path("api/v1/", include("scalper_policies.api.urls")),
    path("api/v1/", include("training.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", set_language, name="set_language"),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    re_path(r"^api/", problems.not_found),
]
