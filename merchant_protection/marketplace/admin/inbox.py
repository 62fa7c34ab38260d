"""Staff pages: received events, who sends them, imports and the platforms themselves."""

from django.contrib import admin
from django.db.models import QuerySet
from unfold.contrib.filters.admin import ChoicesDropdownFilter

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


@admin.register(InboxEvent)
class InboxEventAdmin(StaffModelAdmin):
    """Everything that was accepted and what became of it; what it said stays with the shop."""

    list_display = ("event_id", "type", "merchant", "status", "outcome", "attempts", "received_at", "decided_at")
    list_select_related = ("merchant",)
    list_filter = (("status", ChoicesDropdownFilter),)
    search_fields = ("=event_id", "=object_key")
    fields = (
        *("event_id", "type", "schema", "merchant", "object_version", "occurred_at", "received_at"),
        *("status", "outcome", "decided_at", "attempts", "due_at", "last_error"),
    )

    def rows(self, actor: Actor) -> QuerySet[InboxEvent]:
        return inbox.events_visible_to(actor)


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
    fields = ("row", "field", "code")
    ordering = ("row",)
    max_num = 100


@admin.register(Import)
class ImportAdmin(StaffModelAdmin):
    """Files of orders that shops loaded."""

    list_display = ("file_name", "merchant", "status", "rows_read", "rows_added", "rows_faulty", "created_at")
    list_select_related = ("merchant",)
    list_filter = (("status", ChoicesDropdownFilter),)
    search_fields = ("file_name", "merchant__name", "merchant__code")
    fields = (
        *("file_name", "merchant", "status", "is_dry_run", "currency", "time_zone", "file_bytes", "rows_read"),
        *("rows_total", "rows_added", "rows_known", "rows_faulty", "totals", "created_at", "created_by"),
        *("finished_at", "last_error"),
    )

    def rows(self, actor: Actor) -> QuerySet[Import]:
        return imports.visible_to(actor)


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
