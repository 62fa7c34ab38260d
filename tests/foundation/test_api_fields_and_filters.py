"""What programs send is taken as the API's description says, or refused: nothing is guessed at."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError as FormError
from django.test import Client
from rest_framework.exceptions import ValidationError

from merchant_protection.foundation.api.fields import Amount, Flag, Pattern, Text
from merchant_protection.foundation.api.filters import MomentField
from tests.factories.accounts import ApiKeyFactory
from tests.fixtures.people import Persona


@pytest.mark.parametrize(
    ("field", "given"),
    [
        (Text(), 0),
        (Text(), True),
        (Text(), ["a"]),
        (Pattern("[A-Z]{3}"), "CNYX"),
        (Amount(max_digits=12, decimal_places=2), 1),
        (Amount(max_digits=12, decimal_places=2), 1.5),
        (Amount(max_digits=12, decimal_places=2), "1.234"),
        (Flag(), 0),
        (Flag(), "true"),
        (Flag(), None),
    ],
)
def test_what_only_looks_like_it_is_refused(field: Any, given: object) -> None:
    with pytest.raises(ValidationError):
        field.run_validation(given)


def test_what_is_meant_is_taken() -> None:
    assert Text().run_validation("0") == "0"
    assert str(Amount(max_digits=12, decimal_places=2).run_validation("1.50")) == "1.50"
    assert Flag().run_validation(False) is False


def test_a_moment_is_brought_to_utc_or_refused_where_no_clock_can_say_it() -> None:
    assert MomentField().clean("0285-09-07T10:21:23-22:30") == datetime(285, 9, 8, 8, 51, 23, tzinfo=UTC)
    assert MomentField(required=False).clean("") is None
    for beyond in ("9999-12-31T23:00:00-02:00", "0001-01-01T00:00:00+02:00"):
        with pytest.raises(FormError):
            MomentField().clean(beyond)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("created_from=0285-09-07T10:21:23-22:30", 200),
        ("created_from=9999-12-31T23:00:00-02:00", 422),
        ("created_from=", 422),
        ("status=", 422),
        ("staus=DRAFT", 422),
        ("status=DRAFT&limit=1", 200),
    ],
)
def test_a_filter_is_understood_or_refused(client: Client, merchant: Persona, query: str, status: int) -> None:
    key = ApiKeyFactory(merchant=merchant.shop, scopes=["claims:read"])

    answer = client.get(f"/api/v1/claims?{query}", headers={"Authorization": f"Bearer {key.presented}"})

    assert answer.status_code == status
    if status == 422:
        assert answer.json()["errors"][0]["field"] == query.split("=")[0]
