"""What every endpoint shares: the actor, and that it knows whose rows it may see."""

from typing import TYPE_CHECKING

from rest_framework.generics import GenericAPIView
from rest_framework.viewsets import GenericViewSet

if TYPE_CHECKING:
    from merchant_protection.accounts.actor import Actor


class ActorMixin:
    """Gives views `self.actor`, loaded once per request by the middleware."""

    @property
    def actor(self) -> "Actor":
        return self.request.actor  # type: ignore[attr-defined, no-any-return]


class Endpoint(ActorMixin, GenericAPIView):
    """One address, its methods written out."""


class Resource(ActorMixin, GenericViewSet):
    """A family of addresses over one kind of thing."""
