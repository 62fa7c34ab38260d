"""The activity log speaks the reader's language, and is searched in it."""

from django.utils import translation

from merchant_protection.audit import wording


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
