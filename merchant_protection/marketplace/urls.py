from django.urls import path

from merchant_protection.marketplace.views import actions, brakes, events, imports, listings, orders, privacy

urlpatterns = [
    path("m/orders/", orders.index, name="orders"),
    path("m/orders/<int:pk>/", orders.detail, name="order"),
    path("m/orders/<int:pk>/recipient/", privacy.recipient, name="order_recipient"),
    path("m/listings/", listings.index, name="listings"),
    path("m/listings/<int:pk>/", listings.detail, name="listing"),
    path("m/imports/", imports.index, name="imports"),
    path("m/imports/new/", imports.create, name="import_new"),
    path("m/imports/<int:pk>/", imports.detail, name="import"),
    path("m/imports/<int:pk>/cancel/", imports.cancel, name="import_cancel"),
    path("m/imports/<int:pk>/resume/", imports.resume, name="import_resume"),
    path("m/imports/<int:pk>/faults.csv", imports.faults, name="import_faults"),
    path("m/events/", events.index, name="events"),
    path("m/events/<int:pk>/", events.detail, name="event"),
    path("m/sources/", events.source_list, name="sources"),
    path("m/sources/new/", events.create, name="source_new"),
    path("m/sources/<int:pk>/secret/", events.add_secret, name="source_add_secret"),
    path("m/sources/<int:pk>/secrets/<int:secret_pk>/revoke/", events.revoke_secret, name="source_revoke_secret"),
    path("m/sources/<int:pk>/switch/", events.switch, name="source_switch"),
    path("m/actions/", actions.index, name="actions"),
    path("m/actions/switch/", brakes.turn, name="shop_switch"),
    path("m/actions/pauses/<int:pk>/resume/", brakes.resume, name="rule_resume"),
    path("m/actions/<int:pk>/", actions.detail, name="action"),
    path("m/actions/<int:pk>/decide/", actions.decide, name="action_decide"),
]
