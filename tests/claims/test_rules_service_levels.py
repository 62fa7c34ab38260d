from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from claims.rules import service_levels
from claims.rules.service_levels import Scope
from claims.rules.sla import Promise, Step, Target, Terms
from merchant_protection.foundation import business_time
from merchant_protection.foundation.business_time import Calendar, Window

HOUR = timedelta(hours=1)
GOOD = Terms(
    calendar=business_time.always(),
    promises=(
        Promise(Target.FIRST_RESPONSE, HOUR),
        Promise(Target.NEXT_UPDATE, HOUR),
        Promise(Target.RESOLUTION, 9 * HOUR),
    ),
    pause_cap=HOUR,
    steps=(Step(1, "OWNER", -HOUR), Step(2, "HEAD", HOUR)),
)


def test_a_sensible_policy_can_be_saved():
    assert service_levels.problems(GOOD) == ()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"promises": ()}, "NO_TARGET"),
        ({"promises": (Promise(Target.RESOLUTION, HOUR),) * 2}, "TARGET_TWICE"),
        ({"promises": (Promise(Target.RESOLUTION, 0 * HOUR),)}, "TARGET_NOT_POSITIVE"),
        ({"promises": (Promise(Target.NEXT_UPDATE, HOUR),)}, "UPDATE_WITHOUT_FIRST_RESPONSE"),
        (
            {"promises": (Promise(Target.FIRST_RESPONSE, 2 * HOUR), Promise(Target.RESOLUTION, HOUR))},
            "FIRST_RESPONSE_AFTER_RESOLUTION",
        ),
        ({"pause_cap": -HOUR}, "PAUSE_CAP_NEGATIVE"),
        ({"warnings": (50, 100)}, "WARNINGS_NOT_PER_CENT"),
        ({"warnings": (50, 50)}, "WARNINGS_NOT_PER_CENT"),
        ({"steps": (Step(1, "OWNER", HOUR), Step(1, "HEAD", 2 * HOUR))}, "LEVEL_TWICE"),
        ({"steps": (Step(1, "OWNER", HOUR), Step(2, "HEAD", -HOUR))}, "LEVELS_OUT_OF_ORDER"),
        ({"calendar": Calendar.of(zone="UTC", week=[[]] * 7)}, "CALENDAR_NEVER_OPENS"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_with_its_reason(wrong, code):
    assert [problem.code for problem in service_levels.problems(replace(GOOD, **wrong))] == [code]


def test_the_most_narrowly_meant_policy_is_chosen():
    scopes = [
        Scope("standard"),
        Scope("extortion", queue="EXTORTION"),
        Scope("gold", tier="GOLD"),
        Scope("urgent gold", priority="URGENT", tier="GOLD"),
        Scope("other", queue="OTHER", priority="URGENT", tier="GOLD"),
    ]

    def chosen(queue: str, priority: str, tier: str) -> str:
        return service_levels.choose(scopes, queue=queue, priority=priority, tier=tier).policy

    assert chosen("REFUNDS", "NORMAL", "BASIC") == "standard"
    assert chosen("REFUNDS", "NORMAL", "GOLD") == "gold"
    assert chosen("REFUNDS", "URGENT", "GOLD") == "urgent gold"
    assert chosen("EXTORTION", "URGENT", "GOLD") == "extortion"
    assert service_levels.choose(scopes[1:2], queue="REFUNDS", priority="NORMAL", tier="GOLD") is None


def test_the_clocks_of_a_flood_start_one_behind_the_other_in_working_time():
    calendar = Calendar.of(zone="UTC", week=[[Window.between("09:00", "17:00")]] * 7)
    opened = datetime(2026, 6, 1, 16, tzinfo=UTC)

    starts = [
        service_levels.staggered_start(calendar, opened, position=each, at_once=2, spacing=HOUR) for each in range(5)
    ]

    assert starts == [
        opened,
        opened,
        opened.replace(hour=17),
        opened.replace(day=2, hour=10),
        opened.replace(day=2, hour=11),
    ]
