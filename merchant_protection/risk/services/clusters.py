"""Clusters of buyers, as the scalper policies and the claim desk find them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.risk import policies
from merchant_protection.risk.models import BuyerCluster, ClusterMember

LEAST_SIGNALS = 2


@transaction_required
def put(
    *,
    actor: Actor,
    merchant_id: int,
    key: str,
    members: Mapping[int, Sequence[str]],
    at: datetime,
) -> BuyerCluster:
    """Note that these buyers (id → the signals that tie each) are one cluster; who left it is let go.

    An address alone ties nobody: a cluster needs two kinds of signal.
    """
    require(policies.can_raise(actor))
    signals = sorted({signal for each in members.values() for signal in each})
    if len(signals) < LEAST_SIGNALS:
        raise Invalid(fields={"members": ["A cluster needs at least two independent signals."]})
    cluster, _created = BuyerCluster.objects.update_or_create(
        merchant_id=merchant_id,
        key=key,
        defaults={"signals": signals, "size": len(members), "updated_at": at},
        create_defaults={"signals": signals, "size": len(members), "created_at": at, "updated_at": at},
    )
    ClusterMember.objects.filter(merchant_id=merchant_id, cluster=cluster).exclude(buyer_id__in=members).delete()
    ClusterMember.objects.bulk_create(
        [
            ClusterMember(
                merchant_id=merchant_id, cluster=cluster, buyer_id=buyer_id, signals=sorted(tied), added_at=at
            )
            for buyer_id, tied in members.items()
        ],
        update_conflicts=True,
        unique_fields=["merchant", "buyer"],
        update_fields=["cluster", "signals"],
    )
    return cluster
