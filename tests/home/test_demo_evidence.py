"""The demo's complaints show real files."""

from datetime import datetime

import pytest

from claims.models import Evidence
from claims.queries import evidence as queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.home.demo import evidence
from tests.factories import claims as make
from tests.factories.marketplace import AfterSaleFactory
from tests.fixtures.people import Persona


@pytest.mark.django_db
def test_the_demos_complaints_show_a_film_a_paper_and_the_same_chat_twice(
    merchant: Persona, kept_in, now: datetime
) -> None:
    claims = [make.submitted(merchant.shop, at=now) for _ in range(3)]
    for kind in ("SWAPPED_OR_EMPTY_RETURN", "FALSE_NON_RECEIPT"):
        draft = make.draft(merchant.shop, kind=kind, at=now)
        with tenancy.platform():
            AfterSaleFactory(merchant=draft.merchant, order=draft.order)
    for _ in range(2):
        with tenancy.platform():
            evidence.seed(actor=Actor.clock("seed_demo"), merchant_id=merchant.shop.pk, at=now)

    with tenancy.platform():
        shown = list(Evidence.objects.select_related("file", "claim").order_by("pk"))
        assert {each.file.kind for each in shown} == {"IMAGE", "VIDEO", "PDF"}
        assert {each.file.status for each in shown} == {"CLEAN"}
        assert queries.claims_with_same_picture(claims[0]) == [claims[2].pk]
        assert len(shown) == len({each.file_id for each in shown}) == 6
