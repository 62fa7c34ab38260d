"""The house's rules, over every file; and each rule over a file that breaks it, so that none is blind."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

import pytest

from tests.architecture import rules, source
from tests.architecture.source import Source

LONG_FUNCTION = "def long():\n" + "    x = 1\n" * 50
BAD = [
    (rules.file_is_short, "claims/queries.py", "x = 1\n" * 401),
    (rules.functions_are_short, "claims/queries.py", LONG_FUNCTION),
    (rules.module_is_named_after_a_thing, "claims/services/utils.py", ""),
    (rules.module_is_named_after_a_thing, "tests/helpers/clock.py", ""),
    (rules.imports_stand_at_the_top, "claims/queries.py", "def f():\n    import json\n"),
    (rules.interfaces_leave_rows_alone, "claims/views.py", "Claim.objects.get(pk=1)\n"),
    (rules.interfaces_leave_rows_alone, "claims/api/views.py", "claim.save()\n"),
    (rules.interfaces_leave_rows_alone, "claims/drains.py", "claim.delete()\n"),
    (rules.interfaces_leave_rows_alone, "claims/admin.py", "class A:\n    def save_model(self): ...\n"),
    (rules.transactions_begin_in_foundation, "claims/services.py", "with transaction.atomic(): ...\n"),
    (rules.transactions_begin_in_foundation, "claims/services.py", "from django.db.transaction import atomic\n"),
    (rules.meta_has_no_ordering, "claims/models.py", "class C:\n    class Meta:\n        ordering = ['id']\n"),
    (rules.public_functions_say_what_they_mean, "claims/services/decisions.py", "def uphold(): ...\n"),
    (rules.models_say_what_they_are, "claims/models/claim.py", "class Claim(models.Model): ...\n"),
    (rules.models_are_saved_as_they_are, "claims/models.py", "class C:\n    def save(self): ...\n"),
    (rules.kind_of_file_is_known, "claims/managers.py", ""),
    (rules.time_is_passed_in, "claims/services.py", "at = timezone.now()\n"),
    (rules.time_is_passed_in, "claims/rules/clock.py", "at = date.today()\n"),
    (rules.rules_know_no_framework, "claims/rules/clock.py", "from django.conf import settings\n"),
    (rules.rules_know_no_framework, "claims/lifecycle.py", "from django.db import models\n"),
    (rules.rules_know_no_framework, "claims/outside/scan.py", "from django import db\n"),
    (rules.work_is_promised_by_rows, "claims/services.py", "tasks.work.delay(1)\n"),
    (rules.parts_call_each_other_openly, "claims/apps.py", "post_save.connect(f)\n"),
    (rules.tasks_are_one_line, "claims/tasks.py", "def work():\n    x = 1\n    y = 2\n"),
    (rules.tests_are_not_skipped, "tests/claims/test_api.py", "@pytest.mark.skip\ndef test(): ...\n"),
]
GOOD = [
    (rules.functions_are_short, "claims/queries.py", "def short():\n" + "    x = 1\n" * 49),
    (rules.interfaces_leave_rows_alone, "claims/services.py", "Claim.objects.get(pk=1).save()\n"),
    (rules.transactions_begin_in_foundation, "merchant_protection/foundation/transactions.py", "atomic()\n"),
    (rules.public_functions_say_what_they_mean, "claims/services.py", 'def _move(): ...\ndef a():\n    "Say."\n'),
    (rules.models_say_what_they_are, "claims/models.py", "class Kind(models.TextChoices): ...\n"),
    (rules.time_is_passed_in, "claims/views.py", "timezone.now()\n"),
    (rules.tasks_are_one_line, "claims/tasks.py", 'def work():\n    "Say."\n    x = 1\n'),
]
BAD_TEMPLATES = [
    "<script>alert(1)</script>",
    "<style>p {}</style>",
    '<p style="color: red">',
    '<button type="button"\n onclick="go()">',
    '<div hx-on:click="go()">',
    '<a href="javascript:go()">',
    '<script src="https://cdn.example/x.js"></script>',
    "<link rel=stylesheet href='http://cdn.example/x.css'>",
    '<img alt="" src="https://cdn.example/x.png">',
]
GOOD_TEMPLATES = [
    '<script type="module" src="{% static \'portal.js\' %}"></script>',
    '<script type="application/json" id="points">[]</script>',
    '<a href="https://example.org/law">',
    '<svg xmlns="http://www.w3.org/2000/svg" class="one-icon">',
]


@cache
def _faults_of_the_house() -> dict[rules.Rule, list[str]]:
    """What each rule says of every file it is about; a file is read and parsed once for all rules."""
    found = defaultdict(list)
    for each in source.python(*source.EVERYTHING):
        is_program = each.path.startswith(tuple(f"{folder}/" for folder in source.PROGRAM))
        for rule in (*rules.EVERYWHERE, *(rules.IN_APPS if is_program else ())):
            found[rule] += _faults(rule, [each])
    return found


def _faults(rule: rules.Rule, sources: Iterable[Source]) -> list[str]:
    return [f"{each.path}:{line}: {fault}" for each in sources for line, fault in rule(each)]


@pytest.mark.parametrize("rule", rules.EVERYWHERE, ids=lambda rule: rule.__name__)
def test_every_file(rule: rules.Rule) -> None:
    assert not _faults_of_the_house()[rule]


@pytest.mark.parametrize("rule", rules.IN_APPS, ids=lambda rule: rule.__name__)
def test_the_program(rule: rules.Rule) -> None:
    assert not _faults_of_the_house()[rule]


def test_templates_hold_nothing_that_the_content_policy_blocks() -> None:
    assert not _faults(rules.faults_in_template, source.templates())


def test_every_app_stands_in_the_contracts() -> None:
    contracts = tomllib.loads((source.ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = " ".join(contracts[0]["layers"])
    found = {str(path.parent.relative_to(source.ROOT)) for path in source.ROOT.glob("*/apps.py")}
    found |= {str(path.parent.relative_to(source.ROOT)) for path in source.ROOT.glob("merchant_protection/*/apps.py")}

    assert found <= {*source.APPS, "merchant_protection/foundation"}
    assert all(app.replace("/", ".") in layers.split() for app in found)


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_a_rule_finds_what_breaks_it(rule: rules.Rule, path: str, text: str) -> None:
    assert _faults(rule, [Source(path, text)])


@pytest.mark.parametrize(("rule", "path", "text"), GOOD)
def test_a_rule_lets_the_rest_pass(rule: rules.Rule, path: str, text: str) -> None:
    assert not _faults(rule, [Source(path, text)])


def test_every_rule_has_a_file_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BAD} == {*rules.EVERYWHERE, *rules.IN_APPS}


@pytest.mark.parametrize("text", BAD_TEMPLATES)
def test_a_bad_template_is_found(text: str) -> None:
    assert _faults(rules.faults_in_template, [Source("templates/x.html", text)])


@pytest.mark.parametrize("text", GOOD_TEMPLATES)
def test_a_good_template_passes(text: str) -> None:
    assert not _faults(rules.faults_in_template, [Source("templates/x.html", text)])
