"""What a form offers to choose from, where only the form itself knows it."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms


def offer(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Let a field of choices offer these: pairs of value and words, or groups of them."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)
