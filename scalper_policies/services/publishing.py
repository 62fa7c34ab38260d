"""What a shop's own systems are told: orders that were held or rejected, what staff overruled, and a policy's life."""

from datetime import datetime

from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.notices.services import webhooks
from scalper_policies.models import OrderDecision, PolicyVersion
from scalper_policies.rules.evaluate import QUEUE
from scalper_policies.rules.policy import Verdict

TOLD = {Verdict.HOLD: "decision.held", Verdict.REVIEW: "decision.held", Verdict.REJECT: "decision.rejected"}


@transaction_required
def decided(decision: OrderDecision) -> None:
    """Promise the news of an order that was held or rejected, once; one that passes or waits its turn is no news."""
    kind = TOLD.get(Verdict(decision.verdict))
    if kind is not None and decision.rules != [QUEUE]:
        _promise(decision, kind, at=decision.decided_at, dedupe_key=f"{decision.pk}")


@transaction_required
def released(decision: OrderDecision, *, at: datetime) -> None:
    """Promise the news that a person of the shop let a held order go."""
    _promise(decision, "decision.released", at=at, dedupe_key=f"{decision.pk}")


@transaction_required
def overruled(decision: OrderDecision, *, override_id: int, verdict: str, at: datetime) -> None:
    """Promise the news that staff put another answer in the place of ours."""
    _promise(decision, "decision.overruled", at=at, dedupe_key=f"{override_id}", verdict=verdict)


@transaction_required
def moved(version: PolicyVersion, name: str, *, move_id: int, at: datetime) -> None:
    """Promise the news of a step in a policy's life."""
    webhooks.promise(
        merchant_id=version.merchant_id,
        kind="policy.moved",
        at=at,
        subject_id=version.policy_id,
        params={"policy": version.policy.name, "version": version.number, "move": name, "status": version.status},
        dedupe_key=f"{move_id}",
    )


def _promise(decision: OrderDecision, kind: str, *, at: datetime, dedupe_key: str, verdict: str = "") -> None:
    webhooks.promise(
        merchant_id=decision.merchant_id,
        kind=kind,
        at=at,
        subject_id=decision.pk,
        params={
            "order": decision.number,
            "verdict": (verdict or decision.verdict).lower(),
            "rules": list(decision.rules),
            "score": decision.score,
            "units": decision.units,
            "source": decision.source,
            "expires_at": decision.expires_at.isoformat(),
        },
        dedupe_key=dedupe_key,
    )
