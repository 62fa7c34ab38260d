"""Staff pages: what the platforms are asked to do, and what a person decides about it."""

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
from unfold.paginator import InfinitePaginator

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import masking
from merchant_protection.foundation.lifecycle import moves_from
from merchant_protection.foundation.staff_admin import NoteForm, StaffInline, StaffModelAdmin
from merchant_protection.marketplace import wording
from merchant_protection.marketplace.admin.rules import InWords
from merchant_protection.marketplace.lifecycle import ACTION_MOVES, ActionStatus
from merchant_protection.marketplace.models import ActionEvent, ActionTarget, PlatformAction
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.services import actions as services

TONES = {"NEEDS_REVIEW": "warning", "UNKNOWN": "warning", "FAILED": "danger", "CONFIRMED": "success"}


def dialog(title: Any, text: Any) -> dict[str, Any]:
    """Ask for a note before a decision."""
    return {"title": title, "description": text, "form_class": NoteForm, "form_submit_text": title}


class EventInline(StaffInline):
    model = ActionEvent
    fields = ("at", "move", "to_status", "actor_name", "note")
    ordering = ("-pk",)


@admin.register(PlatformAction)
class PlatformActionAdmin(InWords):
    """Actions with their history; decisions go through the same commands as everywhere."""

    list_display = ("verb_shown", "subject", "merchant", "status_shown", "rule_shown", "decided_at", "acted")
    list_select_related = ("target", "merchant")
    list_filter = (("status", ChoicesDropdownFilter), ("review_reason", ChoicesDropdownFilter))
    paginator = InfinitePaginator
    search_fields = ("=target__ref", "=rule", "=merchant__code")
    fields = (
        *("verb_shown", "subject", "merchant", "wanted", "taken_back", "status", "review_reason", "feature"),
        *("rule_shown", "rule", "rule_version", "cause", "why", "is_automatic", "decided_at", "expires_at"),
        *("sent_at", "finished_at"),
        *("attempts", "last_error", "acted"),
    )
    inlines = (EventInline,)
    actions_detail = ("approve", "decline", "retry", "undo_action")

    def rows(self, actor: Actor) -> QuerySet[PlatformAction]:
        return queries.visible_to(actor)

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str] | None:
        found = self.get_object(request, object_id)
        if found is None:
            return set()
        legal = {name for name in moves_from(ACTION_MOVES, found.status) if name in ("approve", "decline", "retry")}
        return legal | ({"undo_action"} if found.status == ActionStatus.CONFIRMED else set())

    @display(description=gettext_lazy("Thing"))
    def subject(self, row: PlatformAction) -> str:
        return thing(row.target)

    @display(description=gettext_lazy("Action"), ordering="verb")
    def verb_shown(self, row: PlatformAction) -> str:
        return wording.action_verb(row.verb)

    @display(description=gettext_lazy("Wanted state"))
    def wanted(self, row: PlatformAction) -> str:
        return wording.state(row.target.aspect, row.value)

    @display(description=gettext_lazy("Undo leads back to"))
    def taken_back(self, row: PlatformAction) -> str:
        return wording.state(row.target.aspect, row.undo)

    @display(description=gettext_lazy("By"), ordering="actor_name")
    def acted(self, row: PlatformAction) -> str:
        return wording.who(row.actor_name)

    @display(description=gettext_lazy("Why"))
    def why(self, row: PlatformAction) -> str:
        return wording.asked(row.merchant_id, row.feature, [row.reason]).get(row.reason, "–")

    @display(description=gettext_lazy("Status"), ordering="status", label=TONES)
    def status_shown(self, row: PlatformAction) -> tuple[str, str]:
        return row.status, row.get_status_display()

    @action(
        description=gettext_lazy("Approve"),
        url_path="approve",
        icon="check",
        permissions=["act"],
        dialog=dialog(gettext_lazy("Approve"), gettext_lazy("The platform is asked at once.")),
    )
    def approve(self, request: HttpRequest, form: NoteForm, object_id: int) -> HttpResponse:
        return self._decide(request, services.approve, form, object_id)

    @action(
        description=gettext_lazy("Decline"),
        url_path="decline",
        icon="close",
        permissions=["act"],
        dialog=dialog(gettext_lazy("Decline"), gettext_lazy("The platform is not asked.")),
    )
    def decline(self, request: HttpRequest, form: NoteForm, object_id: int) -> HttpResponse:
        return self._decide(request, services.decline, form, object_id)

    @action(
        description=gettext_lazy("Try again"),
        url_path="retry",
        icon="refresh",
        permissions=["act"],
        dialog=dialog(gettext_lazy("Try again"), gettext_lazy("The platform is asked once more.")),
    )
    def retry(self, request: HttpRequest, form: NoteForm, object_id: int) -> HttpResponse:
        return self._decide(request, services.retry, form, object_id)

    @action(
        description=gettext_lazy("Undo"),
        url_path="undo",
        icon="undo",
        permissions=["act"],
        dialog=dialog(gettext_lazy("Undo"), gettext_lazy("The platform is asked to set it back to what it was.")),
    )
    def undo_action(self, request: HttpRequest, form: NoteForm, object_id: int) -> HttpResponse:
        return self._decide(request, services.undo, form, object_id)

    def _decide(
        self, request: HttpRequest, command: Callable[..., Any], form: NoteForm, object_id: int
    ) -> HttpResponse:
        def decide() -> None:
            note = form.cleaned_data["note"]
            command(action_id=int(object_id), actor=request.actor, at=timezone.now(), note=note)

        return self.carry_out(request, decide, done=_("Decided."), object_id=object_id)


@admin.register(ActionTarget)
class ActionTargetAdmin(StaffModelAdmin):
    """What is wanted of the platform, beside what it was last seen to show."""

    list_display = ("subject", "aspect", "merchant", "desired", "actual", "is_latched", "actual_at")
    list_select_related = ("merchant",)
    list_filter = (("kind", ChoicesDropdownFilter), ("aspect", ChoicesDropdownFilter))
    search_fields = ("=ref",)
    paginator = InfinitePaginator
    fields = (
        *("subject", "aspect", "merchant", "platform", "desired", "actual"),
        *("desired_generation", "is_latched", "actual_at", "updated_at"),
    )

    def rows(self, actor: Actor) -> QuerySet[ActionTarget]:
        return queries.targets_visible_to(actor)

    @display(description=gettext_lazy("Thing"))
    def subject(self, target: ActionTarget) -> str:
        return thing(target)


def thing(target: ActionTarget) -> str:
    """Name a target; a buyer only masked."""
    ref = masking.masked(target.ref) if target.kind == ActionTarget.Kind.BUYER else target.ref
    return f"{target.get_kind_display()} {ref}"
