from django.urls import path

from merchant_protection.notices.views import exports, inbox, webhooks

urlpatterns = [
    path("m/inbox/", inbox.index, name="inbox"),
    path("m/inbox/bulk/", inbox.bulk, name="inbox_bulk"),
    path("m/inbox/<int:pk>/", inbox.open_notice, name="notice"),
    path("m/notices/settings/", inbox.settings, name="notice_settings"),
    path("m/exports/", exports.index, name="exports"),
    path("m/exports/<int:pk>/file/", exports.download, name="export_file"),
    path("m/webhooks/", webhooks.index, name="webhooks"),
    path("m/webhooks/new/", webhooks.create, name="webhook_new"),
    path("m/webhooks/<int:pk>/", webhooks.detail, name="webhook"),
    path("m/webhooks/<int:pk>/edit/", webhooks.edit, name="webhook_edit"),
    path("m/webhooks/<int:pk>/rotate/", webhooks.rotate, name="webhook_rotate"),
    path("m/webhooks/<int:pk>/test/", webhooks.test, name="webhook_test"),
    path("m/webhooks/<int:pk>/replay/", webhooks.replay_failed, name="webhook_replay_failed"),
    path("m/webhooks/<int:pk>/pause/", webhooks.act, {"verb": "pause"}, name="webhook_pause"),
    path("m/webhooks/<int:pk>/resume/", webhooks.act, {"verb": "resume"}, name="webhook_resume"),
    path("m/webhooks/<int:pk>/off/", webhooks.act, {"verb": "off"}, name="webhook_off"),
    path("m/webhooks/<int:pk>/end-old-secret/", webhooks.act, {"verb": "end-old-secret"}, name="webhook_end_secret"),
    path("m/webhooks/deliveries/<int:pk>/", webhooks.delivery, name="webhook_delivery"),
    path("m/webhooks/deliveries/<int:pk>/replay/", webhooks.replay, name="webhook_replay"),
]
