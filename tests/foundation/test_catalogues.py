"""The texts to translate are found without any program outside Python, and every one has its Chinese."""

from pathlib import Path

import pytest
from django.conf import settings

from merchant_protection.foundation import catalogues, extraction

PAGE = """
{% translate "Orders" %} {% translate "16% under" %} {{ value|default:_("None yet") }}
<c-head title="{% translate 'It\\'s here' %}" />
{% blocktranslate trimmed count n=rows %}
  {{ n }} row
{% plural %}
  {{ n }} rows
{% endblocktranslate %}
{% translate "Open" context "state" %}
"""
CODE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext_lazy
A = _("Shop")
B = ngettext("%d line", "%d lines", 2)
C = pgettext_lazy("state", "Closed")
"""


def test_texts_of_a_template_are_found(tmp_path: Path):
    file = tmp_path / "page.html"
    file.write_text(PAGE)

    found = set(extraction.in_template(file))

    assert found == {
        extraction.Text("Orders"),
        extraction.Text("16%% under"),
        extraction.Text("None yet"),
        extraction.Text("It's here"),
        extraction.Text("%(n)s row", "%(n)s rows"),
        extraction.Text("Open", context="state"),
    }


def test_texts_of_python_are_found(tmp_path: Path):
    file = tmp_path / "code.py"
    file.write_text(CODE)

    found = list(extraction.in_python(file))

    assert found == [
        extraction.Text("Shop"),
        extraction.Text("%d line", "%d lines"),
        extraction.Text("Closed", context="state"),
    ]


def test_a_new_text_takes_the_translation_it_has_elsewhere_and_a_vanished_one_goes(tmp_path: Path):
    (tmp_path / "code.py").write_text(CODE)
    home = catalogues.Home("some", tmp_path / "locale", python=(tmp_path,), templates=())

    catalogues.update(home, {("Shop", None): "店铺"})
    (tmp_path / "code.py").write_text(CODE.replace('"Closed"', '"Ended"'))
    catalogue = catalogues.update(home, {})

    assert catalogue["Shop"].string == "店铺"
    assert catalogue.get("Closed", "state") is None
    assert catalogues.missing(catalogue) == 2


@pytest.mark.parametrize("home", catalogues.homes(), ids=lambda home: home.name)
def test_a_second_run_changes_nothing(home: catalogues.Home, tmp_path: Path):
    if not home.po.exists():
        return
    copy = catalogues.Home(home.name, tmp_path, home.python, home.templates, home.libraries)
    copy.po.parent.mkdir(parents=True)
    copy.po.write_bytes(home.po.read_bytes())

    catalogues.update(copy, {})
    once = copy.po.read_bytes()
    catalogues.update(copy, {})

    assert copy.po.read_bytes() == once


def test_a_librarys_word_for_the_same_english_does_not_win():
    ours = {home.path for home in catalogues.homes() if home.po.exists()}

    assert ours <= set(settings.LOCALE_PATHS)
