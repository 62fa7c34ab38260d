"""The demo's price guard: one shop stops wrong prices by itself, the other is asked first."""

from datetime import datetime, timedelta

from merchant_protection.accounts.actor import Actor
from pricing_guard.queries import policies as queries
from pricing_guard.rules import stored
from pricing_guard.rules.thresholds import DEFAULT
from pricing_guard.services import policies

WATCHED = timedelta(days=8)  # what "automatic" asks of checks that learn: a week of watching first
NAMES = {"AUTO": "全店保护", "APPROVE": "先问我"}


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
