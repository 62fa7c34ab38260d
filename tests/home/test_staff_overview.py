"""The first staff page tells each role what waits for it, and no role another's work."""

import pytest

from tests.factories import claims
from tests.fixtures.people import Persona

DESK, ROOMS, PRICES = "Complaints nobody has", "Questions to answer", "Open price incidents"


@pytest.fixture(autouse=True)
def _second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "sees", "not_"),
    [
        ("reviewer", [DESK, "Mis-hit appeals to answer"], [ROOMS, PRICES, "Received today"]),
        ("trainer", [ROOMS, "Versions to look over"], [DESK, PRICES, "Mis-hit appeals to answer", "Received today"]),
        ("staff", [DESK, ROOMS, PRICES, "Received today"], []),
    ],
)
def test_each_role_is_told_its_own_work(
    merchant: Persona, request: pytest.FixtureRequest, who: str, sees: list[str], not_: list[str]
) -> None:
    person: Persona = request.getfixturevalue(who)
    person.user.language = "en"
    person.user.save(update_fields=["language"])
    page = person.client.get("/admin/", headers={"Accept-Language": "en"}).content.decode()

    assert [words for words in sees if words not in page] == []
    assert [words for words in not_ if words in page] == []


@pytest.mark.django_db
def test_a_card_counts_what_its_link_lists(merchant: Persona, reviewer: Persona) -> None:
    claims.submitted(merchant.shop)
    page = reviewer.client.get("/admin/", headers={"Accept-Language": "en"})

    card = next(each for each in page.context["waiting"] if each.link.endswith("tab=unassigned"))
    listed = reviewer.client.get(card.link).context["page"].rows
    assert card.figure == len(listed) == 1


@pytest.mark.django_db
def test_a_closed_page_says_who_can_open_it(trainer: Persona) -> None:
    answer = trainer.client.get("/admin/marketplace/order/", headers={"Accept-Language": "en"})

    assert answer.status_code == 403
    assert "Your staff role does not open this page." in answer.content.decode()
