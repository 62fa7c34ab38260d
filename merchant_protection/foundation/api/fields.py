"""Fields that take what the API's description says, and guess at nothing."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers


class Text(serializers.CharField):
    """A text: a number is not one, though it could be written as one."""

    def to_internal_value(self, data: Any) -> str:
        """Refuse what is no text."""
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Pattern(Text):
    """A text of a form: the whole of it, where `$` would let a line end pass."""

    def __init__(self, pattern: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(RegexValidator(rf"\A{pattern}\Z"))


class Amount(serializers.DecimalField):
    """A sum of money, written as a text: a JSON number may not be what was meant to the last digit."""

    WRITTEN = re.compile(r"-?[0-9]*\.?[0-9]*")

    def to_internal_value(self, data: Any) -> Decimal:
        """Refuse what is no text, or not in plain digits: Python would take those of every script and powers of ten."""
        if not isinstance(data, str) or not self.WRITTEN.fullmatch(data):
            self.fail("invalid")
        return super().to_internal_value(data)


class Moment(serializers.DateTimeField):
    """A moment; at the very ends of the calendar there is none in every zone."""

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse what the calendar has no room for."""
        try:
            return super().enforce_timezone(value)
        except OverflowError:
            self.fail("overflow")


class Flag(serializers.BooleanField):
    """True or false: neither 0 nor "yes"."""

    def to_internal_value(self, data: Any) -> bool:
        """Refuse what is neither."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Whole(serializers.IntegerField):
    """A whole number: neither a text that holds one, nor true."""

    def to_internal_value(self, data: Any) -> int:
        """Refuse what is no number, and what is none in full."""
        is_whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not is_whole:
            self.fail("invalid")
        return super().to_internal_value(int(data))


class Number(serializers.FloatField):
    """A number, perhaps with a fraction: neither a text that holds one, nor true."""

    def to_internal_value(self, data: Any) -> float:
        """Refuse what is no number."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return float(super().to_internal_value(data))
