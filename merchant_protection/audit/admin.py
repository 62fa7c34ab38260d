"""Staff pages: the audit and its chain, to be read and searched."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from merchant_protection.audit import queries, wording
from merchant_protection.audit.models import Checkpoint, Entry
from merchant_protection.foundation.staff_admin import StaffModelAdmin


@admin.register(Entry)
class EntryAdmin(StaffModelAdmin):
    """Who changed what; nobody edits or deletes here."""

    list_display = ("at", "action_said", "actor_name", "actor_said", "merchant_id", "subject", "reason", "origin")
    list_filter = (("at", RangeDateTimeFilter), "actor_kind")
    search_fields = ("action", "actor_name", "=subject_id", "=request_id")
    search_help_text = gettext_lazy("Action, who, or the exact subject or request")
    paginator = InfinitePaginator
    fields = (
        *("at", "action_said", "action", "actor_name", "actor_said", "merchant_id", "subject", "reason"),
        *("before", "after", "origin", "request_id"),
    )

    def rows(self, actor: Any) -> QuerySet[Entry]:
        return queries.everything()

    @display(description=gettext_lazy("What"), ordering="action")
    def action_said(self, entry: Entry) -> str:
        return wording.action(entry.action)

    @display(description=gettext_lazy("Kind of actor"), ordering="actor_kind")
    def actor_said(self, entry: Entry) -> str:
        return wording.actor(entry.actor_kind)

    @display(description=gettext_lazy("Subject"))
    def subject(self, entry: Entry) -> str:
        return f"{wording.subject(entry.subject_kind)} {entry.subject_id}".strip() or "–"


@admin.register(Checkpoint)
class CheckpointAdmin(StaffModelAdmin):
    """The chain's length and head at a moment, to compare with a copy kept elsewhere."""

    list_display = ("at", "sequence", "digest")
    fields = ("at", "sequence", "digest")

    def rows(self, actor: Any) -> QuerySet[Checkpoint]:
        return queries.checkpoints()
