"""The words that tag addresses, version by version: what each changed, and how far stored addresses follow."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.staff_admin import REVIEWING, StaffModelAdmin
from merchant_protection.marketplace.models import AddressList
from merchant_protection.marketplace.queries import address_lists as queries
from merchant_protection.marketplace.rules import address_tags


@admin.register(AddressList)
class AddressListAdmin(StaffModelAdmin):
    """Every version of the lists, of the platform and of shops; a change is a new version."""

    view_roles = REVIEWING
    list_display = ("number", "whose", "number_of_words", "author", "created_at")
    list_select_related = ("merchant",)
    search_fields = ("merchant__name", "merchant__code", "author")
    fields = ("whose", "author", "created_at", "changes", "tagging", "all_words")

    def rows(self, actor: Actor) -> QuerySet[AddressList]:
        return queries.visible_to(actor)

    @display(description=gettext_lazy("Version"), ordering="pk")
    def number(self, version: AddressList) -> int:
        return version.pk

    @display(description=gettext_lazy("Shop"))
    def whose(self, version: AddressList) -> str:
        return version.merchant.name if version.merchant else _("Every shop")

    @display(description=gettext_lazy("Words"))
    def number_of_words(self, version: AddressList) -> int:
        return sum(map(len, version.words.values()))

    @display(description=gettext_lazy("Against the version before"))
    def changes(self, version: AddressList) -> str:
        before = queries.before(version)
        found = address_tags.difference(before.words if before else {}, version.words)
        return _lines((f"{sign} {tag}: {word}",) for tag, sign, word in found) or "–"

    @display(description=gettext_lazy("Stored addresses"))
    def tagging(self, version: AddressList) -> str:
        if queries.newest_of(version.merchant_id) != version:
            return _("A newer version counts.")
        told = queries.progress(version.merchant_id)
        if told.shops_left:
            return _("Being tagged again: %(tagged)s addresses so far, %(left)s shops to do.") % {
                "tagged": told.tagged,
                "left": told.shops_left,
            }
        return _("All tagged by this version; %(tagged)s addresses.") % {"tagged": told.tagged}

    @display(description=gettext_lazy("All words"))
    def all_words(self, version: AddressList) -> str:
        return _lines((f"{tag}: {', '.join(words)}",) for tag, words in sorted(version.words.items())) or "–"


def _lines(rows: Any) -> str:
    return format_html_join("", "<div>{}</div>", rows)
