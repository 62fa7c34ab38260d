"""Operations edit kinds, grounds, routes and limits: each change a version, nonsense refused."""

from datetime import datetime, timedelta

import pytest

from claims.models import CannedText, ClaimKind, DeskSettings, Phrase, Queue, ReasonCode, RoutingRule
from claims.queries import kinds
from claims.services import configuring, routing_table
from merchant_protection.audit.models import Entry
from merchant_protection.foundation.errors import Invalid, NotAllowed
from tests.factories import claims as make
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")
DAY = timedelta(days=1)


@pytest.mark.case("SLA-01")
@pytest.mark.parametrize(
    ("times", "place"),
    [
        # One marketplace lets nobody file for 21 days, then denies after 7.
        ({"opens_after": 21 * DAY, "closes_after": 7 * DAY}, "closes_after"),
        ({"opens_after": 7 * DAY, "closes_after": 7 * DAY}, "closes_after"),
        ({"opens_basis": "DELIVERED", "closes_basis": "ORDER_PLACED"}, "closes_basis"),
    ],
)
def test_a_window_that_does_not_overlap_its_deadline_is_refused_when_saved(
    staff: Persona, now: datetime, times: dict[str, object], place: str
) -> None:
    with pytest.raises(Invalid) as refused:
        configuring.publish_kind(code="RETURN_NOT_RECEIVED", actor=staff.actor, at=now, **times)

    assert list(refused.value.fields) == [place]
    assert ClaimKind.objects.get(code="RETURN_NOT_RECEIVED").version == 1


def test_a_new_version_of_a_kind_leaves_what_was_filed_alone(merchant: Persona, staff: Persona, now: datetime) -> None:
    claim = make.submitted(merchant.shop, at=now)

    fresh = configuring.publish_kind(code="EXTORTION", actor=staff.actor, at=now, closes_after=60 * DAY)

    claim.refresh_from_db()
    assert (claim.kind.version, fresh.version, fresh.name_en) == (1, 2, "Extortion")
    assert kinds.current_of("EXTORTION") == fresh
    assert Entry.objects.get(action="desk.published").after == {"version": 2}


def test_grounds_and_texts_have_versions_and_are_retired_not_deleted(staff: Persona, now: datetime) -> None:
    configuring.publish_reason(code="NOT_THIS_KIND", actor=staff.actor, at=now, text_en="Use the other form.")
    configuring.publish_text(
        code="HELLO", actor=staff.actor, at=now, purpose="NOTE", title_en="a", title_zh="b", body_en="c", body_zh="d"
    )
    configuring.retire(model=ReasonCode, code="NOT_THIS_KIND", actor=staff.actor, at=now)

    assert ReasonCode.objects.filter(code="NOT_THIS_KIND").count() == 2
    assert "NOT_THIS_KIND" not in kinds.reasons_by_code(["NOT_THIS_KIND"])
    assert CannedText.objects.get(code="HELLO").version == 1


def test_a_route_that_nothing_could_reach_is_refused(staff: Persona, now: datetime) -> None:
    queue = Queue.objects.get(code="RETURNS")

    with pytest.raises(Invalid):
        routing_table.put_rule(
            name="never", actor=staff.actor, at=now, queue=queue, position=90, kinds=["EXTORTION"], amount_from=9000
        )
    routing_table.put_rule(
        name="abnormal", actor=staff.actor, at=now, queue=queue, position=90, kinds=["ABNORMAL_ORDER"]
    )

    assert not RoutingRule.objects.filter(name="never").exists()
    assert RoutingRule.objects.filter(name="abnormal").exists()


def test_limits_are_versions_and_only_operations_set_them(staff: Persona, reviewer: Persona, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        configuring.set_limits(actor=reviewer.actor, at=now, appeal_days=1)

    fresh = configuring.set_limits(actor=staff.actor, at=now, appeal_days=15)

    assert (fresh.version, fresh.appeal_days, fresh.evidence_days) == (2, 15, 3)
    assert DeskSettings.objects.count() == 2


def test_a_reviewer_is_placed_by_a_lead(senior: Persona, reviewer: Persona, now: datetime) -> None:
    queue = Queue.objects.get(code="RETURNS")

    row = configuring.place_reviewer(
        user_id=reviewer.user.pk, queue_ids=[queue.pk], actor=senior.actor, at=now, skills=["VIDEO"], most_at_once=2
    )

    assert (list(row.queues.all()), row.skills, row.most_at_once) == ([queue], ["VIDEO"], 2)
    with pytest.raises(NotAllowed):
        configuring.place_reviewer(user_id=reviewer.user.pk, queue_ids=[], actor=reviewer.actor, at=now)


def test_a_phrase_of_one_character_is_refused(staff: Persona, now: datetime) -> None:
    with pytest.raises(Invalid):
        configuring.put_phrase(text="赔", points=10, actor=staff.actor, at=now)
    configuring.put_phrase(text="不赔…曝光", points=40, actor=staff.actor, at=now)

    assert Phrase.objects.filter(text="不赔…曝光").exists()
