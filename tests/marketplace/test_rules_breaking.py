"""The breaker's arithmetic by a clock that is passed in."""

from datetime import UTC, datetime, timedelta

from merchant_protection.marketplace.rules import breaking
from merchant_protection.marketplace.rules.breaking import Health

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def failed(health: Health, times: int, *, now: datetime = NOON) -> Health:
    for _time in range(times):
        health = breaking.after_failure(health, now=now)
    return health


def test_four_failures_are_nothing_and_five_open_it_for_a_minute():
    four, five = failed(Health(), 4), failed(Health(), 5)

    assert breaking.allowance(four, now=NOON, wanted=8)[0] == 8
    assert five.open_until == at(60)
    assert breaking.allowance(five, now=at(59), wanted=8)[0] == 0


def test_a_success_between_failures_starts_the_count_anew():
    health = breaking.after_success(failed(Health(), 4), now=NOON)

    assert not failed(health, 4).is_open


def test_after_the_minute_one_probe_leaves_at_a_time():
    allowed, probing = breaking.allowance(failed(Health(), 5), now=at(60), wanted=8)

    assert allowed == 1
    assert breaking.allowance(probing, now=at(61), wanted=8)[0] == 0
    assert breaking.allowance(probing, now=at(121), wanted=8)[0] == 1
    assert breaking.allowance(breaking.handed_back(probing, unused=1), now=at(61), wanted=8)[0] == 1


def test_each_failed_probe_doubles_the_pause_up_to_ten_minutes():
    health, pauses, clock = failed(Health(), 5), [], 0.0
    for _probe in range(6):
        pauses.append(health.open_seconds)
        clock += health.open_seconds
        health = breaking.after_failure(health, now=at(clock))

    assert pauses == [60, 120, 240, 480, 600, 600]


def test_failures_of_calls_still_on_their_way_do_not_double_it():
    assert failed(Health(), 12).open_seconds == 60


def test_a_short_outage_ends_at_once_and_a_long_one_lets_sixty_a_minute_out():
    short = breaking.after_success(failed(Health(), 5), now=at(60))
    long = breaking.after_success(Health(open_until=NOON, open_seconds=600, failures=9), now=NOON)

    assert breaking.allowance(short, now=at(60), wanted=8)[0] == 8
    left: list[float] = []
    for tenth in range(6000):
        allowed, long = breaking.allowance(long, now=at(tenth / 10), wanted=8)
        left += [tenth / 10] * allowed
    busiest = max(sum(1 for other in left if moment <= other < moment + 60) for moment in left)
    assert 500 <= len(left) <= 600
    assert busiest <= 60


def test_the_ramp_ends_when_nothing_waits_any_more():
    ramping = Health(is_ramping=True, ramp_at=NOON, ramp_tokens=5.0)

    assert breaking.handed_back(ramping, unused=0) == ramping
    assert breaking.handed_back(ramping, unused=1).is_plain


def test_patience_that_was_asked_for_is_no_failure():
    health = breaking.asked_to_wait(Health(), now=NOON, seconds=30)

    assert health.failures == 0
    assert breaking.allowance(health, now=at(29), wanted=8)[0] == 0
    assert breaking.allowance(health, now=at(30), wanted=8) == (8, Health())
    assert breaking.asked_to_wait(Health(), now=NOON, seconds=10**9).retry_at == at(600)
    assert breaking.asked_to_wait(health, now=NOON, seconds=0).retry_at == at(30)
