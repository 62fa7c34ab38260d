"""Staff pages: the baseline rules of the platform, written rule by rule, tried on the past, let act by two people."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.lifecycle import moves_from
from merchant_protection.foundation.staff_admin import (
    OPERATIONS,
    REVIEWING,
    NoteForm,
    ReasonForm,
    StaffInline,
    StaffModelAdmin,
)
from scalper_policies import wording
from scalper_policies.admin.rule_forms import AddressForm, LimitForm, RuleForm, TiesForm
from scalper_policies.lifecycle import BASELINE_MOVES, BaselineStatus
from scalper_policies.models import BaselineMove, BaselineTrial, BaselineVersion
from scalper_policies.queries import baseline as queries
from scalper_policies.rules import baseline as rules
from scalper_policies.rules import terms
from scalper_policies.rules.policy import Policy, Verdict
from scalper_policies.services import baseline, baseline_trials

# One that is not named here would be shown by its code.
STATUS_LABELS = {
    "DRAFT": "default",
    "SUBMITTED": "warning",
    "SHADOW": "info",
    "ENFORCING": "success",
    "RETIRED": "danger",
}
WRITING = {"add_limit", "add_address", "add_ties", "remove_rule"}


def dialog(title: Any, description: Any, form: Any, icon: str, *, submit: Any = None) -> dict[str, Any]:
    """Say how an action asks before it acts."""
    return {
        "description": title,
        "icon": icon,
        "permissions": ["act"],
        "dialog": {
            "title": title,
            "description": description,
            "form_class": form,
            "form_submit_text": submit or title,
        },
    }


class MoveInline(StaffInline):
    """What became of a version."""

    model = BaselineMove
    fields = ("at", "move", "from_status", "to_status", "actor_name", "note")
    ordering = ("-pk",)


@admin.register(BaselineVersion)
class BaselineVersionAdmin(StaffModelAdmin):
    """The rules that hold in every shop, version by version."""

    view_roles = REVIEWING
    act_roles = (OPERATIONS,)
    list_display = ("named", "status_shown", "in_short", "author", "approved_by", "acts_since", "ended_at")
    list_filter = (("status", ChoicesDropdownFilter),)
    ordering = ("-number",)
    fields = (
        *("number", "status", "summary", "changes", "trial", "reason", "author", "approved_by", "approved_at"),
        *("watched_since", "acts_since", "ended_at"),
    )
    inlines = (MoveInline,)
    actions_list = ("write",)
    actions_detail = (
        *("add_limit", "add_address", "add_ties", "remove_rule", "try_it", "submit"),
        *("approve", "send_back", "enforce", "retire"),
    )

    def rows(self, actor: Actor) -> QuerySet[BaselineVersion]:
        return queries.visible_to(actor)

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str]:
        version = self.get_object(request, object_id)
        legal = set(moves_from(BASELINE_MOVES, version.status)) if version else set()
        is_draft = version is not None and version.status == BaselineStatus.DRAFT
        return legal | (WRITING | {"try_it"} if is_draft else set())

    @display(description=gettext_lazy("Version"), ordering="number")
    def named(self, version: BaselineVersion) -> str:
        return _("Version %(number)s") % {"number": version.number}

    @display(description=gettext_lazy("Status"), ordering="status", label=STATUS_LABELS)
    def status_shown(self, version: BaselineVersion) -> tuple[str, str]:
        return version.status, version.get_status_display()

    @display(description=gettext_lazy("What it says"))
    def in_short(self, version: BaselineVersion) -> str:
        return _lines(wording.in_short(version.terms))

    @display(description=gettext_lazy("What it says"))
    def summary(self, version: BaselineVersion) -> str:
        return _lines(wording.summary(version.terms))

    @display(description=gettext_lazy("Against what acted before"))
    def changes(self, version: BaselineVersion) -> str:
        earlier = queries.before(version)
        if earlier is None:
            return _("It is the first one.")
        found = [wording.change(*each) for each in terms.changes(earlier.terms, version.terms)]
        return _lines([f"{_named(each)}: {each['before']} → {each['after']}" for each in found])

    @display(description=gettext_lazy("On past orders"))
    def trial(self, version: BaselineVersion) -> str:
        trial = queries.last_trial(version, is_done=False)
        if trial is None:
            return _("Not tried yet.")
        return trial_in_words(trial)

    @action(
        url_path="write",
        **dialog(
            gettext_lazy("Write a new version"),
            gettext_lazy("It begins as what acts now, and changes nothing until a second person has let it act."),
            ReasonForm,
            "add",
        ),
    )
    def write(self, request: HttpRequest, form: ReasonForm) -> HttpResponse:
        given = {"actor": self._actor(request), "at": timezone.now(), "reason": form.cleaned_data["reason"]}
        return self.carry_out(request, lambda: baseline.write(**given), done=_("The draft stands in the list."))

    @action(
        url_path="add-limit",
        **dialog(
            gettext_lazy("Add a limit"), gettext_lazy("For every shop, each counted by itself."), LimitForm, "add"
        ),
    )
    def add_limit(self, request: HttpRequest, form: LimitForm, object_id: int) -> HttpResponse:
        return self._rewrite(request, object_id, partial(rules.with_limit, **form.limit()))

    @action(
        url_path="add-address",
        **dialog(
            gettext_lazy("Add a rule about addresses"),
            gettext_lazy("By the words of the address lists, the platform's and the shop's own."),
            AddressForm,
            "add_location",
        ),
    )
    def add_address(self, request: HttpRequest, form: AddressForm, object_id: int) -> HttpResponse:
        said = form.cleaned_data
        change = partial(rules.with_address, tag=said["tag"], answer=Verdict(said["answer"]))
        return self._rewrite(request, object_id, change)

    @action(
        url_path="add-ties",
        **dialog(
            gettext_lazy("Add a rule about tied accounts"),
            gettext_lazy("At least two independent signals: a shared roof alone ties nobody."),
            TiesForm,
            "hub",
        ),
    )
    def add_ties(self, request: HttpRequest, form: TiesForm, object_id: int) -> HttpResponse:
        said = form.cleaned_data
        change = partial(rules.with_ties, signals=said["signals"], answer=Verdict(said["answer"]))
        return self._rewrite(request, object_id, change)

    @action(
        url_path="remove-rule",
        **dialog(
            gettext_lazy("Take a rule out"), gettext_lazy("From this draft; what acts stays."), RuleForm, "remove"
        ),
    )
    def remove_rule(self, request: HttpRequest, form: RuleForm, object_id: int) -> HttpResponse:
        return self._rewrite(request, object_id, partial(rules.without, rule=form.cleaned_data["rule"]))

    @action(
        url_path="try-it",
        **dialog(
            gettext_lazy("Try it on past orders"),
            gettext_lazy("On the last 90 days of every shop, in the background. Nothing is sent to anybody."),
            NoteForm,
            "science",
        ),
    )
    def try_it(self, request: HttpRequest, form: NoteForm, object_id: int) -> HttpResponse:
        given = {"actor": self._actor(request), "version_id": int(object_id), "at": timezone.now()}
        done = _("It is being tried; the result appears here.")
        return self.carry_out(request, lambda: baseline_trials.ask(**given), done=done, object_id=object_id)

    @action(
        url_path="submit",
        **dialog(
            gettext_lazy("Ask a second person"),
            gettext_lazy("Somebody else of operations approves it, or sends it back."),
            NoteForm,
            "send",
        ),
    )
    def submit(self, request: HttpRequest, form: NoteForm, object_id: int) -> HttpResponse:
        return self._move(request, object_id, baseline.submit, form.cleaned_data["note"], _("Asked for."))

    @action(
        url_path="approve",
        **dialog(
            gettext_lazy("Approve"),
            gettext_lazy("It then watches every order of every shop, and changes no answer yet."),
            NoteForm,
            "check",
        ),
    )
    def approve(self, request: HttpRequest, form: NoteForm, object_id: int) -> HttpResponse:
        return self._move(request, object_id, baseline.approve, form.cleaned_data["note"], _("Approved."))

    @action(
        url_path="send-back",
        **dialog(
            gettext_lazy("Send back"), gettext_lazy("Its author reads what is to be changed."), ReasonForm, "undo"
        ),
    )
    def send_back(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        return self._move(request, object_id, baseline.send_back, form.cleaned_data["reason"], _("Sent back."))

    @action(
        url_path="enforce",
        **dialog(
            gettext_lazy("Put in force"),
            gettext_lazy("In every shop, after seven days of watching; a second person does it."),
            NoteForm,
            "bolt",
        ),
    )
    def enforce(self, request: HttpRequest, form: NoteForm, object_id: int) -> HttpResponse:
        return self._move(request, object_id, baseline.enforce, form.cleaned_data["note"], _("In force."))

    @action(
        url_path="retire",
        **dialog(
            gettext_lazy("Take out of use"),
            gettext_lazy("For good, from the next order on, in every shop."),
            ReasonForm,
            "block",
        ),
    )
    def retire(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        return self._move(request, object_id, baseline.retire, form.cleaned_data["reason"], _("Taken out of use."))

    def _rewrite(self, request: HttpRequest, object_id: Any, change: Callable[[Policy], Policy]) -> HttpResponse:
        given: dict[str, Any] = {"actor": self._actor(request), "version_id": int(object_id), "at": timezone.now()}
        return self.carry_out(
            request, lambda: baseline.revise(change=change, **given), done=_("Written."), object_id=object_id
        )

    def _move(self, request: HttpRequest, object_id: Any, command: Any, note: str, done: str) -> HttpResponse:
        given = {"actor": self._actor(request), "version_id": int(object_id), "at": timezone.now(), "note": note}
        return self.carry_out(request, lambda: command(**given), done=done, object_id=object_id)

    def _actor(self, request: Any) -> Actor:
        actor: Actor = request.actor
        return actor


@admin.register(BaselineTrial)
class BaselineTrialAdmin(StaffModelAdmin):
    """Baseline rules tried on every shop's past."""

    view_roles = REVIEWING
    list_display = ("version", "status", "shops_done", "created_at", "created_by", "finished_at")
    list_select_related = ("version",)
    list_filter = (("status", ChoicesDropdownFilter),)
    fields = (*list_display, "since", "until", "found", "last_error")

    def rows(self, actor: Actor) -> QuerySet[BaselineTrial]:
        return queries.trials_visible_to(actor)

    @display(description=gettext_lazy("Result"))
    def found(self, trial: BaselineTrial) -> str:
        return trial_in_words(trial)


def trial_in_words(trial: BaselineTrial) -> str:
    """Say what a version would have done to the past, and where."""
    told = {"orders": 0, "hits": 0, "stopped": 0, "shops_hit": 0, "shops_with_orders": 0} | trial.report
    lines = [_("%(state)s, %(shops)s shops seen") % {"state": trial.get_status_display(), "shops": trial.shops_done}]
    lines.append(
        _("%(hits)s of %(orders)s orders hit, %(stopped)s stopped; in %(shops_hit)s of %(shops_with_orders)s shops")
        % told
    )
    said = wording.rules(trial.version.terms)
    by_rule = sorted(told.get("hits_by_rule", {}).items(), key=lambda one: -one[1])
    lines += [f"{said.get(rule, rule)} · {number}" for rule, number in by_rule]
    shops = [(each["code"], f"{each['stopped']} / {each['hits']} / {each['orders']}") for each in told.get("shops", [])]
    rows = format_html_join("", "<div>{} · {}</div>", shops)
    head = _("Shops by orders stopped, hit and looked at")
    return format_html("{}<div><b>{}</b></div>{}", _lines(lines), head, rows) if shops else _lines(lines)


def _lines(lines: list[str]) -> str:
    return format_html_join("", "<div>{}</div>", ((line,) for line in lines)) or "–"


def _named(change: dict[str, str]) -> str:
    return " · ".join(part for part in (change["part"], change["field"]) if part)
