"""What a body names is looked for among one's own: naming another shop's answers as naming what is not there."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from merchant_protection.accounts import policies
from merchant_protection.accounts.models import ApiKey, KeptAnswer
from merchant_protection.foundation import tenancy
from tests.factories.marketplace import BuyerFactory, OrderFactory
from tests.factories.risk import WarningFactory
from tests.factories.scalper_policies import DrawFactory, OrderDecisionFactory, VersionFactory
from tests.fixtures.people import Persona
from tests.foundation.test_api_inputs import inputs
from tests.training import folders

NOWHERE = 999_999_999
LATER = "2027-01-01T00:00:00Z"
RESTRICTION = {"limits": ["NO_ORDERS"], "days": 3, "reason": "Again and again."}
PRICE = {"sku": "S", "price": "1.00"}
DRAW = {"name": "Draw", "places": 5, "opens_at": "2026-12-30T00:00:00Z", "closes_at": LATER}
APPEAL = {"reference": "R-1", "words": "It was not me."}
SNOOZE = {"rule": "LIMIT", "until": LATER}
OVERRIDE = {"reason": "As agreed.", "until": LATER}
ACTION = {"kind": "LISTING", "ref": "S", "verb": "delist", "value": "DELISTED", "reason": "As agreed."}
VIOLATION = {"reference": "V-1", "kind": "OTHER", "reason": "As told.", "points": 2, "happened_at": LATER}
# Every place of a body that names a row: its serializer, the address, and the rest of the body.
NAMED: dict[str, tuple[str, dict[str, Any]]] = {
    "ClaimIn.order": ("claims", {"kind": "EXTORTION"}),
    "ClaimIn.joined_orders": ("claims", {"kind": "EXTORTION", "order": "OWN"}),
    "ActionIn.merchant": ("actions", ACTION),
    "AppealIn.merchant": ("buyer-appeals", APPEAL | {"order_number": "A-1"}),
    "AppealIn.decision_id": ("buyer-appeals", APPEAL),
    "RestrictionIn.buyer_id": ("buyer-restrictions", RESTRICTION),
    "RestrictionIn.warning_id": ("buyer-restrictions", RESTRICTION | {"buyer_id": "OWN"}),
    "ViolationIn.merchant": ("violations", VIOLATION),
    "PricingGuardBacktestIn.policy_id": ("price-backtests", {"kind": "BACKTEST"}),
    "PriceCheckIn.merchant": ("price-checks", PRICE),
    "AnswerOverrideIn.decision_id": ("scalper-overrides/answers", OVERRIDE | {"verdict": "allow"}),
    "ScalperBacktestIn.version_id": ("scalper-backtests", {"days": 7, "reading": "observed"}),
    "DrawEntryIn.draw_id": ("scalper-draw-entries", {"buyer": "B-1"}),
    "DrawIn.policy_id": ("scalper-draws", DRAW),
    "RuleOverrideIn.merchant": ("scalper-overrides/rules", OVERRIDE | {"rule": "LIMIT"}),
    "RuleOverrideIn.policy_id": ("scalper-overrides/rules", OVERRIDE | {"rule": "LIMIT"}),
    "SnoozeIn.decision_id": ("scalper-snoozes", SNOOZE | {"policy_id": "OWN"}),
    "SnoozeIn.policy_id": ("scalper-snoozes", SNOOZE | {"decision_id": "OWN"}),
    "AssignmentIn.user": ("training/assignments", {"course": "OWN"}),
}
# Numbers within the thing that the address names, which is one's own or not found.
WITHIN = {
    *(
        "ClaimIn.lines",
        "ChangeIn.lines",
        "ChangeIn.joined_orders",
        "SaidIn.lines",
        "SaidIn.joined_orders",
        "ChooseIn.orders",
    ),
    *("ExemptIn.pack", "ExemptIn.orders", "PublishIn.number", "AnswerIn.question"),
}
AS_CODE = ("PriceCheckIn.merchant", "RuleOverrideIn.merchant")  # where a shop is named by its code
# Kept as it was told, in one's own shop, for the person who answers the appeal.
TOLD = {"AppealIn.merchant", "AppealIn.decision_id"}
NAMES = {"merchant", "order", "user", "orders", "lines", "joined_orders", "pack", "number", "question"}
LISTS = {"joined_orders"}


def name_of(kind: type[Any]) -> str:
    area = {"pricing_guard": "PricingGuard", "scalper_policies": "Scalper"}.get(kind.__module__.split(".")[0], "")
    return f"{area}{kind.__name__}" if kind.__name__ == "BacktestIn" else kind.__name__


@pytest.fixture
def theirs(merchant: Persona) -> dict[str, Any]:
    """What shop A has, by the name under which a body names it."""
    order = OrderFactory(merchant=merchant.shop, number="A-1", lines=1)
    version = VersionFactory(merchant=merchant.shop)
    decision = OrderDecisionFactory(merchant=merchant.shop, number="A-2", verdict="HOLD")
    return {
        "order": order.number,
        "joined_orders": [order.number],
        "merchant": merchant.shop.pk,
        "buyer_id": order.buyer_id,
        "warning_id": WarningFactory(merchant=merchant.shop).pk,
        "decision_id": decision.pk,
        "policy_id": version.policy_id,
        "version_id": version.pk,
        "draw_id": DrawFactory(merchant=merchant.shop).pk,
        "user": merchant.user.pk,
    }


@pytest.fixture
def own(rival: Persona, now: datetime) -> dict[str, Any]:
    placed = now - timedelta(days=3)
    order = OrderFactory(merchant=rival.shop, number="B-1", lines=1, placed_at=placed)
    return {
        "order": order.number,
        "buyer_id": BuyerFactory(merchant=rival.shop).pk,
        "policy_id": VersionFactory(merchant=rival.shop).policy_id,
        "decision_id": OrderDecisionFactory(merchant=rival.shop, number="B-2", verdict="HOLD").pk,
        "course": folders.course(folders.of_disk(), at=now).code,
    }


def rows_of(persona: Persona) -> dict[str, int]:
    """How many rows of each kind a shop has."""
    kinds = [kind for kind in apps.get_models() if any(each.name == "merchant" for each in kind._meta.fields)]
    with tenancy.platform():
        return {
            kind.__name__: kind._base_manager.filter(merchant_id=persona.shop.pk).count()
            for kind in kinds
            if kind not in (ApiKey, KeptAnswer)
        }


@pytest.mark.django_db
def test_naming_what_is_anothers_answers_as_naming_nothing(
    theirs: dict[str, Any], own: dict[str, Any], merchant: Persona, rival: Persona
) -> None:
    headers = rival.key(*policies.MERCHANT_SCOPES)["headers"]
    before, told = rows_of(merchant), []

    for place, (where, rest) in NAMED.items():
        field = place.partition(".")[2]
        kept = {name: own[name] if value == "OWN" else value for name, value in rest.items()}
        named = merchant.shop.code if place in AS_CODE else theirs[field]
        named = str(named) if place == "AppealIn.decision_id" else named
        nowhere: Any = f"{NOWHERE}" if isinstance(named, str) else NOWHERE
        nowhere = [type(named[0])(NOWHERE)] if field in LISTS else nowhere
        answers = [ask(where, kept | {field: value}, headers, f"{place}-{value}") for value in (named, nowhere)]
        refused = {201} if place in TOLD else {403, 404, 422}
        told += [(place, *answers)] if answers[0] != answers[1] or answers[0][0] not in refused else []

    assert told == []
    assert rows_of(merchant) == before


def ask(where: str, body: dict[str, Any], headers: dict[str, str], name: str) -> tuple[int, Any]:
    """The answer without what differs by request."""
    keyed = headers | {"Idempotency-Key": name.replace(" ", "")}
    answer = Client().post(f"/api/v1/{where}", json.dumps(body), content_type="application/json", headers=keyed)
    said = answer.json()
    return answer.status_code, {name: value for name, value in said.items() if name not in {"request_id", "instance"}}


def test_every_place_that_names_a_row_stands_here() -> None:
    found = {
        f"{name_of(kind)}.{name}"
        for kind in inputs()
        for name, field in kind().fields.items()
        if not field.read_only and (name in NAMES or name.endswith("_id"))
    }

    assert found == {*NAMED, *WITHIN}
