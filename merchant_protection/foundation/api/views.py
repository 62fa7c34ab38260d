"""What every endpoint shares: the actor, and that it knows whose rows it may see."""

from typing import Any

from rest_framework.generics import GenericAPIView
from rest_framework.metadata import SimpleMetadata
from rest_framework.viewsets import GenericViewSet


class ActorMixin:
    """Gives views `self.actor`, loaded once per request by the middleware."""

    @property
    def actor(self) -> Any:  # an `accounts.actor.Actor`, whom the foundation does not know
        return self.request.actor  # type: ignore[attr-defined]


class Described(SimpleMetadata):
    """What OPTIONS tells of an address: its fields stand in the schema, and it may have no rows to look at."""

    def determine_actions(self, request: Any, view: Any) -> dict[str, Any]:
        return {}


class Endpoint(ActorMixin, GenericAPIView):  # type: ignore[type-arg]
    """One address, its methods written out."""

    metadata_class = Described


class Resource(ActorMixin, GenericViewSet):  # type: ignore[type-arg]
    """A family of addresses over one kind of thing."""
