"""Staff pages: received events, who sends them, imports and the platforms themselves."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.paginator import InfinitePaginator

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.staff_admin import StaffInline, StaffModelAdmin
from merchant_protection.marketplace.models import (
    Breaker,
    Import,
    ImportFault,
    InboundSecret,
    InboundSource,
    InboxEvent,
    Platform,
)
from merchant_protection.marketplace.queries import guards, imports, inbox
from merchant_protection.marketplace.services import parked

TONES = {"PENDING": "info", "DECIDED": "success", "PARKED": "danger"}
IMPORT_TONES = {"RUNNING": "info", "DONE": "success", "FAILED": "danger"}


@admin.register(InboxEvent)
class InboxEventAdmin(StaffModelAdmin):
    """Everything that was accepted and what became of it; what it said stays with the shop."""

    list_display = ("event_id", "type", "merchant", "status_shown", "outcome", "attempts", "received_at", "decided_at")
    list_select_related = ("merchant",)
    list_filter = (("status", ChoicesDropdownFilter),)
    search_fields = ("=event_id", "=object_key", "=merchant__code")
    paginator = InfinitePaginator
    actions_detail = ("try_again",)
    fields = (
        *("event_id", "type", "schema", "merchant", "object_version", "occurred_at", "received_at"),
        *("status", "outcome", "decided_at", "attempts", "due_at", "last_error"),
    )

    def rows(self, actor: Actor) -> QuerySet[InboxEvent]:
        return inbox.events_visible_to(actor)

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str]:
        event = self.get_object(request, object_id)
        return {"try_again"} if event and event.status == InboxEvent.Status.PARKED else set()

    @display(description=gettext_lazy("Status"), ordering="status", label=TONES)
    def status_shown(self, event: InboxEvent) -> tuple[str, str]:
        return event.status, event.get_status_display()

    @action(
        description=gettext_lazy("Try again"),
        url_path="try-again",
        icon="refresh",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Try again"),
            "description": gettext_lazy("The event is decided once more, with all its tries before it."),
            "form_submit_text": gettext_lazy("Try again"),
        },
    )
    def try_again(self, request: HttpRequest, form: BaseDialogForm, object_id: int) -> HttpResponse:
        def take_up() -> None:
            parked.try_again(event_id=int(object_id), actor=request.actor, at=timezone.now())

        return self.carry_out(request, take_up, done=_("It waits to be decided."), object_id=object_id)


class SecretInline(StaffInline):
    model = InboundSecret
    fields = ("hint", "created_at", "expires_at", "revoked_at")
    ordering = ("-pk",)


@admin.register(InboundSource)
class InboundSourceAdmin(StaffModelAdmin):
    """Who may send events; secrets are told apart by their last letters only."""

    list_display = ("name", "public_id", "platform", "merchant", "is_active", "last_event_at")
    list_select_related = ("platform", "merchant")
    search_fields = ("name", "=public_id")
    fields = ("name", "public_id", "platform", "merchant", "is_active", "created_at", "last_event_at")
    inlines = (SecretInline,)

    def rows(self, actor: Actor) -> QuerySet[InboundSource]:
        return inbox.sources_visible_to(actor)


class FaultInline(StaffInline):
    model = ImportFault
    fields = ("row", "field", "message")
    ordering = ("row", "field")
    per_page = 50


@admin.register(Import)
class ImportAdmin(StaffModelAdmin):
    """Files of orders that shops loaded."""

    list_display = ("file_name", "merchant", "status_shown", "rows_read", "rows_added", "rows_faulty", "created_at")
    list_select_related = ("merchant",)
    list_filter = (("status", ChoicesDropdownFilter),)
    search_fields = ("file_name", "merchant__name", "merchant__code")
    fields = (
        *("file_name", "merchant", "status", "is_dry_run", "currency", "time_zone", "file_bytes", "rows_read"),
        *("rows_total", "rows_added", "rows_known", "rows_faulty", "totals", "created_at", "created_by"),
        *("finished_at", "last_error"),
    )
    inlines = (FaultInline,)

    def rows(self, actor: Actor) -> QuerySet[Import]:
        return imports.visible_to(actor)

    @display(description=gettext_lazy("Status"), ordering="status", label=IMPORT_TONES)
    def status_shown(self, job: Import) -> tuple[str, str]:
        return job.status, job.get_status_display()


class BreakerInline(StaffInline):
    model = Breaker
    fields = ("failures", "open_until", "changed_at")


@admin.register(Platform)
class PlatformAdmin(StaffModelAdmin):
    """Selling platforms, and whether they are being left alone after failures."""

    list_display = ("name", "code", "adapter", "base_url", "is_active", "created_at")
    search_fields = ("name", "code")
    fields = ("name", "code", "adapter", "base_url", "is_active", "created_at")
    inlines = (BreakerInline,)

    def rows(self, actor: Actor) -> QuerySet[Platform]:
        return guards.platforms()
