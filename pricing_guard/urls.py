from django.urls import path

from pricing_guard.views import bands, incidents, links, orders, overview, policies, policy

urlpatterns = [
    path("m/price-guard/", overview.index, name="price_guard"),
    path("m/price-guard/listings/", overview.listings, name="price_listings"),
    path("m/price-guard/incidents/", incidents.index, name="price_incidents"),
    path("m/price-guard/incidents/<int:pk>/", incidents.detail, name="price_incident"),
    path("m/price-guard/incidents/<int:pk>/answer/", incidents.answer, name="price_incident_answer"),
    path("m/price-guard/incidents/<int:pk>/orders/", orders.choose, name="price_incident_orders"),
    path("m/price-guard/incidents/<int:pk>/evidence/", orders.pack, name="price_incident_pack"),
    path("m/price-guard/evidence/<int:pk>/", orders.download, name="price_pack"),
    path("m/price-guard/evidence/<int:pk>/exempt/", orders.exempt, name="price_pack_exempt"),
    path("price-answers/<str:token>/", links.answer, name="price_answer"),
    path("m/price-guard/policies/", policies.index, name="price_policies"),
    path("m/price-guard/policies/new/", policies.create, name="price_policy_new"),
    path("m/price-guard/policies/bands/", bands.show, name="price_bands"),
    path("m/price-guard/policies/<int:pk>/", policy.detail, name="price_policy"),
    path("m/price-guard/policies/<int:pk>/edit/", policies.edit, name="price_policy_edit"),
    path("m/price-guard/policies/<int:pk>/compare/", policy.compare, name="price_policy_compare"),
    path("m/price-guard/policies/<int:pk>/move/", policy.move, name="price_policy_move"),
]
