"""The faults of a course's folder in words."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from training.rules.yaml_reading import Fault

WORDS: dict[str, Promise] = {
    "no_course_file": gettext_lazy("There is no course.yaml in the folder."),
    "not_a_mapping": gettext_lazy("Keys with values are expected here."),
    "twice": gettext_lazy("“%(key)s” stands here twice."),
    "missing": gettext_lazy("“%(key)s” is missing."),
    "unknown_key": gettext_lazy("“%(key)s” is not known here."),
    "too_long": gettext_lazy("“%(key)s” is longer than %(most)s characters."),
    "not_a_code": gettext_lazy("“%(value)s” is not a code: small letters, digits and hyphens only."),
    "not_a_choice": gettext_lazy("“%(value)s” is not one of: %(choices)s."),
    "not_a_number": gettext_lazy("“%(key)s” must be a number (%(least)s–%(most)s)."),
    "not_a_flag": gettext_lazy("“%(key)s” must be true or false."),
    "not_a_list": gettext_lazy("“%(key)s” must be a list."),
    "not_a_list_of_words": gettext_lazy("“%(key)s” must be a list of words."),
    "not_plain": gettext_lazy("“%(key)s” must be a single value."),
    "code_twice": gettext_lazy("The code “%(code)s” is used twice."),
    "too_large": gettext_lazy("The file is larger than %(most)s characters."),
    "alias": gettext_lazy("Anchors and aliases of YAML are not used here."),
    "not_utf8": gettext_lazy("This is not text in UTF-8."),
    "broken_yaml": gettext_lazy("This is not YAML: %(problem)s."),
    "empty": gettext_lazy("There is nothing here."),
    "no_such_file": gettext_lazy("The file %(value)s is missing."),
    "no_such_picture": gettext_lazy("The picture %(value)s is not in the folder “files”."),
    "wrong_kind_of_file": gettext_lazy("%(value)s must be one of: %(choices)s."),
    "not_a_video": gettext_lazy("A video is a file (files/….mp4, files/….webm) or an address https://….m3u8."),
    "unknown_file": gettext_lazy("Nothing in course.yaml needs this file."),
    "bad_file_name": gettext_lazy("A file's name has letters, digits, dots and hyphens only."),
    "unknown_kind_of_file": gettext_lazy("Files of this kind are not taken."),
    "file_too_large": gettext_lazy("The file is larger than %(most)s MB."),
    "not_what_it_says": gettext_lazy("The content is not what the file's name says."),
    "options_count": gettext_lazy("There must be %(least)s to %(most)s options."),
    "one_correct": gettext_lazy("Exactly one option must be correct."),
    "some_correct": gettext_lazy("At least one option must be correct."),
    "no_such_topic": gettext_lazy("The quiz “%(code)s” asks for topics that no question has: %(value)s."),
    "too_few_questions": gettext_lazy("The quiz “%(code)s” draws more questions than the %(there)s there are."),
}


def lines(faults: Iterable[Fault]) -> list[str]:
    """Return each fault as a line: the file, the line, what is wrong."""
    return [
        _("%(file)s, line %(line)s: %(what)s")
        % {"file": fault.file, "line": fault.line, "what": str(WORDS[fault.what]) % fault.details}
        for fault in faults
    ]
