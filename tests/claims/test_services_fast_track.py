"""The fast track: upholds at once what was warned of, watches first, is looked at again and stops itself."""

from datetime import datetime, timedelta

import pytest

from claims.models import Claim, Decision, FastTrack, FastTrackVerdict, Filer, GoldAnswer, Sample
from claims.queries import fast_tracking, quality
from claims.services import deciding, filing, sampling
from merchant_protection.foundation.errors import Conflict, NotAllowed
from tests.factories import claims as make
from tests.factories.accounts import UserFactory
from tests.factories.files import shown
from tests.factories.risk import WarningFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")


@pytest.fixture(autouse=True)
def _desk(reviewer: Persona, senior: Persona) -> None:
    make.on_the_desk(reviewer.user)
    make.on_the_desk(senior.user)


@pytest.fixture
def live(staff: Persona, now: datetime) -> FastTrack:
    return sampling.publish_fast_track(actor=staff.actor, at=now, mode="LIVE", sampled=1.0, fewest_decided=1)


def filed(merchant: Persona, now: datetime, *, is_warned: bool = True, is_complete: bool = True) -> Claim:
    claim = make.draft(merchant.shop, at=now)
    if is_warned:
        WarningFactory(
            merchant=merchant.shop,
            order=claim.order,
            kind="EXTORTION",
            level="HIGH",
            raised_at=now - timedelta(hours=1),
            expires_at=None,
        )
    if is_complete:
        shown(claim, "CHAT_DEMAND", at=now)
    return filing.submit(claim_id=claim.pk, actor=make.FILER, at=now)


@pytest.mark.case("CL-01")
@pytest.mark.parametrize("is_warned", [True, False])
def test_a_warned_order_is_upheld_at_once_and_an_unwarned_goes_to_a_person(
    merchant: Persona, live: FastTrack, now: datetime, is_warned: bool
) -> None:
    claim = filed(merchant, now, is_warned=is_warned)

    claim.refresh_from_db()
    if is_warned:
        decision = Decision.objects.get()
        assert (claim.status, claim.decided_at) == ("UPHELD", now)
        assert (decision.stage, decision.reason_codes) == ("FAST_TRACK", ["WARNED_BEFORE"])
    else:
        assert claim.status == "SUBMITTED"
        assert {"code": "NOT_WARNED_BEFORE"} in FastTrackVerdict.objects.get().reasons
        assert not Decision.objects.exists()


def test_incomplete_evidence_goes_to_a_person(merchant: Persona, live: FastTrack, now: datetime) -> None:
    claim = filed(merchant, now, is_complete=False)

    claim.refresh_from_db()
    assert claim.status == "SUBMITTED"


def test_a_slowed_merchant_takes_no_fast_track(merchant: Persona, live: FastTrack, now: datetime) -> None:
    Filer.objects.create(merchant=merchant.shop, is_slowed=True, updated_at=now)

    assert filed(merchant, now).status == "SUBMITTED"


def test_watching_says_what_would_have_been_and_decides_nothing(merchant: Persona, now: datetime) -> None:
    claim = filed(merchant, now)

    verdict = FastTrackVerdict.objects.get()
    claim.refresh_from_db()
    assert (claim.status, verdict.would_uphold, verdict.is_upheld) == ("SUBMITTED", True, False)


def test_a_fast_track_that_is_off_says_nothing(merchant: Persona, staff: Persona, now: datetime) -> None:
    sampling.publish_fast_track(actor=staff.actor, at=now, mode="OFF")

    filed(merchant, now)

    assert not FastTrackVerdict.objects.exists()


def test_the_fast_track_stops_itself_when_a_sample_finds_it_wrong(
    merchant: Persona, live: FastTrack, reviewer: Persona, now: datetime
) -> None:
    filed(merchant, now)
    sample = Sample.objects.get()
    assert (sample.origin, sample.first_reviewer_id) == ("FAST_TRACK", None)

    sampling.answer(sample_id=sample.pk, actor=reviewer.actor, at=now, result="REJECTED")

    live.refresh_from_db()
    assert (live.mode, live.stopped_at) == ("OFF", now)
    assert Claim.objects.get().status == "UPHELD"


def test_the_fast_track_stops_itself_when_its_decision_is_overridden(
    merchant: Persona, live: FastTrack, senior: Persona, now: datetime
) -> None:
    claim = filed(merchant, now)

    deciding.override(claim_id=claim.pk, actor=senior.actor, at=now, verdict=make.REJECT)

    live.refresh_from_db()
    assert live.mode == "OFF"
    assert fast_tracking.standing(live).overturned == 1


def test_a_good_sample_lets_it_run(merchant: Persona, live: FastTrack, reviewer: Persona, now: datetime) -> None:
    filed(merchant, now)

    sampling.answer(sample_id=Sample.objects.get().pk, actor=reviewer.actor, at=now, result="UPHELD")

    live.refresh_from_db()
    assert live.mode == "LIVE"


def test_only_operations_change_the_fast_track(reviewer: Persona, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        sampling.publish_fast_track(actor=reviewer.actor, at=now, mode="LIVE")

    assert fast_tracking.versions().count() == 1


def test_a_second_review_is_blind_by_another_and_gives_a_kappa(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    make.limits(sampled=1.0)
    claims = [make.decided(merchant.shop, reviewer.actor, at=now) for _ in range(2)]
    claims += [make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now) for _ in range(2)]
    with pytest.raises(NotAllowed):
        sampling.answer(sample_id=Sample.objects.first().pk, actor=reviewer.actor, at=now, result="UPHELD")
    assert quality.samples_for(reviewer.user.pk).count() == 0

    for sample, result in zip(
        quality.samples_for(senior.user.pk), ["UPHELD", "REJECTED", "REJECTED", "REJECTED"], strict=True
    ):
        sampling.answer(sample_id=sample.pk, actor=senior.actor, at=now, result=result)

    found = quality.kappa(quality.answered_samples())
    assert (found.cases, found.agreed, found.kappa) == (4, 3, 0.5)
    with pytest.raises(Conflict):
        sampling.answer(sample_id=Sample.objects.first().pk, actor=senior.actor, at=now, result="UPHELD")


def test_a_gold_case_is_answered_once_and_told_right_or_wrong(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, at=now)
    gold = sampling.add_gold(claim_id=claim.pk, actor=senior.actor, at=now, result="UPHELD", note="A clear demand.")

    other = Persona(UserFactory(reviewer=True))

    sampling.answer_gold(gold_id=gold.pk, actor=other.actor, at=now, result="REJECTED")

    assert GoldAnswer.objects.get().is_right is False
    with pytest.raises(Conflict):
        sampling.answer_gold(gold_id=gold.pk, actor=other.actor, at=now, result="UPHELD")
    for known in (reviewer, senior):  # one decided it, the other said what is right
        with pytest.raises(NotAllowed):
            sampling.answer_gold(gold_id=gold.pk, actor=known.actor, at=now, result="UPHELD")


def test_a_shop_that_files_falsely_is_slowed(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    for _ in range(10):
        make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now)

    assert Filer.objects.get().is_slowed
    assert [reason.code for reason in quality.filer_of(merchant.shop.pk).reasons] == ["MANY_REJECTED"]
