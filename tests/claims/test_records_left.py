"""What programs say about a complaint, and a file that is stopped, leave their record in the same transaction."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from claims.models import Claim
from claims.services import bulk_filing, conversing
from merchant_protection.foundation import tenancy
from tests.audit.pressing import pressed
from tests.factories import claims as make
from tests.factories.accounts import ApiKeyFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}
FILE = b"order,kind,story\nN-1,EXTORTION,He wants money.\n"


def test_a_shop_says_that_the_evidence_is_there(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    make.on_the_desk(reviewer.user)
    claim = make.taken(merchant.shop, reviewer.actor, at=now - timedelta(hours=1))
    with tenancy.platform():
        conversing.ask_for_evidence(claim_id=claim.pk, actor=reviewer.actor, at=now, body="Show the chat, please.")
    path = f"/api/v1/claims/{claim.pk}/evidence-sent"

    pressed(
        "api_claim-evidence-sent", lambda client=merchant.client: client.post(path, {"body": "Here it is."}, **JSON)
    )


def test_the_platform_passes_on_a_buyers_appeal(merchant: Persona, reviewer: Persona) -> None:
    make.on_the_desk(reviewer.user)
    claim: Claim = make.decided(merchant.shop, reviewer.actor, at=timezone.now() - timedelta(hours=1))
    key = ApiKeyFactory(merchant=None, scopes=["claims:write"])
    headers = {"Authorization": f"Bearer {key.presented}", "Idempotency-Key": "appeal-1"}
    body = {"ground": "FACTS_WRONG", "text": "The chat was cut."}

    pressed(
        "api_claim_buyer_appeal",
        lambda: Client().post(f"/api/v1/claims/{claim.pk}/buyer-appeal", body, headers=headers, **JSON),
    )


def test_a_file_is_stopped(merchant: Persona, now: datetime) -> None:
    with tenancy.platform():
        filing = bulk_filing.ask(
            actor=merchant.actor, merchant_id=merchant.shop.pk, body=FILE, file_name="a.csv", zone="UTC", at=now,
            is_handed_in=False,
        )  # fmt: skip

    pressed("claims_batch_cancel", lambda client=merchant.client: client.post(f"/m/claims/file/{filing.pk}/cancel/"))
