from django.urls import path

from scalper_policies.views import policies

urlpatterns = [
    path("m/scalper-policies/", policies.index, name="scalper_policies"),
    path("m/scalper-policies/new/", policies.create, name="scalper_policy_new"),
    path("m/scalper-policies/<int:pk>/", policies.detail, name="scalper_policy"),
    path("m/scalper-policies/<int:pk>/edit/", policies.edit, name="scalper_policy_edit"),
    path("m/scalper-policies/versions/<int:pk>/move/", policies.move, name="scalper_version_move"),
]
