"""Staff pages: mis-hit appeals and disputes of counts, each answered by a person."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import masking
from merchant_protection.foundation.lifecycle import moves_from
from merchant_protection.foundation.staff_admin import REVIEWING, ReasonForm, StaffModelAdmin
from merchant_protection.risk import queries
from merchant_protection.risk.lifecycle import APPEAL_MOVES
from merchant_protection.risk.models import Appeal, SignalDispute
from merchant_protection.risk.services import appealing, counting

TONES = {"OPEN": "warning", "UPHELD": "success", "DISMISSED": "info"}
SNOOZES = ((0, gettext_lazy("No")), (30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")))


class UpholdForm(ReasonForm):
    """Why the appeal is right, and whether warnings of this buyer are silent for a while."""

    snooze_days = forms.TypedChoiceField(
        label=gettext_lazy("Silence warnings of this buyer"),
        coerce=int,
        choices=SNOOZES,
        initial=30,
        widget=UnfoldAdminSelectWidget,
    )


def dialog(title: Any, text: Any, form: type[ReasonForm] = ReasonForm) -> dict[str, Any]:
    """Ask why before a decision."""
    return {"title": title, "description": text, "form_class": form, "form_submit_text": title}


class AnsweredByPeople(StaffModelAdmin):
    """What waits for a reviewer's answer, the most urgent first."""

    view_roles = REVIEWING
    act_roles = REVIEWING
    ordering = ("answered_at", "due_at")

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str] | None:
        found = self.get_object(request, object_id)
        return set(moves_from(APPEAL_MOVES, found.status)) if found else set()

    @display(description=gettext_lazy("Status"), ordering="status", label=TONES)
    def status_shown(self, row: Any) -> tuple[str, str]:
        return row.status, row.get_status_display()


@admin.register(Appeal)
class AppealAdmin(AnsweredByPeople):
    """Mis-hit appeals with their clock."""

    list_display = ("reference", "merchant", "source", "order_number", "buyer_shown", "status_shown", "due_at")
    list_select_related = ("merchant", "buyer", "order", "restriction")
    list_filter = (("status", ChoicesDropdownFilter), ("source", ChoicesDropdownFilter))
    search_fields = ("=reference", "=order_number", "=merchant__code")
    fields = (
        *("reference", "merchant", "source", "order", "order_number", "buyer_shown", "restriction", "decision_id"),
        *("words", "status", "opened_at", "opened_by", "due_at", "answered_at", "answered_by", "answer_note"),
    )
    actions_detail = ("uphold", "dismiss")

    def rows(self, actor: Actor) -> QuerySet[Appeal]:
        return queries.appeals_visible_to(actor)

    @display(description=gettext_lazy("Buyer"))
    def buyer_shown(self, row: Appeal) -> str:
        return masking.masked(row.buyer.ref) if row.buyer else "–"

    @action(
        description=gettext_lazy("Uphold"),
        url_path="uphold",
        icon="check",
        permissions=["act"],
        dialog=dialog(
            gettext_lazy("Uphold"),
            gettext_lazy("What is held is released, a restriction is lifted, and the order is labelled as ordinary."),
            UpholdForm,
        ),
    )
    def uphold(self, request: HttpRequest, form: UpholdForm, object_id: int) -> HttpResponse:
        def decide() -> None:
            appealing.uphold(
                appeal_id=int(object_id),
                actor=request.actor,
                at=timezone.now(),
                note=form.cleaned_data["reason"],
                snooze_days=form.cleaned_data["snooze_days"],
            )

        return self.carry_out(request, decide, done=_("Decided."), object_id=object_id)

    @action(
        description=gettext_lazy("Dismiss"),
        url_path="dismiss",
        icon="close",
        permissions=["act"],
        dialog=dialog(gettext_lazy("Dismiss"), gettext_lazy("What was decided stands; your reason is read.")),
    )
    def dismiss(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        def decide() -> None:
            note = form.cleaned_data["reason"]
            appealing.dismiss(appeal_id=int(object_id), actor=request.actor, at=timezone.now(), note=note)

        return self.carry_out(request, decide, done=_("Decided."), object_id=object_id)


@admin.register(SignalDispute)
class SignalDisputeAdmin(AnsweredByPeople):
    """Disputes of what is counted over shops; the count is hidden until the answer."""

    list_display = ("__str__", "kind", "status_shown", "opened_at", "due_at", "answered_by")
    list_filter = (("status", ChoicesDropdownFilter),)
    fields = (
        *("kind", "words", "counted_shown", "status", "opened_at", "opened_by", "due_at"),
        *("answered_at", "answered_by", "answer_note"),
    )
    actions_detail = ("uphold", "dismiss")

    def rows(self, actor: Actor) -> QuerySet[SignalDispute]:
        return queries.disputes_visible_to(actor)

    @display(description=gettext_lazy("Counted"))
    def counted_shown(self, row: SignalDispute) -> str:
        found = queries.counted(row.key, row.kind)
        if found is None:
            return "–"
        return _("%(cases)s claims in %(shops)s shops") % {"cases": found.cases, "shops": found.shops}

    @action(
        description=gettext_lazy("Uphold"),
        url_path="uphold",
        icon="check",
        permissions=["act"],
        dialog=dialog(gettext_lazy("Uphold"), gettext_lazy("The count of this buyer stays hidden.")),
    )
    def uphold(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        return self._answer(request, "uphold", form, object_id)

    @action(
        description=gettext_lazy("Dismiss"),
        url_path="dismiss",
        icon="close",
        permissions=["act"],
        dialog=dialog(gettext_lazy("Dismiss"), gettext_lazy("The count may be shown again.")),
    )
    def dismiss(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        return self._answer(request, "dismiss", form, object_id)

    def _answer(self, request: HttpRequest, name: str, form: ReasonForm, object_id: int) -> HttpResponse:
        def decide() -> None:
            note = form.cleaned_data["reason"]
            counting.answer(dispute_id=int(object_id), name=name, actor=request.actor, at=timezone.now(), note=note)

        return self.carry_out(request, decide, done=_("Decided."), object_id=object_id)
