"""Every read of backtests, files of floor prices and evidence packs."""

from django.db.models import Count, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from pricing_guard.models import Backtest, BacktestHit, EvidencePack, FloorFault, FloorImport, GuardHit, GuardPolicy


def backtests_visible_to(actor: Actor) -> QuerySet[Backtest]:
    """Return the backtests of the actor's shops."""
    tenancy.require_scope()
    rows = Backtest.objects.all()
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=_mine(actor))


def floors_visible_to(actor: Actor) -> QuerySet[FloorImport]:
    """Return the files of floor prices of the actor's shops."""
    tenancy.require_scope()
    rows = FloorImport.objects.all()
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=_mine(actor))


def packs_visible_to(actor: Actor) -> QuerySet[EvidencePack]:
    """Return the evidence packs of the actor's shops."""
    tenancy.require_scope()
    rows = EvidencePack.objects.select_related("incident")
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=_mine(actor))


def hits_of(backtest: Backtest) -> QuerySet[BacktestHit]:
    """Return the triggers of a backtest that were kept: catches first, the worst first."""
    return BacktestHit.objects.filter(merchant_id=backtest.merchant_id, backtest=backtest).order_by("pk")


def faults_of(job: FloorImport) -> QuerySet[FloorFault]:
    """Return what is wrong with rows of a file of floor prices, in their order."""
    return FloorFault.objects.filter(merchant_id=job.merchant_id, floor_import=job).order_by("row", "pk")


def backtests_due() -> QuerySet[Backtest]:
    """Return the backtests that wait to be worked off."""
    tenancy.require_scope()
    return Backtest.objects.filter(due_at__isnull=False)


def floors_due() -> QuerySet[FloorImport]:
    """Return the files of floor prices that wait to be worked off."""
    tenancy.require_scope()
    return FloorImport.objects.filter(due_at__isnull=False)


def lock_floors(import_id: int) -> FloorImport:
    """Return a file of floor prices, locked; a stranger's is not found."""
    row = FloorImport.objects.select_for_update().filter(pk=import_id).first()
    if row is None:
        raise NotFound
    return row


def policy_in(merchant_id: int, policy_id: int | None) -> int | None:
    """Return the policy's number if it is the shop's own; another's is not found."""
    if policy_id is None:
        return None
    if not GuardPolicy.objects.filter(merchant_id=merchant_id, pk=policy_id).exists():
        raise NotFound
    return policy_id


def shadow_report(policy: GuardPolicy) -> dict[str, object]:
    """Return what a policy did, or would have done in shadow: hits by check, and what people said of them."""
    rows = GuardHit.objects.filter(merchant_id=policy.merchant_id, policy=policy)
    by_check = rows.values("check_name").annotate(hits=Count("pk")).order_by("-hits")
    by_review = dict(rows.values_list("review").annotate(hits=Count("pk")).order_by())
    right, false = by_review.get("RIGHT", 0), by_review.get("FALSE", 0)
    return {
        "hits": sum(by_review.values()),
        "right": right,
        "false": false,
        "unreviewed": by_review.get("NONE", 0),
        "precision": right / (right + false) if right + false else None,
        "by_check": list(by_check),
    }


def _mine(actor: Actor) -> list[int]:
    return [*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])]
