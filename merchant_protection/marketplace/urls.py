from django.urls import path

from merchant_protection.marketplace.views import imports, listings, orders

urlpatterns = [
    path("m/orders/", orders.index, name="orders"),
    path("m/orders.csv", orders.export, name="orders_csv"),
    path("m/orders/<int:pk>/", orders.detail, name="order"),
    path("m/listings/", listings.index, name="listings"),
    path("m/listings/<int:pk>/", listings.detail, name="listing"),
    path("m/imports/", imports.index, name="imports"),
    path("m/imports/new/", imports.create, name="import_new"),
    path("m/imports/<int:pk>/", imports.detail, name="import"),
    path("m/imports/<int:pk>/cancel/", imports.cancel, name="import_cancel"),
    path("m/imports/<int:pk>/resume/", imports.resume, name="import_resume"),
    path("m/imports/<int:pk>/faults.csv", imports.faults, name="import_faults"),
]
