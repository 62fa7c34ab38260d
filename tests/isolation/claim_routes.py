"""A complaint of shop A with a file, for the matrix of routes."""

from typing import Any

from tests.factories import claims as make
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
    return {
        **{name: {"pk": claim.pk} for name in OF_CLAIM},
        **{f"api_claim-{verb}": {"pk": claim.pk} for verb in VERBS},
        "evidence_remove": {"pk": piece.pk},
        "evidence_restore": {"pk": piece.pk},
    }
