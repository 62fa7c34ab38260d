"""Whose rule a row is about, in words, on staff lists as on the shop's own pages."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from merchant_protection.foundation.staff_admin import StaffModelAdmin
from merchant_protection.marketplace import wording


class InWords(StaffModelAdmin):
    """A page of rows that a feature's rule brought about; a list asks each feature once for all of a shop."""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        rows = list(found.result_list)
        words = wording.asked_together((row.merchant_id, row.feature, (row.rule,)) for row in rows)
        for row in rows:
            row.rule_in_words = words[row.merchant_id, row.feature].get(row.rule, "–")
        found.result_list = rows
        return found

    @display(description=gettext_lazy("Rule in words"), ordering="rule")
    def rule_shown(self, row: Any) -> str:
        known = getattr(row, "rule_in_words", None)
        return known or wording.asked(row.merchant_id, row.feature, [row.rule]).get(row.rule, "–")
