from django.urls import include, path
from rest_framework.routers import SimpleRouter

from claims.api import buyers, complaints

router = SimpleRouter(trailing_slash=False)
router.register("claims", complaints.Complaints, basename="api_claim")

urlpatterns = [
    path("", include(router.urls)),
    path("claims/<int:pk>/buyer-appeal", buyers.BuyerAppeals.as_view(), name="api_claim_buyer_appeal"),
    path("claims/<int:pk>/moves", buyers.LegalMoves.as_view(), name="api_claim_moves"),
]
