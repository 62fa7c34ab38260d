"""The figures of the desk, the public page and blind second reviews."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from claims.models import Sample
from claims.queries import figures
from claims.services import deciding
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.factories.accounts import UserFactory
from tests.fixtures.people import Persona

ZONE = "Asia/Shanghai"


@pytest.fixture(autouse=True)
def _desk(reviewer: Persona, senior: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    cache.delete("claims.public_figures")
    with tenancy.platform():
        make.limits(sampled=0)  # no case is drawn by chance
    for person in (reviewer, senior):
        make.on_the_desk(person.user)
        person.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def test_review_times_are_counted_from_filing_to_the_first_decision(
    merchant: Persona, reviewer: Persona, senior: Persona, platform_scope: None, now: datetime
) -> None:
    for _ in range(3):
        claim = make.decided(merchant.shop, reviewer.actor, at=now)
    deciding.override(claim_id=claim.pk, actor=senior.actor, at=now + timedelta(days=1), verdict=make.REJECT)
    make.submitted(merchant.shop, at=now)

    (week,) = figures.weeks(since=now - timedelta(days=1), zone=ZONE)
    (by_queue,) = figures.weeks(since=now - timedelta(days=1), zone=ZONE, by_queue=True)
    people = {person.name: person for person in figures.people(since=now - timedelta(days=1))}

    assert (week.decided, week.median, week.p90) == (3, timedelta(minutes=5), timedelta(minutes=5))
    assert (week.late, round(week.overturned, 3), by_queue.queue) == (0.0, 0.333, "EXTORTION")
    assert people["Rita Reviewer"].effort == timedelta(minutes=4)
    assert round(people["Rita Reviewer"].overturned, 3) == 0.333
    assert sum(figures.arrivals(since=now - timedelta(days=1), zone=ZONE).values()) == 4
    assert figures.ages(now=now + timedelta(days=2)) == [0, 1, 0, 0, 0]


def test_the_report_and_the_public_page_tell_the_same_and_name_nobody(
    merchant: Persona, reviewer: Persona, senior: Persona, anonymous_client: Client, now: datetime
) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, at=now)

    report = senior.client.get(reverse("desk_figures"), {"reviewers": "3"}).content.decode()
    odd = senior.client.get(reverse("desk_figures"), {"reviewers": "many"})
    public = anonymous_client.get(reverse("review_times"), headers={"Accept-Language": "en"}).content.decode()

    assert odd.status_code == 200
    assert "Rita Reviewer" in report
    assert "5 min" in report
    assert "Extortion and reviews" in report, "queues are named, not coded"
    assert "EXTORTION" not in report
    assert "5 min" in public
    assert all(name not in public for name in ("Rita", merchant.shop.name, claim.number))


def test_a_desk_without_decisions_says_so(senior: Persona, anonymous_client: Client) -> None:
    assert "Nothing was decided yet" in senior.client.get(reverse("desk_figures")).content.decode()
    page = anonymous_client.get(reverse("review_times"), headers={"Accept-Language": "en"})
    assert "Nothing was decided in the last twelve weeks." in page.content.decode()


def test_a_week_without_a_decision_is_shown_by_what_arrived(merchant: Persona, senior: Persona, now: datetime) -> None:
    filed = now - timedelta(days=14)
    make.submitted(merchant.shop, at=filed)

    report = senior.client.get(reverse("desk_figures"))

    day = filed.astimezone(ZoneInfo(ZONE)).date()
    assert report.context["weeks"] == [(day - timedelta(days=day.weekday()), None, 1)]


def test_a_sample_is_answered_blind_on_its_page(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    with tenancy.platform():
        make.limits(sampled=1.0)
    make.decided(merchant.shop, reviewer.actor, at=now)
    with tenancy.platform():
        sample = Sample.objects.get()
    page = reverse("desk_sample", args=[sample.claim_id])

    listed = senior.client.get(reverse("desk_samples")).content.decode()
    shown = senior.client.get(page).content.decode()
    refused = senior.client.post(reverse("desk_sample_answer", args=[sample.claim_id]), {"result": "MAYBE"})
    senior.client.post(
        reverse("desk_sample_answer", args=[sample.claim_id]), {"result": "REJECTED", "note": "No demand."}
    )
    after = senior.client.get(reverse("desk_samples")).content.decode()

    assert reviewer.client.get(page).status_code == 404
    assert page in listed
    assert "The chat shows the demand." not in shown
    assert "Rita Reviewer" not in shown
    assert refused.headers["Location"] == page
    assert "No demand." in after


def test_a_gold_case_lies_among_the_samples_and_each_reviewer_is_measured_on_it(
    merchant: Persona, reviewer: Persona, senior: Persona, staff: Persona, now: datetime
) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, at=now)
    others = [Persona(UserFactory(reviewer=True, display_name=name)) for name in ("Wang Wu", "Zhao Liu")]
    for person in (*others, staff):
        make.on_the_desk(person.user)
    case, page = reverse("desk_case", args=[claim.pk]), reverse("desk_sample", args=[claim.pk])
    gild = reverse("desk_act", args=[claim.pk, "gold"])

    refused = others[0].client.post(gild, {"result": "REJECTED", "note": "No."})
    senior.client.post(gild, {"result": "REJECTED", "note": "The chat is cut."})
    leads_too = Persona(UserFactory(senior=True, display_name="Qian Qi"))
    untold = [leads_too.client.get(each).content.decode() for each in (reverse("desk_samples"), case)]
    seen = {person.user.pk: person.client.get(page).status_code for person in (reviewer, senior, staff, *others)}
    listed = others[0].client.get(reverse("desk_samples")).content.decode()
    shown = others[0].client.get(page).content.decode()
    for person, result in zip(others, ("REJECTED", "UPHELD"), strict=True):
        person.client.post(reverse("desk_sample_answer", args=[claim.pk]), {"result": result})
    told = senior.client.get(reverse("desk_samples"))

    assert refused.status_code == 409
    # Who decided it, who called it gold, and who reviews nothing are not tried on it.
    assert seen == {
        **{person.user.pk: 404 for person in (reviewer, senior, staff)},
        **{person.user.pk: 200 for person in others},
    }
    assert page in listed
    assert "The chat is cut." not in listed + shown + "".join(untold), "nobody reads the answer before their own"
    assert "right answer" not in listed
    assert page in untold[0]
    assert "Rita Reviewer" not in shown
    assert [(row.name, row.agreement.agreed, row.agreement.cases) for row in told.context["tried"]] == [
        ("Zhao Liu", 0, 1),
        ("Wang Wu", 1, 1),
    ]
    assert "The chat is cut." in told.content.decode()
    assert "The right answer is “Not upheld”" in senior.client.get(case).content.decode()
    assert others[0].client.get(page).status_code == 404, "each answers once"
