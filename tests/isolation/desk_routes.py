"""The routes of the review desk with shop A's ids, for the matrix of `test_routes`."""

from typing import Any

from django.utils import timezone

from claims.models import Claim, Escalation
from merchant_protection.foundation import tenancy
from tests.factories import claims as make


def ids_of(shop: Any, canary: str) -> dict[str, dict[str, Any]]:
    """A complaint of shop A that lies at the desk, by each route that shows or changes it."""
    claim = make.submitted(shop)
    with tenancy.platform():
        Claim.objects.filter(pk=claim.pk).update(story=canary)
        Escalation.objects.filter(claim_id=claim.pk).update(fired_at=timezone.now())
    of_claim = {"pk": claim.pk}
    routes = ("desk_case", "desk_beat", "desk_preview", "desk_sample", "desk_sample_answer", "api_claim_buyer_appeal")
    routes += ("api_claim_moves", "desk_recipient", "desk_escalations", "desk_escalations_seen")
    of_settings = {
        "desk_settings_of": {"section": "kinds"},
        "desk_setting": {"section": "kinds", "key": "EXTORTION"},
        "desk_setting_preview": {"section": "kinds", "key": "EXTORTION"},
        "desk_setting_retire": {"section": "kinds", "key": "EXTORTION"},
        "desk_setting_new": {"section": "kinds"},
        "desk_route_move": {"key": "returns"},
    }
    return of_settings | {"desk_act": of_claim | {"name": "take"}} | {name: of_claim for name in routes}
