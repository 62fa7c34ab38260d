from django.urls import path

from merchant_protection.notices.views import exports, inbox

urlpatterns = [
    path("m/inbox/", inbox.index, name="inbox"),
    path("m/inbox/bulk/", inbox.bulk, name="inbox_bulk"),
    path("m/inbox/<int:pk>/", inbox.open_notice, name="notice"),
    path("m/notices/settings/", inbox.settings, name="notice_settings"),
    path("m/exports/", exports.index, name="exports"),
    path("m/exports/<int:pk>/file/", exports.download, name="export_file"),
]
