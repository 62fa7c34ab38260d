"""A dormitory, an office, an internet café: people who share a roof and a line buy like anybody else."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from scalper_policies.rules import terms
from scalper_policies.rules.gallery import TEMPLATES
from scalper_policies.rules.policy import Dimension, Policy, Scope
from tests.factories.scalper_policies import VersionFactory
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import decide

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]
RESIDENTS = 30
ROOFS = {
    "dormitory": "浙江省杭州市西湖区余杭塘路866号紫金港校区蓝田学园{floor}舍{room}",
    "office": "上海市浦东新区世纪大道100号环球金融中心{floor}层前台",
}
LIMITED = replace(TEMPLATES["limited"], scope=Scope(skus=frozenset({"SKU-HOT"})))
PEOPLE_ONLY = replace(
    LIMITED, limits=tuple(each for each in LIMITED.limits if each.dimension is not Dimension.ADDRESS_CLUSTER)
)


def ordered(index: int, roof: str, *, at: datetime, **more: Any) -> str:
    """What is answered to one of those who live or work there, with a phone, a device and a card of their own."""
    person = {"name": f"住户{index}", "phone": f"13900{index:06}", "address": ROOFS[roof].format(floor=3, room=index)}
    own = {"buyer": f"b{index}", "device": f"device-{index}", "payment": f"card-{index}", "recipient": person}
    return decide(f"O-{index}", units=2, ip="198.18.0.1", at=at, **own | more).verdict


@pytest.mark.case("SC-02")
@pytest.mark.parametrize("roof", ROOFS)
@pytest.mark.parametrize(("policy", "worst"), [(PEOPLE_ONLY, "ALLOW"), (LIMITED, "VERIFY")])
def test_who_shares_a_roof_passes_and_is_asked_for_a_check_at_most_where_the_roof_itself_is_limited(
    merchant: Persona, now: datetime, roof: str, policy: Policy, worst: str
) -> None:
    VersionFactory(merchant=merchant.shop, terms=terms.to_plain(policy))

    answers = [ordered(index, roof, at=now) for index in range(RESIDENTS)]
    ring = [ordered(100 + index, roof, at=now, device="one", payment="one card") for index in range(4)]

    assert {*answers} <= {"ALLOW", worst}
    assert answers[:3] == ["ALLOW"] * 3
    assert ring[-1] == "REJECT"  # the same roof, but one device and one card
