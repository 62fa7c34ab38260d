from django.urls import path

from claims.api import buyers

urlpatterns = [
    path("claims/<int:pk>/buyer-appeal", buyers.BuyerAppeals.as_view(), name="api_claim_buyer_appeal"),
    path("claims/<int:pk>/moves", buyers.LegalMoves.as_view(), name="api_claim_moves"),
]
