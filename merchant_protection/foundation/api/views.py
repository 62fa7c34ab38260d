"""What every endpoint shares: the actor, and that it knows whose rows it may see."""

from typing import Any

from rest_framework.generics import GenericAPIView
from rest_framework.viewsets import GenericViewSet


class ActorMixin:
    """Gives views `self.actor`, loaded once per request by the middleware."""

    @property
    def actor(self) -> Any:  # an `accounts.actor.Actor`, whom the foundation does not know
        return self.request.actor  # type: ignore[attr-defined]


class Endpoint(ActorMixin, GenericAPIView):  # type: ignore[type-arg]
    """One address, its methods written out."""


class Resource(ActorMixin, GenericViewSet):  # type: ignore[type-arg]
    """A family of addresses over one kind of thing."""
