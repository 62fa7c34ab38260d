"""Staff pages: which course takes off how many penalty points; operations decide, trainers look."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.staff_admin import OPERATIONS, filled_in
from merchant_protection.risk.models import Violation
from training.admin.pages import ConfirmForm, TrainingAdmin
from training.models import ReliefPolicy
from training.queries import courses, reliefs
from training.services import relieving


def number(label: str, *, most: int, initial: int) -> forms.IntegerField:
    """A whole number of a form."""
    return forms.IntegerField(
        label=label, min_value=1, max_value=most, initial=initial, widget=UnfoldAdminTextInputWidget
    )


class ReliefForm(BaseDialogForm):
    """What completing a course takes off, and how much of that at most."""

    course = forms.CharField(label=gettext_lazy("Course (code)"), max_length=60, widget=UnfoldAdminTextInputWidget)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of violation"),
        choices=[("", gettext_lazy("Any kind")), *Violation.Kind.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    points = number(gettext_lazy("Points per completion"), most=100, initial=1)
    most_points = number(gettext_lazy("Most points of a shop in the period"), most=100, initial=2)
    period_days = number(gettext_lazy("Period (days)"), most=3650, initial=365)


@admin.register(ReliefPolicy)
class ReliefPolicyAdmin(TrainingAdmin):
    """Policies of relief, which operations add and end."""

    act_roles = (OPERATIONS,)
    list_display = ("course", "kind", "points", "most_points", "period_days", "is_active", "created_by")
    list_select_related = ("course",)
    fields = (*list_display, "created_at")
    actions_list = ("add_policy",)
    actions_detail = ("end",)

    def rows(self, actor: Actor) -> QuerySet[ReliefPolicy]:
        return reliefs.policies()

    def possible_actions(self, request: HttpRequest, object_id: str) -> set[str]:
        policy = self.get_object(request, object_id)
        return {"end"} if policy and policy.is_active else set()

    @action(
        description=gettext_lazy("Add a policy"),
        url_path="add-policy",
        icon="add",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Add a policy"),
            "description": gettext_lazy("It holds for whoever completes the course from now on."),
            "form_class": ReliefForm,
            "form_submit_text": gettext_lazy("Add"),
        },
    )
    def add_policy(self, request: HttpRequest, form: ReliefForm) -> HttpResponse:
        def run() -> None:
            told = filled_in(form)
            course = courses.by_code(told.pop("course"))
            relieving.add(actor=request.actor, course_id=course.pk if course else 0, at=timezone.now(), **told)

        return self.carry_out(request, run, done=_("It holds from now on."))

    @action(
        description=gettext_lazy("Out of force"),
        url_path="end",
        icon="block",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Out of force"),
            "description": gettext_lazy("What it relieved stays relieved."),
            "form_class": ConfirmForm,
            "form_submit_text": gettext_lazy("Out of force"),
        },
    )
    def end(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        def run() -> None:
            relieving.end(actor=request.actor, policy_id=int(object_id), at=timezone.now())

        return self.carry_out(request, run, done=_("Out of force now."), object_id=object_id)
