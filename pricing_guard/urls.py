from django.urls import path

from pricing_guard.views import incidents

urlpatterns = [
    path("m/price-guard/", incidents.index, name="price_guard"),
    path("m/price-guard/incidents/<int:pk>/", incidents.detail, name="price_incident"),
    path("m/price-guard/incidents/<int:pk>/answer/", incidents.answer, name="price_incident_answer"),
]
