"""The portal with one address more: a program's key is checked, and one row is inserted. The yardstick of B2."""

from django.db import connection
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.config import wsgi
from merchant_protection.config.urls import urlpatterns
from merchant_protection.foundation.api.views import Endpoint
from merchant_protection.foundation.transactions import transaction

application = wsgi.application


class OneRow(Endpoint):
    """An authenticated view that has nothing to say and inserts one row."""

    def post(self, request: Request) -> Response:
        # A body that is left unread makes the server close the connection under the next request.
        insert(len(request.data))
        return Response({"inserted": True})


@transaction
def insert(parts: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO foundation_slot (job, slot) VALUES (gen_random_uuid()::text || %s, now())", [parts])


urlpatterns.insert(0, path("api/v1/one-row", OneRow.as_view()))
