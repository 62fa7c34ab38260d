"""Staff pages: warnings, to be read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import masking
from merchant_protection.foundation.staff_admin import REVIEWING, StaffModelAdmin, money
from merchant_protection.marketplace.wording import who
from merchant_protection.risk import queries, wording
from merchant_protection.risk.models import Warning

LEVEL_TONES = {"HIGH": "danger", "MEDIUM": "warning", "LOW": "info"}


@admin.register(Warning)
class WarningAdmin(StaffModelAdmin):
    """What merchants were warned of, and what they answered."""

    view_roles = REVIEWING
    amount_shown = money(Warning, "amount")
    list_display = (*("kind_shown", "order", "level_shown", "merchant", "buyer_shown", "status", "raised_at", "who"),)
    list_select_related = ("merchant", "order", "buyer")
    list_filter = (("level", ChoicesDropdownFilter), ("status", ChoicesDropdownFilter))
    search_fields = ("kind", "merchant__name", "merchant__code", "=order__number")
    fields = (
        *("kind_shown", "seen", "merchant", "level", "status", "order", "buyer_shown", "amount_shown"),
        *("raised_at", "expires_at", "answered_at", "who", "note"),
    )

    def rows(self, actor: Actor) -> QuerySet[Warning]:
        return queries.visible_to(actor)

    @display(description=Warning._meta.get_field("kind").verbose_name, ordering="kind")
    def kind_shown(self, warning: Warning) -> str:
        return wording.kind_name(warning.kind)

    @display(description=gettext_lazy("What was seen"))
    def seen(self, warning: Warning) -> str:
        return wording.reason(warning)

    @display(description=Warning._meta.get_field("answered_by").verbose_name, ordering="answered_by")
    def who(self, warning: Warning) -> str:
        return who(warning.answered_by) or "–"

    @display(description=Warning._meta.get_field("answer_note").verbose_name)
    def note(self, warning: Warning) -> str:
        return wording.ended(warning.answer_note) or warning.answer_note or "–"

    @display(description=Warning._meta.get_field("level").verbose_name, ordering="level", label=LEVEL_TONES)
    def level_shown(self, warning: Warning) -> tuple[str, str]:
        return warning.level, warning.get_level_display()

    @display(description=gettext_lazy("Buyer"))
    def buyer_shown(self, warning: Warning) -> str:
        return masking.masked(warning.buyer.ref) if warning.buyer else "–"
