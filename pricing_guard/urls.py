from django.urls import path

from pricing_guard.views import incidents, links, overview

urlpatterns = [
    path("m/price-guard/", overview.index, name="price_guard"),
    path("m/price-guard/listings/", overview.listings, name="price_listings"),
    path("m/price-guard/incidents/", incidents.index, name="price_incidents"),
    path("m/price-guard/incidents/<int:pk>/", incidents.detail, name="price_incident"),
    path("m/price-guard/incidents/<int:pk>/answer/", incidents.answer, name="price_incident_answer"),
    path("price-answers/<str:token>/", links.answer, name="price_answer"),
]
