"""Shop A's policies, answers and lists, by the route that shows them."""

from typing import Any

from merchant_protection.accounts.models import Merchant
from tests.factories.scalper_policies import OrderDecisionFactory, VersionFactory


def ids_of(shop: Merchant, canary: str) -> dict[str, dict[str, Any]]:
    """Each with the canary somewhere in it."""
    version = VersionFactory(merchant=shop, policy__name=canary, reason=canary, author=canary)
    decision = OrderDecisionFactory(merchant=shop, number=canary)
    policy_id = {"pk": version.policy_id}
    return {
        **{name: policy_id for name in ("scalper_policy", "scalper_policy_edit", "api_scalper_policy-detail")},
        "scalper_version_move": {"pk": version.pk},
        "api_order_decision-detail": {"pk": decision.pk},
    }
