"""Staff pages: which rules shops broke, the points of that, and what relieved them."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.staff_admin import REVIEWING, ReasonForm, StaffInline, StaffModelAdmin, filled_in
from merchant_protection.risk import queries
from merchant_protection.risk.models import Relief, Violation
from merchant_protection.risk.services import violations


class ViolationForm(BaseDialogForm):
    """Which rule a shop broke, and what it costs."""

    shop = forms.CharField(label=gettext_lazy("Shop (number)"), max_length=60, widget=UnfoldAdminTextInputWidget)
    reference = forms.CharField(
        label=pgettext_lazy("violation", "Reference"), max_length=80, widget=UnfoldAdminTextInputWidget
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Violation.Kind.choices, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label=gettext_lazy("What the shop did"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 2})
    )
    points = forms.IntegerField(
        label=pgettext_lazy("violation", "Points"), min_value=1, max_value=100, widget=UnfoldAdminTextInputWidget
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days until the points end"),
        min_value=1,
        max_value=3650,
        required=False,
        help_text=gettext_lazy("Empty: they do not end by themselves."),
        widget=UnfoldAdminTextInputWidget,
    )


class ReliefInline(StaffInline):
    """What was taken off, and why."""

    model = Relief
    fields = ("points", "policy", "subject", "at")
    verbose_name_plural = gettext_lazy("Relieved")


@admin.register(Violation)
class ViolationAdmin(StaffModelAdmin):
    """Violations of shops with their points; operations record and withdraw them."""

    view_roles = REVIEWING
    list_display = ("reference", "merchant", "kind", "points", "relieved", "happened_at", "ends_at", "withdrawn_at")
    list_select_related: Any = []  # fetched for the page alone
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("=reference", "=merchant__code")
    fields = (
        *("reference", "merchant", "kind", "reason", "points", "relieved", "happened_at", "ends_at"),
        *("recorded_at", "recorded_by", "withdrawn_at", "withdrawn_note"),
    )
    inlines = (ReliefInline,)
    actions_list = ("record",)
    actions_detail = ("withdraw",)

    def rows(self, actor: Actor) -> QuerySet[Violation]:
        return queries.violations_visible_to(actor)

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str]:
        found = self.get_object(request, object_id)
        return {"withdraw"} if found and found.withdrawn_at is None else set()

    @action(
        description=gettext_lazy("Record a violation"),
        url_path="record",
        icon="add",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Record a violation"),
            "description": gettext_lazy("The shop is told at once, with your words."),
            "form_class": ViolationForm,
            "form_submit_text": gettext_lazy("Record"),
        },
    )
    def record(self, request: HttpRequest, form: ViolationForm) -> HttpResponse:
        def run() -> None:
            now, told = timezone.now(), filled_in(form)
            days, code = told.pop("days"), told.pop("shop")
            shop = accounts.merchants_visible_to(request.actor).filter(code=code).first()
            violations.record(
                actor=request.actor,
                merchant_id=shop.pk if shop else 0,
                happened_at=now,
                ends_at=now + timedelta(days=days) if days else None,
                at=now,
                **told,
            )

        return self.carry_out(request, run, done=_("Recorded."))

    @action(
        description=gettext_lazy("Withdraw"),
        url_path="withdraw",
        icon="undo",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Withdraw"),
            "description": gettext_lazy("All its points are taken off."),
            "form_class": ReasonForm,
            "form_submit_text": gettext_lazy("Withdraw"),
        },
    )
    def withdraw(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        def run() -> None:
            reason = form.cleaned_data["reason"]
            violations.withdraw(actor=request.actor, violation_id=int(object_id), reason=reason, at=timezone.now())

        return self.carry_out(request, run, done=_("Withdrawn."), object_id=object_id)
