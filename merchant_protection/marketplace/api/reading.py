"""What every reading endpoint of the marketplace shares."""

from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.pagination import Cursor
from merchant_protection.foundation.api.views import Resource


class Newest(Cursor):
    """The newest row first."""

    ordering = "-id"


class Readable(ListModelMixin, RetrieveModelMixin, ForPrograms, Resource):
    """A list and its details, for people of the shop, staff, and keys with the scope."""

    pagination_class = Newest
    lookup_value_regex = "[0-9]{1,18}"
