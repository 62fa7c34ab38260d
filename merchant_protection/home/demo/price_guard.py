"""The demo's price guard: one shop stops wrong prices by itself, the other is asked first."""

from datetime import datetime, timedelta
from decimal import Decimal

from merchant_protection.accounts.actor import Actor
from pricing_guard.queries import policies as queries
from pricing_guard.rules import stored
from pricing_guard.rules.thresholds import DEFAULT
from pricing_guard.services import policies, windows

WATCHED = timedelta(days=8)  # what "automatic" asks of checks that learn: a week of watching first
NAMES = {"AUTO": "全店保护", "APPROVE": "先问我"}
# What is only tried out, in shadow, and what is meant for a while.
TRIED = {
    "AUTO": policies.Draft("纸品毛利", "CATEGORY", {"minimum_margin": "35"}, categories=["纸品清洁"]),
    "APPROVE": policies.Draft("大家电降幅", "CATEGORY", {"max_drop_low_30": "12"}, categories=["大家电"]),
}
CLEARED = {"AUTO": ("QH-001-01", Decimal(69)), "APPROVE": ("BW-001-01", None)}
SECOND_PERSON_ABOVE = Decimal(5_000)


def seed(*, actor: Actor, merchant_id: int, mode: str, at: datetime) -> None:
    """Give a shop the usual thresholds in a mode, as its owner would have a week ago; once."""
    if queries.live_in(merchant_id):
        return
    thresholds = stored.thresholds_out(DEFAULT) | {
        "max_drop_last": "40",
        "units_per_order": 200,
        "orders_per_minute": 60,
    }
    draft = policies.Draft(name=NAMES[mode], scope="SHOP", thresholds=thresholds)
    saved = policies.save_version(merchant_id=merchant_id, draft=draft, actor=actor, at=at - WATCHED)
    policies.publish(policy_id=saved.policy_id, number=saved.number, actor=actor, at=at - WATCHED)
    policies.set_mode(policy_id=saved.policy_id, mode=mode, actor=actor, at=at, is_acknowledged=True, proved_again=True)
    tried = policies.save_version(merchant_id=merchant_id, draft=TRIED[mode], actor=actor, at=at - WATCHED)
    policies.publish(policy_id=tried.policy_id, number=tried.number, actor=actor, at=at - WATCHED)
    sku, lowest = CLEARED[mode]
    meant = windows.Ask("CLEARANCE", at, at + timedelta(days=5), [sku], lowest_price=lowest, note="换款，旧款售完为止")
    windows.ask(merchant_id=merchant_id, wanted=meant, actor=actor, at=at)
    windows.set_second_person(merchant_id=merchant_id, above=SECOND_PERSON_ABOVE, actor=actor, at=at, proved_again=True)
