"""A stop is lifted in an emergency by two people of operations, and by nobody else."""

from datetime import timedelta

import pytest
from django.urls import reverse

from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from merchant_protection.marketplace.queries import doubts
from pricing_guard.models import Incident, IncidentMove
from pricing_guard.services.incidents import answering, releasing
from tests.factories.accounts import UserFactory
from tests.fixtures.people import Persona
from tests.pricing_guard.conftest import guarded, listing, price

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]


@pytest.fixture
def colleague(db):
    return Persona(UserFactory(operations=True, email="second@example.com"))


@pytest.fixture
def stopped(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(price("12.99", 2, at=now))
    return Incident.objects.get(status="TRIPPED")


def release(incident, who, at, reason="the reference is wrong"):
    return releasing.release(incident_id=incident.pk, actor=who.actor, at=at, reason=reason)


def test_two_people_of_operations_lift_a_stop(stopped, merchant, staff, colleague, now):
    asked = release(stopped, staff, now)
    assert asked.status == "TRIPPED"

    done = release(stopped, colleague, now + timedelta(minutes=5))

    assert done.status == "RESTORED"
    assert not doubts.held_among(merchant.shop.pk, ["WM-1"])
    names = Entry.objects.filter(subject_kind="price_incident").order_by("pk").values_list("action", "actor_id")
    assert list(names)[-2:] == [
        ("price_incident.release_asked", staff.user.pk),
        ("price_incident.restored", colleague.user.pk),
    ]


def test_one_person_alone_does_not_and_a_wish_is_forgotten_after_an_hour(stopped, staff, colleague, now):
    release(stopped, staff, now)
    with pytest.raises(Conflict):
        release(stopped, staff, now + timedelta(minutes=1))
    late = release(stopped, colleague, now + timedelta(minutes=61))

    assert late.status == "TRIPPED"
    assert IncidentMove.objects.filter(move=releasing.ASKED).count() == 2


def test_it_is_refused_to_shops_without_a_reason_and_where_nothing_is_stopped(stopped, merchant, staff, now):
    with pytest.raises(NotAllowed):
        release(stopped, merchant, now)
    with pytest.raises(Invalid):
        release(stopped, staff, now, reason=" ")
    assert not IncidentMove.objects.filter(move=releasing.ASKED).exists()
    answering.restore(incident_id=stopped.pk, actor=merchant.actor, at=now, price="before")
    with pytest.raises(Conflict):
        release(stopped, staff, now)


def test_the_staff_page_asks_for_it(stopped, staff, monkeypatch):
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    page = staff.client.get(reverse("admin:pricing_guard_incident_change", args=[stopped.pk])).content.decode()
    path = reverse("admin:pricing_guard_incident_release", args=[stopped.pk])

    answer = staff.client.post(path, {"_form_submitted": "True", "reason": "the reference is wrong"})

    assert path in page
    assert answer.status_code == 200
    with tenancy.platform():
        assert IncidentMove.objects.filter(move=releasing.ASKED).count() == 1
