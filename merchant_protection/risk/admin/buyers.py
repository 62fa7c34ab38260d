"""Staff pages: restrictions to be reviewed, and accounts tied together."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import masking
from merchant_protection.foundation.lifecycle import moves_from
from merchant_protection.foundation.staff_admin import REVIEWING, NoteForm, ReasonForm, StaffInline, StaffModelAdmin
from merchant_protection.risk import queries, wording
from merchant_protection.risk.lifecycle import RESTRICTION_MOVES
from merchant_protection.risk.models import BuyerCluster, ClusterMember, Restriction, RestrictionMove
from merchant_protection.risk.services import restricting

TONES = {"IN_REVIEW": "warning", "CONFIRMED": "info", "REJECTED": "danger"}


class RestrictionMoveInline(StaffInline):
    model = RestrictionMove
    fields = ("at", "move", "status", "actor_name", "note")
    ordering = ("-pk",)


@admin.register(Restriction)
class RestrictionAdmin(StaffModelAdmin):
    """Buyers whom shops restrict: each is reviewed within a day, or it ends by itself."""

    view_roles = REVIEWING
    act_roles = REVIEWING
    ordering = ("review_due_at",)
    list_display = ("buyer_shown", "merchant", "limits_shown", "status_shown", "review_due_at", "made_at", "made_by")
    list_select_related = ("merchant", "buyer")
    list_filter = (("status", ChoicesDropdownFilter),)
    search_fields = ("=merchant__code",)
    fields = (
        *("buyer_shown", "merchant", "limits_shown", "payment_minutes", "reason", "status", "made_at", "made_by"),
        *("review_due_at", "reviewed_at", "reviewed_by", "ends_at", "ended_at", "ended_by", "note"),
    )
    inlines = (RestrictionMoveInline,)
    actions_detail = ("confirm", "reject")

    def rows(self, actor: Actor) -> QuerySet[Restriction]:
        return queries.restrictions_visible_to(actor)

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str] | None:
        found = self.get_object(request, object_id)
        return set(moves_from(RESTRICTION_MOVES, found.status)) & {"confirm", "reject"} if found else set()

    @display(description=gettext_lazy("Buyer"))
    def buyer_shown(self, row: Restriction) -> str:
        return masking.masked(row.buyer.ref)

    @display(description=gettext_lazy("May not"))
    def limits_shown(self, row: Restriction) -> str:
        return ", ".join(str(Restriction.Limit(limit).label) for limit in row.limits)

    @display(description=gettext_lazy("Status"), ordering="status", label=TONES)
    def status_shown(self, row: Restriction) -> tuple[str, str]:
        return row.status, row.get_status_display()

    @action(
        description=gettext_lazy("Confirm"),
        url_path="confirm",
        icon="check",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Confirm"),
            "description": gettext_lazy("The restriction stands until its end."),
            "form_class": NoteForm,
            "form_submit_text": gettext_lazy("Confirm"),
        },
    )
    def confirm(self, request: HttpRequest, form: NoteForm, object_id: int) -> HttpResponse:
        return self._decide(request, restricting.confirm, form.cleaned_data["note"], object_id)

    @action(
        description=gettext_lazy("Do not confirm"),
        url_path="reject",
        icon="close",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Do not confirm"),
            "description": gettext_lazy("The buyer is let go at once, and the shop reads your reason."),
            "form_class": ReasonForm,
            "form_submit_text": gettext_lazy("Do not confirm"),
        },
    )
    def reject(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        return self._decide(request, restricting.reject, form.cleaned_data["reason"], object_id)

    def _decide(self, request: HttpRequest, command: Callable[..., Any], note: str, object_id: int) -> HttpResponse:
        def decide() -> None:
            command(restriction_id=int(object_id), actor=request.actor, at=timezone.now(), note=note)

        return self.carry_out(request, decide, done=_("Decided."), object_id=object_id)


class MemberInline(StaffInline):
    model = ClusterMember
    fields = ("buyer_shown", "signals_shown", "added_at")

    @display(description=gettext_lazy("Buyer"))
    def buyer_shown(self, row: ClusterMember) -> str:
        return masking.masked(row.buyer.ref)

    @display(description=gettext_lazy("Tied by"))
    def signals_shown(self, row: ClusterMember) -> str:
        return wording.signals(row.signals)


@admin.register(BuyerCluster)
class BuyerClusterAdmin(StaffModelAdmin):
    """Accounts tied together in a shop by at least two independent signals."""

    view_roles = REVIEWING
    list_display = ("__str__", "merchant", "size", "signals_shown", "is_disputed", "updated_at")
    list_select_related = ("merchant",)
    search_fields = ("=merchant__code",)
    fields = ("merchant", "size", "signals_shown", "is_disputed", "created_at", "updated_at")
    inlines = (MemberInline,)

    def rows(self, actor: Actor) -> QuerySet[BuyerCluster]:
        return queries.clusters_visible_to(actor)

    @display(description=gettext_lazy("Tied by"))
    def signals_shown(self, row: BuyerCluster) -> str:
        return wording.signals(row.signals)
