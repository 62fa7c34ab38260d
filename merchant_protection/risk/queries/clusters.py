"""Accounts of buyers that are tied together."""

from collections.abc import Collection

from django.db.models import QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.risk.models import BuyerCluster, ClusterMember
from merchant_protection.risk.queries.shops import shops


def clusters_visible_to(actor: Actor) -> QuerySet[BuyerCluster]:
    """Return the buyer clusters of the actor's shops."""
    tenancy.require_scope()
    clusters = BuyerCluster.objects.all()
    return clusters if actor.is_staff or actor.is_system else clusters.filter(merchant_id__in=shops(actor))


def cluster_of(*, merchant_id: int, buyer_id: int) -> BuyerCluster | None:
    """Return the cluster a buyer belongs to in a shop, if any."""
    member = ClusterMember.objects.filter(merchant_id=merchant_id, buyer_id=buyer_id).select_related("cluster").first()
    return member.cluster if member else None


def cluster_among(*, merchant_id: int, buyer_ids: Collection[int]) -> BuyerCluster | None:
    """Return the oldest cluster that one of these buyers belongs to, if any."""
    of_buyers = ClusterMember.objects.filter(merchant_id=merchant_id, buyer_id__in=buyer_ids)
    return (
        BuyerCluster.objects.filter(merchant_id=merchant_id, pk__in=of_buyers.values("cluster")).order_by("pk").first()
    )


def members_of(cluster: BuyerCluster) -> dict[int, list[str]]:
    """Return the buyers of a cluster, each with the signals that tie it."""
    rows = ClusterMember.objects.filter(merchant_id=cluster.merchant_id, cluster_id=cluster.pk)
    return dict(rows.values_list("buyer_id", "signals"))
