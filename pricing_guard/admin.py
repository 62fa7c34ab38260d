"""Staff pages: price incidents of every shop. Rules that a budget paused stand under the guards of the marketplace."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.staff_admin import ReasonForm, StaffInline, StaffModelAdmin, money
from merchant_protection.marketplace import wording
from pricing_guard.models import Incident, IncidentMove
from pricing_guard.queries import incidents as queries
from pricing_guard.services.incidents import releasing
from pricing_guard.templatetags.price_words import finding_in_words, incident_move

STATUS_LABELS = {"SUSPECTED": "warning", "TRIPPED": "danger", "RESTORED": "info", "CORRECTED": "success"}


class MoveInline(StaffInline):
    """What became of an incident."""

    model = IncidentMove
    fields = ("at", "moved", "status", "who", "note")
    ordering = ("-pk",)

    @display(description=gettext_lazy("Step"))
    def moved(self, move: IncidentMove) -> str:
        return incident_move(move.move)

    @display(description=gettext_lazy("By"))
    def who(self, move: IncidentMove) -> str:
        return wording.who(move.actor_name)


@admin.register(Incident)
class IncidentAdmin(StaffModelAdmin):
    """Doubted prices of every shop: why, where each stands, and what it may cost."""

    list_display = ("product", "merchant", "status_shown", "why", "asked", "usual", "opened_at", "due_at")
    list_select_related = ("merchant", "listing")
    list_filter = (
        *(("status", ChoicesDropdownFilter), ("source", ChoicesDropdownFilter), ("merchant", RelatedDropdownFilter)),
        ("severity", ChoicesDropdownFilter),
    )
    search_fields = ("=listing__sku", "listing__title", "merchant__code", "merchant__name", "=cause")
    search_help_text = gettext_lazy("SKU, product or shop")
    fields = (
        *("product", "merchant", "status", "severity", "source", "cause", "every_finding", "mode"),
        *("asked", "effective", "usual", "since", "opened_at", "due_at"),
        *("tripped_at", "answered_at", "answered_by", "sale_asked_at", "sale_fault", "finished_at"),
    )
    inlines = (MoveInline,)
    actions_detail = ("release",)
    asked, effective, usual = (money(Incident, name) for name in ("price", "effective_price", "reference_price"))

    def rows(self, actor: Actor) -> QuerySet[Incident]:
        return queries.visible_to(actor)

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str]:
        incident = self.get_object(request, object_id)
        return {"release"} if incident and incident.status == Incident.Status.TRIPPED else set()

    @action(
        description=gettext_lazy("Lift the stop"),
        url_path="release",
        icon="lock_open",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Lift the stop in an emergency"),
            "description": gettext_lazy(
                "The listing sells again as before once a second person has asked for it within an hour."
            ),
            "form_class": ReasonForm,
            "form_submit_text": gettext_lazy("Lift the stop"),
        },
    )
    def release(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        def lift() -> None:
            reason = form.cleaned_data["reason"]
            releasing.release(incident_id=int(object_id), actor=request.actor, at=timezone.now(), reason=reason)

        return self.carry_out(request, lift, done=_("Asked for. See the state."), object_id=object_id)

    @display(description=gettext_lazy("Product"), ordering="listing__title")
    def product(self, incident: Incident) -> str:
        return " · ".join(filter(None, (incident.listing.title, incident.listing.sku)))

    @display(description=gettext_lazy("Status"), ordering="status", label=STATUS_LABELS)
    def status_shown(self, incident: Incident) -> tuple[str, str]:
        return incident.status, incident.get_status_display()

    @display(description=gettext_lazy("Why"))
    def why(self, incident: Incident) -> str:
        return finding_in_words(incident.findings[0]) if incident.findings else "–"

    @display(description=gettext_lazy("Why"))
    def every_finding(self, incident: Incident) -> str:
        told = ((finding_in_words(finding),) for finding in incident.findings)
        return format_html_join("", "<div>{}</div>", told) or "–"
