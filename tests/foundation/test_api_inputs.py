"""No body of the API is guessed at: its texts, numbers and flags refuse what only looks like them."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from merchant_protection.foundation.api.fields import Moment, Number, Whole
from tests.architecture import source

GUESSING = {
    serializers.CharField,
    serializers.RegexField,
    serializers.IntegerField,
    serializers.FloatField,
    serializers.DecimalField,
    serializers.BooleanField,
    serializers.DateTimeField,
}
PROGRAM = tuple(folder.replace("/", ".") for folder in source.PROGRAM)


def of_the_program(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith(PROGRAM):
            yield each
        yield from of_the_program(each)


def inputs() -> list[type[Any]]:
    """What bodies are read by; what only answers is called `…Out`."""
    import_module("merchant_protection.config.urls")
    known = {each for each in of_the_program(serializers.Serializer) if not each.__name__.endswith("Out")}
    return sorted(known, key=lambda each: f"{each.__module__}.{each.__qualname__}")


def guesses(field: Any, name: str) -> Iterator[str]:
    if type(field) in GUESSING and not field.read_only:
        yield f"{name} is a plain {type(field).__name__}"
    for inner, part in getattr(field, "fields", {}).items():
        yield from guesses(part, f"{name}.{inner}")
    if (child := getattr(field, "child", None)) is not None:
        yield from guesses(child, f"{name}[]")


@pytest.mark.parametrize("kind", inputs(), ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")
def test_no_part_of_a_body_is_guessed_at(kind: type[Any]) -> None:
    assert list(guesses(kind(), kind.__name__)) == []


def test_a_guess_is_found_wherever_it_stands() -> None:
    class Line(serializers.Serializer[Any]):
        count = serializers.IntegerField()

    class Body(serializers.Serializer[Any]):
        lines = Line(many=True)
        ids = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
        version = Whole()
        seen = serializers.IntegerField(read_only=True)

    assert list(guesses(Body(), "Body")) == [
        "Body.lines[].count is a plain IntegerField",
        "Body.ids[][] is a plain FloatField",
    ]


@pytest.mark.parametrize("given", ["12", "１２", True, None, [12], "1.0", float("nan"), float("inf")])
@pytest.mark.parametrize("field", [Whole(), Number()], ids=["whole", "number"])
def test_what_only_looks_like_a_number_is_refused(field: Any, given: object) -> None:
    with pytest.raises(ValidationError):
        field.run_validation(given)


def test_a_whole_number_has_no_fraction() -> None:
    with pytest.raises(ValidationError):
        Whole().run_validation(1.5)

    assert Whole().run_validation(12.0) == 12
    assert Number().run_validation(1.5) == 1.5
    assert Number().run_validation(3) == 3.0


@pytest.mark.parametrize("given", ["0001-01-01T00:00", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_beyond_the_calendar_is_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        Moment().run_validation(given)
