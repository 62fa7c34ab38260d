"""What holds for a shop's windows over the API: from which amount on a second person approves."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.accounts.views import step_up
from merchant_protection.foundation.api.views import Endpoint
from merchant_protection.foundation.errors import require
from pricing_guard import policies
from pricing_guard.api.policies import own_shop
from pricing_guard.api.policy_serializers import GuardSettingsIn, GuardSettingsOut
from pricing_guard.queries import policies as queries
from pricing_guard.services import windows


@extend_schema(tags=["Price guard"])
class GuardSettings(ForPrograms, Endpoint):
    """The shop's amount above which a second person approves a window."""

    read_scope = "price_guard:read"  # to change it is for the owner, so no scope writes

    @extend_schema(responses=GuardSettingsOut)
    def get(self, request: Request) -> Response:
        """Return the amount; null asks for nobody."""
        require(policies.may_look(self.actor))
        found = queries.shop(own_shop(self.actor))
        return Response(GuardSettingsOut({"second_person_above": found.second_person_above if found else None}).data)

    @extend_schema(request=GuardSettingsIn, responses=GuardSettingsOut)
    def put(self, request: Request) -> Response:
        """Set the amount; to let one person alone approve more, the owner proves again who they are."""
        told = GuardSettingsIn(data=request.data)
        told.is_valid(raise_exception=True)
        done = windows.set_second_person(
            merchant_id=own_shop(self.actor),
            above=told.validated_data["second_person_above"],
            actor=self.actor,
            at=timezone.now(),
            proved_again=step_up.proved_again(request._request),
        )
        return Response(GuardSettingsOut(done).data)
