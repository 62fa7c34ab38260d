"""What the API gives of answers and policies."""

from collections.abc import Iterable, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from scalper_policies import wording
from scalper_policies.models import (
    BacktestRun,
    BaselineVersion,
    Draw,
    DrawEntry,
    ListEntry,
    ListFile,
    OrderDecision,
    Override,
    Policy,
    PolicyVersion,
    Snooze,
)
from scalper_policies.rules.policy import Check

VERDICTS = ("allow", "verify", "hold", "review", "reject")
CHECKS = tuple(check.value.lower() for check in Check)


class RemedyOut(serializers.Serializer):
    """What would let the order pass: a code, and its figures."""

    code = serializers.CharField()


class ReasonOut(serializers.Serializer):
    """One rule that an order broke."""

    rule = serializers.CharField()
    dimension = serializers.CharField()
    observed = serializers.JSONField(allow_null=True)
    limit = serializers.JSONField(allow_null=True)
    would_pass_if = serializers.JSONField()
    score = serializers.IntegerField()
    sku = serializers.CharField(allow_blank=True)


class BuyerTextOut(serializers.Serializer):
    """What the buyer may be told; it says nothing of others."""

    en = serializers.CharField(allow_blank=True)
    zh_hans = serializers.CharField(allow_blank=True)


class QueueOut(serializers.Serializer):
    """An order's place in the queue by which a policy sells: it goes on at `due_at`, nobody need ask again."""

    place = serializers.IntegerField()
    due_at = serializers.DateTimeField()


class AnswerOut(serializers.Serializer):
    """The answer to the platform."""

    decision_id = serializers.IntegerField(allow_null=True)
    number = serializers.CharField()
    verdict = serializers.ChoiceField(choices=VERDICTS)
    check = serializers.ChoiceField(
        choices=CHECKS, allow_null=True, help_text="What the buyer is asked to show, with which the order passes."
    )
    queue = QueueOut(allow_null=True)
    reasons = ReasonOut(many=True)
    score = serializers.IntegerField()
    policy_version = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    pay_within_minutes = serializers.IntegerField(allow_null=True, help_text="A restricted buyer's time to pay.")
    buyer_text = BuyerTextOut()
    overruled_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the marketplace's staff put another answer in the place of ours."
    )
    degraded = serializers.BooleanField()


class LateAnswerOut(serializers.Serializer):
    """The answer to one question of several, or why there is none."""

    index = serializers.IntegerField()
    answer = AnswerOut(required=False)
    fault = serializers.CharField(required=False)
    field = serializers.CharField(required=False, allow_blank=True)


class LateAnswersOut(serializers.Serializer):
    """The answers, in the order of the questions."""

    results = LateAnswerOut(many=True)


def answer(decision: OrderDecision) -> dict[str, Any]:
    """Return a decision as the platform is told it; written by hand, since a checkout waits for it."""
    acting = [each for each in decision.answers if each["mode"] not in ("SHADOW", "FAILED")]
    overruled = decision.overruled_by
    return {
        "decision_id": decision.pk,
        "number": decision.number,
        "verdict": decision.stands.lower(),
        **check_and_queue(decision.stands, [] if overruled else decision.reasons, [] if overruled else acting),
        "reasons": decision.reasons,
        "score": decision.score,
        "policy_version": ",".join(
            f"{'baseline' if each.get('baseline') else each['policy']}.{each['version']}" for each in acting
        ),
        "expires_at": decision.expires_at.isoformat(),
        "pay_within_minutes": decision.facts.get("payment_minutes"),
        "buyer_text": buyer_text(decision.stands, [] if overruled else decision.reasons),
        "overruled_until": overruled.ends_at.isoformat() if overruled else None,
        "degraded": False,
    }


def check_and_queue(
    verdict: str, reasons: Iterable[Mapping[str, Any]] = (), acting: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return which check is asked, and the place in a queue; of several queues the one that is due last."""
    check = None if verdict == "ALLOW" else wording.check_of(verdict, reasons)
    places = [each["queue"] for each in acting if "queue" in each]
    last = max(places, key=lambda place: str(place["due_at"]), default=None)
    return {"check": check and check.value.lower(), "queue": last}


def buyer_text(verdict: str, reasons: list[dict[str, Any]]) -> dict[str, str]:
    """Return what the buyer may be told, by language."""
    return {language.replace("-", "_"): text for language, text in wording.for_buyer(verdict, reasons).items()}


class OverrideOut(serializers.ModelSerializer):
    """What staff overruled: one answer by another, or a rule that says nothing in the shop until the end."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)
    order = serializers.CharField(source="decision.number", read_only=True, default="")
    verdict = serializers.SerializerMethodField()
    is_baseline = serializers.BooleanField(source="policy.is_baseline", read_only=True, default=False)

    class Meta:
        model = Override
        fields = [
            *("id", "merchant", "kind", "decision_id", "order", "verdict", "policy_id", "is_baseline", "rule"),
            *("reason", "starts_at", "ends_at", "ended_at", "ended_by", "made_by"),
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=(*VERDICTS, "")))
    def get_verdict(self, override: Override) -> str:
        return override.verdict.lower()


class BaselineOut(serializers.ModelSerializer):
    """A version of the platform's baseline rules; `sentences` say it in the reader's language."""

    sentences = serializers.SerializerMethodField()

    class Meta:
        model = BaselineVersion
        fields = [
            *("id", "number", "status", "terms", "sentences", "reason", "approved_at", "watched_since", "acts_since"),
            "ended_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_sentences(self, version: BaselineVersion) -> list[str]:
        return wording.summary(version.terms)


class DecisionOut(serializers.ModelSerializer):
    """An answer of the log."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)
    verdict = serializers.SerializerMethodField()
    buyer = serializers.CharField(source="buyer_shown", read_only=True)
    overrides = OverrideOut(many=True, read_only=True)

    class Meta:
        model = OrderDecision
        fields = [
            *("id", "merchant", "number", "buyer", "verdict", "score", "reasons", "answers", "units"),
            *("source", "placed_at", "decided_at", "expires_at", "overrides"),
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=VERDICTS))
    def get_verdict(self, decision: OrderDecision) -> str:
        return decision.verdict.lower()


class VersionOut(serializers.ModelSerializer):
    """One version of a policy."""

    class Meta:
        model = PolicyVersion
        fields = [
            *(
                "id",
                "policy_id",
                "number",
                "revision",
                "status",
                "terms",
                "starts_at",
                "ends_at",
                "canary_percent",
                "author",
                "reason",
            ),
            *("created_at", "changed_at", "approved_by", "approved_at"),
        ]
        read_only_fields = fields


class PolicyOut(serializers.ModelSerializer):
    """A policy with its versions, newest first."""

    merchant = serializers.CharField(source="merchant.code", read_only=True)
    versions = serializers.SerializerMethodField()

    class Meta:
        model = Policy
        fields = ["id", "merchant", "name", "created_at", "created_by", "changed_at", "versions"]
        read_only_fields = fields

    @extend_schema_field(VersionOut(many=True))
    def get_versions(self, policy: Policy) -> Any:
        return VersionOut(getattr(policy, "newest_first", []), many=True).data


class BacktestOut(serializers.ModelSerializer):
    """A version tried on past orders, and what it found."""

    policy = serializers.IntegerField(source="version.policy_id", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    report = serializers.JSONField(read_only=True, allow_null=True)

    class Meta:
        model = BacktestRun
        fields = [
            *("id", "policy", "version", "reading", "since", "until", "status", "orders_total", "orders_done"),
            "percent",
            *("report", "created_at", "created_by", "finished_at"),
        ]
        read_only_fields = fields


class ListEntryOut(serializers.ModelSerializer):
    """An entry of the exempt or deny list; what it matches is kept as a keyed hash only."""

    class Meta:
        model = ListEntry
        fields = ["id", "kind", "dimension", "shown", "reason", "expires_at", "created_at", "created_by"]
        read_only_fields = fields


class DrawOut(serializers.ModelSerializer):
    """A draw, with all that anybody needs to recompute it once it is drawn."""

    class Meta:
        model = Draw
        fields = [
            *("id", "name", "places", "status", "commitment", "entries_digest", "seed", "opens_at", "closes_at"),
            *("revealed_at", "policy_id"),
        ]
        read_only_fields = fields


class DrawEntryOut(serializers.ModelSerializer):
    """One entry of a draw: a keyed hash, and enough to know one's own."""

    class Meta:
        model = DrawEntry
        fields = ["id", "entry", "shown", "at"]
        read_only_fields = fields


class EnteredOut(serializers.Serializer):
    """That a buyer is in a draw, and under which name the buyer finds the own entry among the published ones."""

    draw_id = serializers.IntegerField()
    entered = serializers.BooleanField()
    entry = serializers.CharField()


class ListFileOut(serializers.ModelSerializer):
    """A file of entries: how far it is read, and which lines were refused, with the reason (the first 200)."""

    class Meta:
        model = ListFile
        fields = [
            *("id", "kind", "dimension", "file_name", "status", "rows_read", "rows_added", "rows_known"),
            *("rows_refused", "faults", "created_at", "created_by", "finished_at"),
        ]
        read_only_fields = fields


class SnoozeOut(serializers.ModelSerializer):
    """A rule left aside for one buyer until a date."""

    class Meta:
        model = Snooze
        fields = ["id", "policy_id", "rule", "dimension", "shown", "until", "reason", "created_at", "created_by"]
        read_only_fields = fields
