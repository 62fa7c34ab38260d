"""Several complaints of the list at once: taken away as a file, or dropped while they are drafts."""

import csv
import io
from datetime import datetime

import pytest

from claims.models import Claim
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.fixtures.people import Persona


def _statuses() -> dict[int, str]:
    with tenancy.platform():
        return dict(Claim.objects.values_list("pk", "status"))


@pytest.mark.django_db
def test_only_drafts_of_those_picked_are_dropped(merchant: Persona, rival: Persona, now: datetime) -> None:
    drafts = [make.draft(merchant.shop, at=now) for _ in range(3)]
    handed_in, foreign = make.submitted(merchant.shop, at=now), make.draft(rival.shop, at=now)
    picked = [drafts[0].pk, drafts[1].pk, handed_in.pk, foreign.pk, "x", "9" * 30]

    answer = merchant.client.post("/m/claims/picked/", {"do": "drop", "pick": picked}, follow=True)
    again = merchant.client.post("/m/claims/picked/", {"do": "drop", "pick": picked})

    assert (answer.status_code, again.status_code) == (200, 302)
    assert _statuses() == {
        drafts[0].pk: "WITHDRAWN",
        drafts[1].pk: "WITHDRAWN",
        drafts[2].pk: "DRAFT",
        handed_in.pk: "SUBMITTED",
        foreign.pk: "DRAFT",
    }


@pytest.mark.django_db
def test_the_picked_complaints_come_as_a_file_and_no_others(merchant: Persona, rival: Persona, now: datetime) -> None:
    mine = [make.submitted(merchant.shop, at=now) for _ in range(3)]
    foreign = make.submitted(rival.shop, at=now)

    answer = merchant.client.post("/m/claims/picked/", {"do": "export", "pick": [mine[0].pk, mine[2].pk, foreign.pk]})

    lines = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [line[0] for line in lines[1:]] == [mine[2].number, mine[0].number]


@pytest.mark.django_db
def test_an_onlooker_picks_nothing_to_drop(merchant: Persona, onlooker: Persona, now: datetime) -> None:
    draft = make.draft(merchant.shop, at=now)

    answer = onlooker.client.post("/m/claims/picked/", {"do": "drop", "pick": [draft.pk]})

    assert answer.status_code == 403
    assert _statuses() == {draft.pk: "DRAFT"}
    assert 'name="pick"' not in onlooker.client.get("/m/claims/?view=all").content.decode()
    assert 'name="pick"' in merchant.client.get("/m/claims/?view=all").content.decode()
