"""Staff pages: every shop's policies, those that wait for approval, answers and backtests."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.lifecycle import moves_from
from merchant_protection.foundation.staff_admin import (
    OPERATIONS,
    REVIEWING,
    SENIOR_REVIEWER,
    NoteForm,
    ReasonForm,
    StaffInline,
    StaffModelAdmin,
)
from scalper_policies import wording
from scalper_policies.admin.baseline import dialog
from scalper_policies.admin.rule_forms import AnswerForm, OwnRuleForm
from scalper_policies.lifecycle import LIVE, VERSION_MOVES
from scalper_policies.models import BacktestRun, DegradedAnswer, OrderDecision, PolicyVersion, VersionMove
from scalper_policies.queries import backtests as backtest_queries
from scalper_policies.queries import decisions as decision_queries
from scalper_policies.queries import figures, overrides
from scalper_policies.queries import policies as queries
from scalper_policies.rules import checks, terms
from scalper_policies.services import overruling, versions

# One that is not named here would be shown by its code.
STATUS_LABELS = {
    "DRAFT": "default",
    "APPROVED": "info",
    "SUBMITTED": "warning",
    "SHADOW": "info",
    "CANARY": "warning",
    "ENFORCING": "success",
    "EXPIRED": "danger",
    "RETIRED": "danger",
}
VERDICT_LABELS = {"ALLOW": "success", "VERIFY": "info", "HOLD": "warning", "REVIEW": "warning", "REJECT": "danger"}


class MoveInline(StaffInline):
    """What became of a version."""

    model = VersionMove
    fields = ("at", "move", "from_status", "to_status", "actor_name", "note")
    ordering = ("-pk",)


@admin.register(PolicyVersion)
class PolicyVersionAdmin(StaffModelAdmin):
    """Every shop's policies; those that reject orders are approved here, or sent back with a reason."""

    view_roles = REVIEWING
    act_roles = (SENIOR_REVIEWER, OPERATIONS)
    list_display = ("name_shown", "merchant", "number", "status_shown", "harshest", "starts_at", "ends_at", "author")
    list_select_related = ("policy", "merchant")
    list_filter = (("status", ChoicesDropdownFilter), ("harshest", ChoicesDropdownFilter))
    search_fields = ("policy__name", "merchant__name", "merchant__code")
    fields = (
        *("name_shown", "merchant", "number", "status", "summary", "findings", "backtests", "health"),
        "when_we_fail",
        *("starts_at", "ends_at", "buyers_tried", "author", "reason", "approved_by", "approved_at", "watched_since"),
    )
    inlines = (MoveInline,)
    actions_detail = ("approve", "send_back", "enforce", "overrule", "stop")

    def rows(self, actor: Actor) -> QuerySet[PolicyVersion]:
        return queries.versions_visible_to(actor)

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str]:
        version = self.get_object(request, object_id)
        legal = set(moves_from(VERSION_MOVES, version.status)) if version else set()
        acts = {"overrule"} if version and version.status in LIVE else set()
        return (legal & {"approve", "send_back", "enforce"}) | ({"stop"} if "retire" in legal else set()) | acts

    @display(description=gettext_lazy("Policy"), ordering="policy__name")
    def name_shown(self, version: PolicyVersion) -> str:
        return version.policy.name

    @display(description=gettext_lazy("Status"), ordering="status", label=STATUS_LABELS)
    def status_shown(self, version: PolicyVersion) -> tuple[str, str]:
        return version.status, version.get_status_display()

    @display(description=PolicyVersion._meta.get_field("canary_percent").verbose_name)
    def buyers_tried(self, version: PolicyVersion) -> str:
        return f"{version.canary_percent} %" if version.status == "CANARY" else "–"

    @display(description=gettext_lazy("What it says"))
    def summary(self, version: PolicyVersion) -> str:
        return format_html_join("", "<div>{}</div>", ((line,) for line in wording.summary(version.terms)))

    @display(description=gettext_lazy("To know before it acts"))
    def findings(self, version: PolicyVersion) -> str:
        found = wording.findings(checks.findings(terms.from_plain(version.terms), at=timezone.now()))
        return format_html_join("", "<div>{}</div>", ((each["text"],) for each in found)) or "–"

    @display(description=gettext_lazy("On past orders"))
    def backtests(self, version: PolicyVersion) -> str:
        run = queries.last_backtest(version)
        if run is None or not run.report:
            return _("Not tried yet.")
        told = {"hits": run.report["hits"], "orders": run.report["in_scope"]}
        lines = [_("%(hits)s of %(orders)s orders hit") % told]
        lines += [wording.finding_text(each["code"], each["params"]) for each in run.report["findings"]]
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines))

    @display(description=gettext_lazy("How its rules fared"))
    def health(self, version: PolicyVersion) -> str:
        own = [rule.id for rule in terms.from_plain(version.terms).rules]
        month = timezone.now() - timedelta(days=30)
        found = figures.rule_health(
            version.merchant_id, version.policy_id, version_id=version.pk, rules=own, since=month
        )
        said = wording.rules(version.terms)
        lines = (
            (said.get(each.rule, each.rule), f"{each.fired} / {each.seen}", f"{each.wrong} / {each.judged}")
            for each in found
            if each.seen
        )
        words = _("fired"), _("overturned")
        return (
            format_html_join(
                "",
                "<div>{} · {} {} · {} {}</div>",
                ((rule, words[0], fired, words[1], wrong) for rule, fired, wrong in lines),
            )
            or "–"
        )

    @action(
        description=gettext_lazy("Approve"),
        url_path="approve",
        icon="check",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Approve this policy"),
            "description": gettext_lazy("Its text never changes again; the shop can put it into shadow."),
            "form_class": NoteForm,
            "form_submit_text": gettext_lazy("Approve"),
        },
    )
    def approve(self, request: HttpRequest, form: forms.Form, object_id: Any) -> HttpResponse:
        given = self._given(request, object_id) | {"note": form.cleaned_data["note"]}
        return self.carry_out(request, lambda: versions.approve(**given), done=_("Approved."), object_id=object_id)

    @action(
        description=gettext_lazy("Send back"),
        url_path="send-back",
        icon="undo",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Send back"),
            "description": gettext_lazy("The shop reads what is to be changed."),
            "form_class": ReasonForm,
            "form_submit_text": gettext_lazy("Send back"),
        },
    )
    def send_back(self, request: HttpRequest, form: forms.Form, object_id: Any) -> HttpResponse:
        given = self._given(request, object_id) | {"note": form.cleaned_data["reason"]}
        return self.carry_out(request, lambda: versions.send_back(**given), done=_("Sent back."), object_id=object_id)

    @action(
        description=gettext_lazy("Put in force without the days in shadow"),
        url_path="enforce",
        icon="bolt",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Put in force without the days in shadow"),
            "description": gettext_lazy("Operations answer for it; the reason stands in the history."),
            "form_class": ReasonForm,
            "form_submit_text": gettext_lazy("Put in force"),
        },
    )
    def enforce(self, request: HttpRequest, form: forms.Form, object_id: Any) -> HttpResponse:
        given = self._given(request, object_id) | {"note": form.cleaned_data["reason"]}
        return self.carry_out(request, lambda: versions.enforce(**given), done=_("In force."), object_id=object_id)

    @action(
        description=gettext_lazy("Stop this policy"),
        url_path="stop",
        icon="block",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Stop this policy"),
            "description": gettext_lazy("It decides nothing any more, from the next order on."),
            "form_class": ReasonForm,
            "form_submit_text": gettext_lazy("Stop"),
        },
    )
    def stop(self, request: HttpRequest, form: forms.Form, object_id: Any) -> HttpResponse:
        given = self._given(request, object_id) | {"note": form.cleaned_data["reason"]}
        return self.carry_out(request, lambda: versions.retire(**given), done=_("Stopped."), object_id=object_id)

    @action(
        url_path="overrule",
        **dialog(
            gettext_lazy("Leave a rule aside for a time"),
            gettext_lazy("In this shop, for every buyer; it goes on counting, and the shop is told."),
            OwnRuleForm,
            "undo",
        ),
    )
    def overrule(self, request: Any, form: OwnRuleForm, object_id: Any) -> HttpResponse:
        def carry_out() -> None:
            version, said, now = self.rows(request.actor).get(pk=object_id), form.cleaned_data, timezone.now()
            overruling.overrule_rule(
                actor=request.actor,
                merchant_id=version.merchant_id,
                policy_id=version.policy_id,
                rule=said["rule"],
                until=now + timedelta(hours=int(said["hours"])),
                reason=said["reason"],
                at=now,
            )

        return self.carry_out(request, carry_out, done=_("Overruled."), object_id=object_id)

    def _given(self, request: Any, object_id: Any) -> dict[str, Any]:
        return {"actor": request.actor, "version_id": int(object_id), "at": timezone.now()}


@admin.register(OrderDecision)
class OrderDecisionAdmin(StaffModelAdmin):
    """What was answered to orders of every shop; operations may put another answer in the place of ours."""

    view_roles = REVIEWING
    act_roles = (OPERATIONS,)
    actions_detail = ("overrule",)
    list_display = ("number", "merchant", "verdict_shown", "score", "buyer_shown", "units", "source", "decided_at")
    list_select_related = ("merchant",)
    list_filter = (("verdict", ChoicesDropdownFilter), ("source", ChoicesDropdownFilter))
    search_fields = ("=number", "merchant__code")
    fields = (
        *("number", "merchant", "verdict", "stands_now", "score", "why", "buyer_shown", "units", "source"),
        *("placed_at", "decided_at", "expires_at"),
    )

    def rows(self, actor: Actor) -> QuerySet[OrderDecision]:
        return decision_queries.visible_to(actor)

    @display(description=gettext_lazy("Our answer"), ordering="verdict", label=VERDICT_LABELS)
    def verdict_shown(self, decision: OrderDecision) -> tuple[str, str]:
        return decision.verdict, decision.get_verdict_display()

    @display(description=gettext_lazy("Stands now"))
    def stands_now(self, decision: OrderDecision) -> str:
        instead = overrides.of_decision(decision, at=timezone.now())
        return instead.get_verdict_display() if instead else decision.get_verdict_display()

    @action(
        url_path="overrule",
        **dialog(
            gettext_lazy("Overrule this answer"),
            gettext_lazy("Asked again, the platform gets the other answer until it ends; ours stays in the log."),
            AnswerForm,
            "undo",
        ),
    )
    def overrule(self, request: Any, form: AnswerForm, object_id: Any) -> HttpResponse:
        said, now = form.cleaned_data, timezone.now()
        given: dict[str, Any] = {"actor": request.actor, "at": now, "until": now + timedelta(hours=int(said["hours"]))}
        given |= {"verdict": said["verdict"], "reason": said["reason"], "decision_id": int(object_id)}
        command = overruling.overrule_answer
        return self.carry_out(request, lambda: command(**given), done=_("Overruled."), object_id=object_id)

    @display(description=gettext_lazy("Why"))
    def why(self, decision: OrderDecision) -> str:
        return format_html_join("", "<div>{}</div>", ((wording.reason(reason),) for reason in decision.reasons)) or "–"


@admin.register(DegradedAnswer)
class DegradedAnswerAdmin(StaffModelAdmin):
    """What was answered while the database was away, and what would have been answered."""

    view_roles = REVIEWING
    list_display = ("number", "merchant", "verdict", "differs", "answered_at", "reconciled_at")
    list_select_related = ("merchant",)
    list_filter = ("differs", ("verdict", ChoicesDropdownFilter))
    search_fields = ("=number", "merchant__code")
    fields = list_display

    def rows(self, actor: Actor) -> QuerySet[DegradedAnswer]:
        return decision_queries.degraded_visible_to(actor)


@admin.register(BacktestRun)
class BacktestRunAdmin(StaffModelAdmin):
    """Policies tried on past orders."""

    view_roles = REVIEWING
    list_display = (
        "version",
        "merchant",
        "reading",
        "status",
        "orders_done",
        "orders_total",
        "created_at",
        "created_by",
    )
    list_select_related = ("version", "merchant")
    list_filter = (("status", ChoicesDropdownFilter), ("reading", ChoicesDropdownFilter))
    fields = (*list_display, "since", "until", "started_at", "finished_at", "last_error")

    def rows(self, actor: Actor) -> QuerySet[BacktestRun]:
        return backtest_queries.visible_to(actor)
