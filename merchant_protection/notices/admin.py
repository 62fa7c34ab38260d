"""Staff pages: what shops were told, and whether the mail went out."""

from django.contrib import admin
from django.db.models import QuerySet
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.staff_admin import StaffInline, StaffModelAdmin
from merchant_protection.notices import queries
from merchant_protection.notices.models import Attempt, Delivery, Dispatch, Endpoint, Notice
from merchant_protection.notices.queries import webhooks

TONES = {"CRITICAL": "danger", "NORMAL": "info", "QUIET": "default"}
DELIVERY_TONES = {"PENDING": "info", "DELIVERED": "success", "DEAD": "danger"}
STATE_TONES = {"ACTIVE": "success", "PAUSED": "warning", "DISABLED": "default"}
DELIVERY_FIELDS = ("channel", "recipient", "status", "attempts", "created_at", "due_at", "delivered_at", "last_error")


class DeliveryInline(StaffInline):
    model = Delivery
    fields = DELIVERY_FIELDS
    ordering = ("pk",)


@admin.register(Notice)
class NoticeAdmin(StaffModelAdmin):
    """What a shop was told."""

    list_display = ("kind", "merchant", "urgency_shown", "created_at", "archived_at")
    list_select_related = ("merchant",)
    list_filter = (("urgency", ChoicesDropdownFilter),)
    search_fields = ("kind", "merchant__name", "merchant__code", "=subject_id")
    fields = ("merchant", "kind", "urgency", "params", "subject_id", "path", "created_at", "archived_at")
    paginator = InfinitePaginator
    inlines = (DeliveryInline,)

    def rows(self, actor: Actor) -> QuerySet[Notice]:
        return queries.visible_to(actor)

    @display(description=Notice._meta.get_field("urgency").verbose_name, ordering="urgency", label=TONES)
    def urgency_shown(self, notice: Notice) -> tuple[str, str]:
        return notice.urgency, notice.get_urgency_display()


@admin.register(Delivery)
class DeliveryAdmin(StaffModelAdmin):
    """Mail and messages on their way; what they say stays sealed, for links in them are secrets."""

    list_display = ("recipient", "channel", "status_shown", "merchant", "attempts", "created_at", "delivered_at")
    list_select_related = ("merchant",)
    list_filter = (("status", ChoicesDropdownFilter), ("channel", ChoicesDropdownFilter))
    search_fields = ("recipient", "merchant__name", "merchant__code")
    fields = ("merchant", *DELIVERY_FIELDS)
    paginator = InfinitePaginator

    def rows(self, actor: Actor) -> QuerySet[Delivery]:
        return queries.deliveries_visible_to(actor)

    @display(description=Delivery._meta.get_field("status").verbose_name, ordering="status", label=DELIVERY_TONES)
    def status_shown(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display()


@admin.register(Endpoint)
class EndpointAdmin(StaffModelAdmin):
    """Merchants' own systems that are told what happens; only their owners change them."""

    list_display = ("name", "merchant", "state_shown", "failures", "due_at", "succeeded_at", "failed_at")
    list_select_related = ("merchant",)
    list_filter = (("state", ChoicesDropdownFilter), ("reason", ChoicesDropdownFilter))
    search_fields = ("name", "url", "merchant__name", "merchant__code")
    fields = (
        *("merchant", "name", "url", "kinds", "state", "reason", "failures", "due_at", "rests_until"),
        *("succeeded_at", "failed_at", "created_at"),
    )
    paginator = InfinitePaginator

    def rows(self, actor: Actor) -> QuerySet[Endpoint]:
        return webhooks.endpoints_visible_to(actor)

    @display(description=Endpoint._meta.get_field("state").verbose_name, ordering="state", label=STATE_TONES)
    def state_shown(self, endpoint: Endpoint) -> tuple[str, str]:
        return endpoint.state, endpoint.get_state_display()


class AttemptInline(StaffInline):
    model = Attempt
    fields = ("number", "at", "status", "error", "took_ms")
    ordering = ("-pk",)


@admin.register(Dispatch)
class DispatchAdmin(StaffModelAdmin):
    """Messages on their way to merchants' own systems, with every try."""

    list_display = ("kind", "merchant", "endpoint", "status_shown", "attempts", "answer", "created_at", "due_at")
    list_select_related = ("merchant", "endpoint")
    list_filter = (("status", ChoicesDropdownFilter),)
    search_fields = ("=message__public_id", "=kind", "merchant__name", "merchant__code")
    fields = (
        *("merchant", "endpoint", "message", "kind", "status", "attempts", "answer", "last_error"),
        *("created_at", "due_at", "tried_at", "finished_at"),
    )
    paginator = InfinitePaginator
    inlines = (AttemptInline,)

    def rows(self, actor: Actor) -> QuerySet[Dispatch]:
        return webhooks.dispatches_visible_to(actor)

    @display(description=Dispatch._meta.get_field("status").verbose_name, ordering="status", label=DELIVERY_TONES)
    def status_shown(self, dispatch: Dispatch) -> tuple[str, str]:
        return dispatch.status, dispatch.get_status_display()
