"""The API keeps what its schema promises, whatever a program sends, with keys of each kind."""

from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application

from tests.factories import claims
from tests.factories.accounts import ApiKeyFactory
from tests.factories.marketplace import AfterSaleFactory, OrderFactory, PromotionFactory
from tests.fixtures.people import Persona

SCOPES = [
    "orders:decide",
    "policies:read",
    "orders:read",
    "listings:read",
    "events:read",
    "notices:read",
    "warnings:read",
    "actions:read",
]
SCOPES = ["orders:read", "listings:read", "events:read", "notices:read", "warnings:read", "actions:read"]
SCOPES += ["claims:read", "claims:write"]
SCOPES += ["price_guard:read", "price_guard:write"]
SCOPES += ["training:read", "training:write"]
SCOPES += ["warnings:write"]


@pytest.fixture
def contract(transactional_db: None, merchant: Persona) -> Any:
    OrderFactory(merchant=merchant.shop, lines=2)
    PromotionFactory(merchant=merchant.shop)
    AfterSaleFactory(merchant=merchant.shop)
    claims.submitted(merchant.shop)
    claims.draft(merchant.shop)
    # 422 also answers what no schema can say, such as a verb that does not fit its value.
    accepted = {"expected-statuses": ["2xx", "401", "403", "404", "409", "413", "422"]}
    config = schemathesis.Config.from_dict({"checks": {"positive_data_acceptance": accepted}})
    accept = {"Accept": "application/json"}
    return schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application(), headers=accept, config=config)


schema = schemathesis.pytest.from_fixture("contract")


@pytest.fixture
def keys(merchant: Persona) -> list[dict[str, str]]:
    """What each kind of sender sends: a shop's key, the platform's, one without scopes, and none."""
    made = [
        ApiKeyFactory(merchant=merchant.shop, scopes=SCOPES),
        ApiKeyFactory(merchant=None, scopes=[*SCOPES, "merchants:write"]),
        ApiKeyFactory(merchant=merchant.shop, scopes=[]),
    ]
    plain = {"Accept-Encoding": "identity"}  # what is packed, the judge cannot read
    return [plain | {"Authorization": f"Bearer {key.presented}"} for key in made] + [plain]


@schema.parametrize()
@pytest.mark.timeout(900)  # one test over all addresses
@hypothesis.settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_every_answer_is_what_the_schema_promises(case: schemathesis.Case, keys: list[dict[str, str]]) -> None:
    for headers in keys:
        case.call_and_validate(headers=headers)
