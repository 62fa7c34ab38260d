"""A complaint of shop A with a file, for the matrix of routes."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from claims.models import BatchFiling, FiledRow
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.factories.accounts import UserFactory
from tests.factories.files import shown

OF_CLAIM = (
    *("claim", "claim_edit", "claim_draft", "claim_check", "claim_withdraw", "claim_message", "claim_evidence_sent"),
    *("claim_appeal", "claim_letter", "claim_evidence", "claim_viewer", "claim_pack"),
)
VERBS = ("detail", "submit", "withdraw", "evidence", "evidence-sent", "messages", "appeal")


def ids_of(shop: Any, canary: str) -> dict[str, dict[str, Any]]:
    """The ids of the complaint and its file by the routes that show them."""
    claim = make.draft(shop, story=f"{canary} wants money in private.")
    piece = shown(claim, "CHAT")[0]
    batch = {"pk": _file_of(shop, canary).pk}
    return {
        **{name: {"pk": claim.pk} for name in OF_CLAIM},
        **{f"api_claim-{verb}": {"pk": claim.pk} for verb in VERBS},
        **dict.fromkeys(("claims_batch", "claims_batch_cancel", "claims_batch_faults"), batch),
        "evidence_remove": {"pk": piece.pk},
        "evidence_restore": {"pk": piece.pk},
    }


def _file_of(shop: Any, canary: str) -> BatchFiling:
    """A file the shop has sent, with a row that tells what must not be seen elsewhere."""
    at = timezone.now()
    with tenancy.platform():
        return _file_in_scope(shop, canary, at)


def _file_in_scope(shop: Any, canary: str, at: datetime) -> BatchFiling:
    filing = BatchFiling.objects.create(
        merchant=shop,
        file_name=f"{canary}.csv",
        zone="UTC",
        language="en",
        rows_total=1,
        created_at=at,
        created_by=UserFactory(),
    )
    fault = [["story", canary]]
    FiledRow.objects.create(merchant=shop, filing=filing, number=2, order=canary, faults=fault, cells={"story": canary})
    return filing
