"""Staff pages: switches, budgets and paused rules; some of it needs two people."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.views import step_up
from merchant_protection.foundation.staff_admin import ReasonForm, StaffModelAdmin
from merchant_protection.marketplace.admin.rules import InWords
from merchant_protection.marketplace.models import Budget, BudgetUse, RulePause, Switch
from merchant_protection.marketplace.queries import guards as queries
from merchant_protection.marketplace.services import budgets, switches


class CapForm(ReasonForm):
    """Another cap, and why."""

    cap = forms.IntegerField(label=gettext_lazy("Cap an hour"), min_value=0, widget=UnfoldAdminIntegerFieldWidget)
    field_order = ("cap", "reason")


class StopForm(ReasonForm):
    """Which shop or rule is stopped, and why."""

    merchant = forms.ModelChoiceField(
        label=gettext_lazy("Shop"), queryset=None, required=False, widget=UnfoldAdminSelectWidget
    )
    rule = forms.CharField(
        label=gettext_lazy("Rule"),
        max_length=170,
        required=False,
        help_text=gettext_lazy(
            "Either a shop or a rule. A rule is written as feature:rule, such as pricing_guard:floor."
        ),
        widget=UnfoldAdminTextInputWidget,
    )
    field_order = ("merchant", "rule", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["merchant"].queryset = accounts.merchants_visible_to(self.request.actor).order_by("name")


@admin.register(Switch)
class SwitchAdmin(StaffModelAdmin):
    """Kill switches: stopping takes one person, the whole platform's resuming two."""

    list_display = ("scope", "merchant", "rule", "state", "reason", "changed_at", "changed_by")
    list_select_related = ("merchant",)
    list_filter = ("scope", "is_stopped")
    fields = ("scope", "merchant", "rule", "state_in_words", "reason", "changed_at", "changed_by", "resume_asked_at")
    actions_list = ("stop_platform", "stop_part")
    actions_detail = ("stop", "resume")

    def rows(self, actor: Actor) -> QuerySet[Switch]:
        return queries.switches(actor)

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str]:
        switch = self.get_object(request, object_id)
        return {"resume"} if switch and switch.is_stopped else {"stop"}

    @display(
        description=gettext_lazy("State"),
        ordering="is_stopped",
        label={"stopped": "danger", "asked": "warning", "on": "success"},
    )
    def state(self, switch: Switch) -> tuple[str, str]:
        if switch.is_stopped and switch.resume_asked_by:
            return "asked", _("Waits for a second person")
        return ("stopped", _("Stopped")) if switch.is_stopped else ("on", _("Running"))

    @display(description=gettext_lazy("State"))
    def state_in_words(self, row: Switch) -> str:
        return self.state(row)[1]

    @action(
        description=gettext_lazy("Stop the whole platform"),
        url_path="stop-platform",
        icon="emergency_home",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Stop the whole platform"),
            "description": gettext_lazy("No action leaves any more, within two seconds. Resuming needs two people."),
            "form_class": ReasonForm,
            "form_submit_text": gettext_lazy("Stop"),
        },
    )
    def stop_platform(self, request: HttpRequest, form: ReasonForm) -> HttpResponse:
        def stop() -> None:
            reason = form.cleaned_data["reason"]
            switches.stop(scope=Switch.Scope.PLATFORM, actor=request.actor, at=timezone.now(), reason=reason)

        return self.carry_out(request, stop, done=_("Stopped."))

    @action(
        description=gettext_lazy("Stop a shop or a rule"),
        url_path="stop-part",
        icon="block",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Stop a shop or a rule"),
            "description": gettext_lazy("No action of this leaves any more, within two seconds."),
            "form_class": StopForm,
            "form_submit_text": gettext_lazy("Stop"),
        },
    )
    def stop_part(self, request: HttpRequest, form: StopForm) -> HttpResponse:
        def stop() -> None:
            merchant = form.cleaned_data["merchant"]
            switches.stop(
                scope=Switch.Scope.MERCHANT if merchant else Switch.Scope.RULE,
                merchant_id=merchant.pk if merchant else None,
                rule=form.cleaned_data["rule"],
                actor=request.actor,
                at=timezone.now(),
                reason=form.cleaned_data["reason"],
            )

        return self.carry_out(request, stop, done=_("Stopped."))

    @action(
        description=gettext_lazy("Stop"),
        url_path="stop",
        icon="block",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Stop"),
            "description": gettext_lazy("No action of this leaves any more, within two seconds."),
            "form_class": ReasonForm,
            "form_submit_text": gettext_lazy("Stop"),
        },
    )
    def stop(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        return self._turn(request, switches.stop, form, object_id, done=_("Stopped."))

    @action(
        description=gettext_lazy("Resume"),
        url_path="resume",
        icon="play_arrow",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Resume"),
            "description": gettext_lazy("For the whole platform, a second person must ask for it too."),
            "form_class": ReasonForm,
            "form_submit_text": gettext_lazy("Resume"),
        },
    )
    def resume(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        proof = {"proved_again": step_up.proved_again(request)}
        return self._turn(request, switches.resume, form, object_id, done=_("Asked for. See the state."), **proof)

    def _turn(
        self, request: HttpRequest, command, form: ReasonForm, object_id: int, *, done: str, **proof: bool
    ) -> HttpResponse:
        def turn() -> None:
            switch = self.rows(request.actor).get(pk=object_id)
            command(
                scope=switch.scope,
                merchant_id=switch.merchant_id,
                rule=switch.rule,
                actor=request.actor,
                at=timezone.now(),
                reason=form.cleaned_data["reason"],
                **proof,
            )

        return self.carry_out(request, turn, done=done, object_id=object_id, prove_at=step_up.page_for(request))


@admin.register(Budget)
class BudgetAdmin(StaffModelAdmin):
    """How many automatic actions an hour may bring; raising a cap takes two people."""

    list_display = ("scope", "purse", "merchant", "cap", "share", "raise_to", "updated_at")
    list_select_related = ("merchant",)
    list_filter = ("scope",)
    fields = ("scope", "merchant", "purse", "cap", "share", "raise_to", "raise_asked_at", "updated_at")
    actions_detail = ("change_cap",)

    def rows(self, actor: Actor) -> QuerySet[Budget]:
        return queries.budgets()

    @display(description=Budget._meta.get_field("catalogue_share").verbose_name, ordering="catalogue_share")
    def share(self, budget: Budget) -> str:
        return "–" if budget.catalogue_share is None else f"{float(budget.catalogue_share) * 100:g} %"

    @action(
        description=gettext_lazy("Change the cap"),
        url_path="cap",
        icon="tune",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Change the cap"),
            "description": gettext_lazy(
                "Lowering holds at once. Raising waits for a second person with the same figure."
            ),
            "form_class": CapForm,
            "form_submit_text": gettext_lazy("Set the cap"),
        },
    )
    def change_cap(self, request: HttpRequest, form: CapForm, object_id: int) -> HttpResponse:
        def change() -> None:
            budget = self.rows(request.actor).get(pk=object_id)
            budgets.change_budget(
                scope=budget.scope,
                merchant_id=budget.merchant_id,
                purse=budget.purse,
                catalogue_share=budget.catalogue_share,
                actor=request.actor,
                at=timezone.now(),
                cap=form.cleaned_data["cap"],
                reason=form.cleaned_data["reason"],
                proved_again=step_up.proved_again(request),
            )

        prove_at = step_up.page_for(request)
        return self.carry_out(
            request, change, done=_("Asked for. See the budget."), object_id=object_id, prove_at=prove_at
        )


@admin.register(BudgetUse)
class BudgetUseAdmin(StaffModelAdmin):
    """What was used of each budget, hour by hour."""

    list_display = ("hour", "scope", "key", "merchant", "used", "cap", "tripped_at")
    list_select_related = ("merchant",)
    list_filter = ("scope",)
    fields = ("hour", "scope", "key", "merchant", "used", "cap", "tripped_at")

    def rows(self, actor: Actor) -> QuerySet[BudgetUse]:
        return queries.uses()


@admin.register(RulePause)
class RulePauseAdmin(InWords):
    """Rules that were stopped in a shop; a person asks to resume, another confirms."""

    list_display = ("rule_shown", "merchant", "state", "why", "paused_at", "who", "resumed_at")
    list_select_related = ("merchant",)
    fields = (
        *("rule_shown", "rule", "merchant", "state_in_words", "why", "paused_at", "who"),
        *("resume_asked_at", "resumed_at", "resumed_by"),
    )
    actions_detail = ("resume_rule",)

    def rows(self, actor: Actor) -> QuerySet[RulePause]:
        return queries.pauses(actor)

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str]:
        pause = self.get_object(request, object_id)
        return {"resume_rule"} if pause and pause.resumed_at is None else set()

    @display(description=RulePause._meta.get_field("reason").verbose_name, ordering="reason")
    def why(self, pause: RulePause) -> str:
        by_budget = pause.paused_by == RulePause.BY_BUDGET
        return _("It would have acted more often than its budget allows.") if by_budget else pause.reason

    @display(description=RulePause._meta.get_field("paused_by").verbose_name, ordering="paused_by")
    def who(self, pause: RulePause) -> str:
        return _("Its budget") if pause.paused_by == RulePause.BY_BUDGET else pause.paused_by or "–"

    @display(description=gettext_lazy("State"), label={"paused": "danger", "asked": "warning", "on": "success"})
    def state(self, pause: RulePause) -> tuple[str, str]:
        if pause.resumed_at:
            return "on", _("Running")
        return ("asked", _("Waits for a second person")) if pause.resume_asked_by else ("paused", _("Paused"))

    @display(description=gettext_lazy("State"))
    def state_in_words(self, row: RulePause) -> str:
        return self.state(row)[1]

    @action(
        description=gettext_lazy("Resume"),
        url_path="resume",
        icon="play_arrow",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Resume the rule"),
            "description": gettext_lazy("It acts again once a second person has asked for it too."),
            "form_submit_text": gettext_lazy("Resume"),
        },
    )
    def resume_rule(self, request: HttpRequest, form: BaseDialogForm, object_id: int) -> HttpResponse:
        def resume() -> None:
            switches.resume_rule(pause_id=int(object_id), actor=request.actor, at=timezone.now())

        return self.carry_out(request, resume, done=_("Asked for. See the rule."), object_id=object_id)
