"""A field for an amount, which reads what the other ways read: plain digits, and nothing that only looks like them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from pricing_guard.rules import amounts, words
from pricing_guard.rules.findings import Reason


class AmountField(forms.DecimalField):
    """An amount of money as it is kept: fourteen digits, four of them after the point; its size is the command's."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=4, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Read what was typed, or say why it is no amount."""
        if value in self.empty_values or not str(value).strip():
            return None
        found = amounts.read(value)
        if isinstance(found, Reason):
            raise ValidationError(words.tell(found, gettext))
        return found
