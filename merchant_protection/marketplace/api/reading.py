"""What every reading endpoint of the marketplace shares."""

from typing import Any, ClassVar

from rest_framework.exceptions import PermissionDenied
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request

from merchant_protection.foundation.api.pagination import Cursor
from merchant_protection.foundation.api.views import Resource
from merchant_protection.marketplace import policies


class Newest(Cursor):
    """The newest row first."""

    ordering = "-id"


class Readable(ListModelMixin, RetrieveModelMixin, Resource):
    """A list and its details, for people of the shop, staff, and keys with the scope."""

    scope: ClassVar[str]
    pagination_class = Newest
    lookup_value_regex = "[0-9]{1,18}"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not policies.can_read(self.actor, self.scope):
            raise PermissionDenied(f"The key has not the scope {self.scope}.")
