"""Who receives the order of a case: shown to seniors and operations, each look with a reason that is kept."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from claims.views.desk.case import claim_of
from claims.views.desk.door import desk_page, show, words
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.services import privacy


@never_cache
@require_http_methods(["GET", "POST"])
@desk_page
def recipient(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why, and show the recipient; the look stands in the activity log, what was seen does not."""
    claim = claim_of(request, pk)
    require(policies.can_see_recipients(request.actor, claim.merchant_id))
    found, fault, reason = None, "", request.POST.get("reason", "")[:300]
    if request.method == "POST":
        try:
            if claim.order_id is None:
                raise Conflict(_("No recipient is kept for this order."))
            found = privacy.show_recipient(
                order_id=claim.order_id, actor=request.actor, at=timezone.now(), reason=reason
            )
        except (Conflict, Invalid) as refusal:
            fault = words(refusal)
    context = {"title": claim.number, "claim": claim, "recipient": found, "fault": fault, "reason": reason}
    return show(request, "claims/desk/recipient.html", context, status=422 if fault else 200)
