from django.urls import path

from merchant_protection.notices import views

urlpatterns = [
    path("m/inbox/", views.index, name="inbox"),
    path("m/inbox/bulk/", views.bulk, name="inbox_bulk"),
    path("m/inbox/<int:pk>/", views.open_notice, name="notice"),
    path("m/notices/settings/", views.settings, name="notice_settings"),
]
