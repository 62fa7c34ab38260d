"""Staff pages: what was overruled, where, until when and why."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid
from merchant_protection.foundation.staff_admin import OPERATIONS, REVIEWING, ReasonForm, StaffModelAdmin
from scalper_policies.admin.baseline import dialog
from scalper_policies.admin.rule_forms import ShopRuleForm
from scalper_policies.models import Override
from scalper_policies.queries import overrides as queries
from scalper_policies.services import overruling

STATE_LABELS = {"standing": "warning", "ended": "info"}


@admin.register(Override)
class OverrideAdmin(StaffModelAdmin):
    """Answers and rules that staff overruled; each ends by itself, or is ended here."""

    view_roles = REVIEWING
    act_roles = (OPERATIONS,)
    list_display = ("subject", "merchant", "instead", "state", "reason", "starts_at", "ends_at", "made_by")
    list_select_related = ("merchant", "decision", "policy")
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("merchant__code", "merchant__name", "=decision__number")
    fields = (
        *("kind", "merchant", "subject", "instead", "state_in_words", "reason", "starts_at", "ends_at", "made_by"),
        *("ended_at", "ended_by"),
    )
    actions_list = ("overrule_baseline",)
    actions_detail = ("end",)

    def rows(self, actor: Actor) -> QuerySet[Override]:
        return queries.visible_to(actor)

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str]:
        override = self.get_object(request, object_id)
        return {"end"} if override and _is_standing(override) else set()

    @display(description=gettext_lazy("What is overruled"))
    def subject(self, override: Override) -> str:
        if override.decision is not None:
            return _("Order %(number)s") % {"number": override.decision.number}
        if override.policy is None:
            return "–"
        rules = overruling.rules_of(override.policy)
        whose = _("Baseline rules") if override.policy.is_baseline else override.policy.name
        rule = rules.get(override.rule, override.rule) if override.rule else _("Every rule")
        return f"{whose} · {rule}"

    @display(description=gettext_lazy("Instead"))
    def instead(self, override: Override) -> str:
        return override.get_verdict_display() if override.verdict else _("says nothing")

    @display(description=gettext_lazy("State"), label=STATE_LABELS)
    def state(self, override: Override) -> tuple[str, str]:
        return ("standing", _("In effect")) if _is_standing(override) else ("ended", _("Ended"))

    @display(description=gettext_lazy("State"))
    def state_in_words(self, override: Override) -> str:
        return self.state(override)[1]

    @action(
        url_path="baseline",
        **dialog(
            gettext_lazy("Leave a baseline rule aside in a shop"),
            gettext_lazy("For a time; it goes on counting, and the shop is told."),
            ShopRuleForm,
            "undo",
        ),
    )
    def overrule_baseline(self, request: HttpRequest, form: ShopRuleForm) -> HttpResponse:
        def overrule() -> None:
            actor: Actor = request.actor  # type: ignore[attr-defined]
            said, now = form.cleaned_data, timezone.now()
            shop = accounts.merchants_visible_to(actor).filter(code=said["shop"]).first()
            if shop is None:
                raise Invalid(fields={"shop": [_("There is no such shop.")]})
            overruling.overrule_rule(
                actor=actor,
                merchant_id=shop.pk,
                policy_id=None,
                rule=said["rule"],
                until=now + timedelta(hours=int(said["hours"])),
                reason=said["reason"],
                at=now,
            )

        return self.carry_out(request, overrule, done=_("Overruled."))

    @action(
        url_path="end",
        **dialog(
            gettext_lazy("End it now"), gettext_lazy("What was overruled holds again from the next order on."),
            ReasonForm, "stop_circle",
        ),
    )  # fmt: skip
    def end(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        given: dict[str, Any] = {"actor": request.actor, "at": timezone.now(), "reason": form.cleaned_data["reason"]}  # type: ignore[attr-defined]
        command = overruling.end
        return self.carry_out(
            request, lambda: command(override_id=int(object_id), **given), done=_("Ended."), object_id=object_id
        )


def _is_standing(override: Override) -> bool:
    return override.ended_at is None and override.ends_at > timezone.now()
