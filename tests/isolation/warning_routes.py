"""The routes of warnings with shop A's ids, for the matrix of `test_routes`."""

from typing import Any

from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.risk.models import BulkAnswer
from tests.factories.accounts import UserFactory
from tests.factories.marketplace import BuyerFactory
from tests.factories.risk import (
    AppealFactory,
    RestrictionFactory,
    SignalDisputeFactory,
    ViolationFactory,
    WarningFactory,
)

CANARY = "KANARIENVOGEL"


def ids_of(shop: Any) -> dict[str, dict[str, Any]]:
    """A warning and a bulk answer of shop A, by each route that shows or changes them."""
    warning = {"pk": WarningFactory(merchant=shop, kind="HOARDING", dedupe_key=CANARY, answer_note=CANARY).pk}
    restriction = {"pk": RestrictionFactory(merchant=shop, reason=CANARY).pk}
    appeal = {"pk": AppealFactory(merchant=shop, words=CANARY).pk}
    buyer = {"pk": BuyerFactory(merchant=shop, level=CANARY).pk}
    violation = {"pk": ViolationFactory(merchant=shop, reason=CANARY, reference=CANARY).pk}
    verbs = ("acknowledge", "reopen", "mark-normal", "hold-shipment", "release-shipment")
    user = UserFactory()
    with tenancy.platform():
        job = BulkAnswer.objects.create(
            merchant=shop, user=user, answer="acknowledge", note=CANARY, warning_ids=[], created_at=timezone.now()
        )
    return {
        **dict.fromkeys(("warning", "warning_answer", "warning_undo"), warning),
        **{f"api_warning-{verb}": warning for verb in ("detail", *verbs)},
        **dict.fromkeys(("restriction_lift", "api_restriction-detail", "api_restriction-lift"), restriction),
        **dict.fromkeys(("appeal", "api_appeal-detail"), appeal),
        **dict.fromkeys(("buyer", "buyer_restrict", "buyer_appeal"), buyer),
        **{f"api_violation-{verb}": violation for verb in ("detail", "withdraw")},
        "api_signal_dispute-detail": {"pk": SignalDisputeFactory(key=CANARY, words=CANARY).pk},
        **{name: {"pk": job.pk} for name in ("warnings_job", "warnings_cancel", "warnings_undo")},
    }
