"""Staff pages: what shops were told, and whether the mail went out."""

from django.contrib import admin
from django.db.models import QuerySet
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.staff_admin import StaffInline, StaffModelAdmin
from merchant_protection.notices import queries
from merchant_protection.notices.models import Delivery, Notice

TONES = {"CRITICAL": "danger", "NORMAL": "info", "QUIET": "default"}
DELIVERY_TONES = {"PENDING": "info", "DELIVERED": "success", "DEAD": "danger"}
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
