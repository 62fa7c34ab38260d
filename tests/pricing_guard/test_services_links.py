"""Answering from the alert: signed, for one person, once, in time; opening the page answers nothing."""

from datetime import timedelta

import pytest
from django.test import Client

from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import wording
from pricing_guard.models import Incident, IncidentLink
from pricing_guard.services.incidents import links
from tests.pricing_guard.conftest import listing, price

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def incident(platform_scope, tell, merchant, now):
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    tell(price("129.90", 2, at=now))
    return Incident.objects.get()


def path_of(incident, purpose, person):
    link = IncidentLink.objects.get(incident=incident, purpose=purpose)
    return f"/price-answers/{links.token_of(link, user_id=person.user.pk)}/"


def test_the_mail_carries_both_answers_for_its_reader(incident, merchant):
    letter = wording.letter_of_notice(
        Notice.objects.get(kind="price.incident"), language="en", reader_id=merchant.user.pk
    )

    assert path_of(incident, "STOP", merchant) in letter.text
    assert path_of(incident, "MEANT", merchant) in letter.html
    assert (
        "price-answers" not in wording.letter_of_notice(Notice.objects.get(kind="price.incident"), language="en").text
    )


def test_looking_answers_nothing_and_the_button_once(incident, merchant):
    where = path_of(incident, "STOP", merchant)
    assert Client().get(where).status_code == 200
    assert Incident.objects.get().status == "SUSPECTED"

    assert Client().post(where).status_code == 200
    assert Incident.objects.get().status == "TRIPPED"
    assert Incident.objects.get().answered_by == "Ann Owner"
    assert Client().post(where).status_code == 409
    assert Client().post(path_of(incident, "MEANT", merchant), {"reason": "CLEARANCE"}).status_code == 409


def test_it_is_meant_by_link_needs_its_reason(incident, merchant):
    where = path_of(incident, "MEANT", merchant)
    assert Client().post(where, {"reason": "BECAUSE"}).status_code == 422
    assert Incident.objects.get().status == "SUSPECTED"

    assert Client().post(where, {"reason": "CLEARANCE"}).status_code == 200
    assert Incident.objects.get().status == "INTENDED"


def test_who_may_not_answer_cannot_by_link(incident, onlooker, rival, merchant):
    assert Client().post(path_of(incident, "STOP", onlooker)).status_code == 403
    assert Client().post(path_of(incident, "STOP", rival)).status_code == 404
    assert Client().get(path_of(incident, "STOP", merchant)[:-2] + "x/").status_code == 404
    assert Client().get("/price-answers/nonsense/").status_code == 404
    assert Incident.objects.get().status == "SUSPECTED"


def test_an_old_link_answers_nothing(incident, merchant, now):
    IncidentLink.objects.update(expires_at=now - timedelta(seconds=1))

    assert Client().post(path_of(incident, "STOP", merchant)).status_code == 409
    assert Incident.objects.get().status == "SUSPECTED"
