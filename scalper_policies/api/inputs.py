"""What the API takes of policies, lists, backtests and draws."""

import re
from datetime import datetime
from typing import Any

from rest_framework import serializers

from merchant_protection.foundation.api.fields import Flag, Text, Whole
from scalper_policies.models import BacktestRun, Kind, Matched, PolicyVersion

MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
IDS: dict[str, Any] = {"min_value": 1, "max_value": 2**63 - 1}
NOTE: dict[str, Any] = {"max_length": 300, "required": False, "allow_blank": True, "default": ""}


class Moment(serializers.DateTimeField):
    """A moment between 2000 and 2100: what lies at the ends of the calendar cannot be shown in every time zone."""

    def to_internal_value(self, value: Any) -> datetime:
        """Refuse what is no moment with its time and zone, or none of our time."""
        if not (isinstance(value, str) and MOMENT.fullmatch(value)):
            self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]")
        moment: datetime = super().to_internal_value(value)
        if not 2000 <= moment.year <= 2100:
            self.fail("overflow")
        return moment


class PolicyIn(serializers.Serializer):
    """A new policy: its name and what it says, as `terms` of a version are given; parts left out are as usual."""

    name = Text(max_length=120)
    terms = serializers.DictField(child=serializers.JSONField(allow_null=True))
    reason = Text(**NOTE)


class ChangeIn(serializers.Serializer):
    """What a policy is to say from now on; with `revision` the draft must still be as it was seen."""

    terms = serializers.DictField(child=serializers.JSONField(allow_null=True))
    name = Text(max_length=120, required=False)
    reason = Text(**NOTE)
    revision = Whole(required=False, min_value=1, max_value=2**31 - 1)


class NoteIn(serializers.Serializer):
    """A word about a move."""

    note = Text(**NOTE)


class SendBackIn(serializers.Serializer):
    """What is to be changed."""

    note = Text(max_length=300)


class EnforceIn(NoteIn):
    """A move that lets a version act: what it would have hit must be acknowledged where it warns."""

    acknowledged = Flag(required=False, default=False)


class TryOutIn(EnforceIn):
    """The share of buyers a version acts for."""

    percent = Whole(min_value=1, max_value=99)


class BacktestIn(serializers.Serializer):
    """A version to be tried on the shop's past orders."""

    version_id = Whole(**IDS)
    reading = serializers.ChoiceField(choices=BacktestRun.Reading.choices)
    since = Moment(required=False)
    until = Moment(required=False)


class EntryIn(serializers.Serializer):
    """One entry: `text` is what is matched, or `key:` and a key as a list is exported."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    dimension = serializers.ChoiceField(choices=Matched.choices)
    text = Text(max_length=1_000)
    reason = Text(max_length=300)
    expires_at = Moment()


class ListFileIn(serializers.Serializer):
    """A CSV file whose first column holds one entry a row, up to a million."""

    file = serializers.FileField(max_length=255)
    kind = serializers.ChoiceField(choices=Kind.choices)
    dimension = serializers.ChoiceField(choices=Matched.choices)
    reason = Text(max_length=300)
    expires_at = Moment()


class SnoozeIn(serializers.Serializer):
    """One rule of a policy left aside for the buyer of an answered order."""

    decision_id = Whole(**IDS)
    policy_id = Whole(**IDS)
    rule = Text(max_length=60)
    until = Moment()
    reason = Text(**NOTE)


class DrawIn(serializers.Serializer):
    """A draw: how many places, and when entries open and close."""

    name = Text(max_length=120)
    places = Whole(min_value=1, max_value=1_000_000)
    opens_at = Moment()
    closes_at = Moment()
    policy_id = Whole(required=False, **IDS)


class DrawEntryIn(serializers.Serializer):
    """A buyer who enters a draw, by the platform's reference."""

    draw_id = Whole(**IDS)
    buyer = Text(max_length=120)


class AnswerOverrideIn(serializers.Serializer):
    """Another answer in the place of ours for one order, until a moment."""

    decision_id = Whole(**IDS)
    verdict = serializers.ChoiceField(choices=[value.lower() for value in PolicyVersion.Answer.values])
    until = Moment()
    reason = Text(max_length=300)


class RuleOverrideIn(serializers.Serializer):
    """A rule that is to say nothing in one shop until a moment; without a policy it is one of the baseline."""

    merchant = Text(max_length=60)
    policy_id = Whole(required=False, **IDS)
    rule = Text(max_length=60, required=False, allow_blank=True, default="")
    until = Moment()
    reason = Text(max_length=300)


class ReasonIn(serializers.Serializer):
    """Why."""

    reason = Text(max_length=300)
