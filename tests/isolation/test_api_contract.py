"""The API keeps what its schema promises, whatever a program sends, with keys of each kind."""

from collections import Counter
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from schemathesis.specs.openapi.checks import ignored_auth

from tests.factories import claims
from tests.factories.accounts import ApiKeyFactory
from tests.factories.marketplace import AfterSaleFactory, OrderFactory, PromotionFactory
from tests.factories.notices import DispatchFactory
from tests.fixtures.people import Persona

SCOPES = ["orders:read", "listings:read", "events:read", "notices:read", "warnings:read", "actions:read"]
SCOPES += ["claims:read", "claims:write"]
SCOPES += ["price_guard:read", "price_guard:write"]
SCOPES += ["training:read", "training:write"]
SCOPES += ["warnings:write", "policies:read", "policies:write", "orders:decide"]
SCOPES += ["webhooks:read", "webhooks:write"]


@pytest.fixture
def contract(transactional_db: None, merchant: Persona, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(settings, "API_RATES", {})  # a busy judge; how fast a key may ask, test_keys.py asks
    OrderFactory(merchant=merchant.shop, lines=2)
    PromotionFactory(merchant=merchant.shop)
    AfterSaleFactory(merchant=merchant.shop)
    claims.submitted(merchant.shop)
    claims.draft(merchant.shop)
    DispatchFactory(endpoint__merchant=merchant.shop, dead=True)
    # 422 also answers what no schema can say, such as a verb that does not fit its value.
    accepted = {"expected-statuses": ["2xx", "401", "403", "404", "409", "413", "422"]}
    config = schemathesis.Config.from_dict({"checks": {"positive_data_acceptance": accepted}})
    accept = {"Accept": "application/json"}
    return schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application(), headers=accept, config=config)


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


seen_closed: set[str] = set()
asked_by_others: set[str] = set()
asked_wrong: Counter[str] = Counter()
ASKED_IN_FULL = 12


def is_allowed(case: schemathesis.Case) -> bool:
    """Say whether the schema allows what this case sends."""
    return case.meta is None or case.meta.generation.mode == schemathesis.GenerationMode.POSITIVE


def answered(case: schemathesis.Case, headers: dict[str, str]) -> None:
    """Ask and judge; whether an address is closed without the key is tried at its first good answer, not at each."""
    without = [ignored_auth] if case.operation.label in seen_closed else []
    answer = case.call_and_validate(headers=headers, excluded_checks=without)
    if answer.status_code < 300 and is_allowed(case):
        seen_closed.add(case.operation.label)


def judged(case: schemathesis.Case, keys: list[dict[str, str]]) -> None:
    """Judge what the shop's key gets, and once for each address what those who lack the right are refused.

    The platform's key asks what the schema allows, and once what it does not: a form is refused whoever sends it.
    Of what the schema forbids the first are asked and then every third, spread over all fields; in full under soak.
    """
    shop, platform, *others = keys
    if not is_allowed(case):
        asked_wrong[case.operation.label] += 1
        if asked_wrong[case.operation.label] > ASKED_IN_FULL and asked_wrong[case.operation.label] % 3:
            return
    answered(case, shop)
    if is_allowed(case) or case.operation.label not in asked_by_others:
        answered(case, platform)
    refused_to(others, case)


def judged_in_full(case: schemathesis.Case, keys: list[dict[str, str]]) -> None:
    """Judge whatever is sent by the shop's key and by the platform's, by every check each time."""
    shop, platform, *others = keys
    for headers in (shop, platform):
        case.call_and_validate(headers=headers)
    refused_to(others, case)


def refused_to(others: list[dict[str, str]], case: schemathesis.Case) -> None:
    """Judge what those without scopes and without a key get, once for each address."""
    if case.operation.label not in asked_by_others:
        asked_by_others.add(case.operation.label)
        for headers in others:
            case.call_and_validate(headers=headers)


often = hypothesis.settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
in_full = hypothesis.settings(often, max_examples=60, derandomize=False)
schema = schemathesis.pytest.from_fixture("contract")
COMPLAINTS = "/(claims|buyer|orders|after-sales)"
PRICES = "/(price|guard|order-decisions|promotion|floor|listing)"


@schema.include(path_regex=COMPLAINTS).parametrize()
@pytest.mark.timeout(900)  # one test over many addresses
@often
def test_complaints_and_orders_answer_what_the_schema_promises(case: schemathesis.Case, keys: Any) -> None:
    judged(case, keys)


@schema.include(path_regex=PRICES).parametrize()
@pytest.mark.timeout(900)
@often
def test_prices_and_decisions_answer_what_the_schema_promises(case: schemathesis.Case, keys: Any) -> None:
    judged(case, keys)


@schema.exclude(path_regex=f"{COMPLAINTS}|{PRICES}").parametrize()
@pytest.mark.timeout(900)
@often
def test_every_other_answer_is_what_the_schema_promises(case: schemathesis.Case, keys: Any) -> None:
    judged(case, keys)


@schema.parametrize()
@pytest.mark.soak
@pytest.mark.case("T39")
@pytest.mark.timeout(7_200)
@in_full
def test_every_answer_in_full_is_what_the_schema_promises(case: schemathesis.Case, keys: Any) -> None:
    judged_in_full(case, keys)


@pytest.mark.soak
@pytest.mark.case("T39")
@pytest.mark.timeout(7_200)
def test_calls_that_follow_from_each_other_keep_to_the_schema(contract: Any, keys: Any) -> None:
    shop = keys[0]

    class Calls(contract.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            return {"headers": shop}

    Calls.run(settings=hypothesis.settings(in_full, max_examples=100, stateful_step_count=8))
