from django.urls import path

from merchant_protection.home import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
]
