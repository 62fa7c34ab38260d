"""Staff pages: warnings, to be read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import masking
from merchant_protection.foundation.staff_admin import REVIEWING, StaffModelAdmin, money
from merchant_protection.risk import queries
from merchant_protection.risk.models import Warning

LEVEL_TONES = {"HIGH": "danger", "MEDIUM": "warning", "LOW": "info"}


@admin.register(Warning)
class WarningAdmin(StaffModelAdmin):
    """What merchants were warned of, and what they answered."""

    view_roles = REVIEWING
    amount_shown = money(Warning, "amount")
    list_display = ("kind", "level_shown", "merchant", "order", "buyer_shown", "status", "raised_at", "answered_by")
    list_select_related = ("merchant", "order", "buyer")
    list_filter = (("level", ChoicesDropdownFilter), ("status", ChoicesDropdownFilter))
    search_fields = ("kind", "merchant__name", "merchant__code", "=order__number")
    fields = (
        *("merchant", "kind", "level", "status", "source", "order", "buyer_shown", "amount_shown"),
        *("raised_at", "expires_at", "answered_at", "answered_by", "answer_note"),
    )

    def rows(self, actor: Actor) -> QuerySet[Warning]:
        return queries.visible_to(actor)

    @display(description=Warning._meta.get_field("level").verbose_name, ordering="level", label=LEVEL_TONES)
    def level_shown(self, warning: Warning) -> tuple[str, str]:
        return warning.level, warning.get_level_display()

    @display(description=gettext_lazy("Buyer"))
    def buyer_shown(self, warning: Warning) -> str:
        return masking.masked(warning.buyer.ref) if warning.buyer else "–"
