"""The activity log speaks the reader's language, and is searched in it."""

import ast
import re
from collections.abc import Iterator

from django.utils import translation

from merchant_protection.audit import wording
from merchant_protection.audit.wording import particulars
from merchant_protection.risk.lifecycle import APPEAL_MOVES
from scalper_policies.lifecycle import BASELINE_MOVES, VERSION_MOVES
from tests.architecture.source import PROGRAM, python


def test_a_code_is_said_in_words():
    with translation.override("en"):
        assert wording.action("key.revoked") == "Key revoked"
        assert wording.subject("source") == "Source"


def test_a_code_without_words_is_shown_as_it_is():
    assert wording.action("lesson.watched") == "lesson.watched"
    assert wording.subject("lesson") == "lesson"


def test_words_lead_to_the_codes():
    with translation.override("en"):
        found = wording.codes("REVOKED")
        assert {"key.revoked", "source.secret_revoked"} <= set(found)
        assert all("revoked" in wording.action(code).casefold() for code in found)
        assert wording.codes("nothing of the kind") == []


def recorded() -> Iterator[str]:
    """Every action that the program names where it writes to the log."""
    for source in python(*PROGRAM):
        if "audit" not in source.text:
            continue
        calls = [node for node in ast.walk(ast.parse(source.text)) if isinstance(node, ast.Call)]
        for call in calls:
            named = [each.value for each in call.keywords if each.arg == "action"]
            said = call.args if re.search(r"(^|\W)_?(record|note)$", ast.unparse(call.func)) else []
            for value in [*named, *said]:
                if isinstance(value, ast.Constant) and re.fullmatch(r"[a-z_]+\.[a-z_]+", str(value.value)):
                    yield value.value


def test_every_action_that_is_written_down_has_words():
    found = set(recorded())

    assert {"draw.recomputed", "guard_policy.saved", "desk.published", "export.sent"} <= found
    assert sorted(found - set(wording.ACTIONS)) == []


def test_every_move_that_is_written_down_by_its_name_has_words():
    tables = {"policy": VERSION_MOVES, "baseline": BASELINE_MOVES, "appeal": APPEAL_MOVES, "dispute": APPEAL_MOVES}

    missing = {f"{kind}.{name}" for kind, moves in tables.items() for name in moves} - set(wording.ACTIONS)

    assert missing == set()


def test_particulars_are_said_in_words_and_a_long_list_is_cut():
    with translation.override("en"):
        assert particulars.name("sku") == "SKU"
        assert particulars.name("of_no_table") == "of no table"
        assert [particulars.value(said) for said in (None, "", True, False)] == ["–", "–", "yes", "no"]
        assert particulars.value({"held_skus": [f"S{n}" for n in range(1000)]}).endswith("S4 and 995 more")
        assert particulars.value({"en": "A course", "zh": "课程"}) == "A course"
        assert particulars.value("2026-11-27T07:04:57+00:00") == "2026-11-27 15:04"
        assert particulars.value("2026-11-27Tnot-a-moment") == "2026-11-27Tnot-a-moment"
        assert particulars.value("x" * 500) == f"{'x' * 160}…"
