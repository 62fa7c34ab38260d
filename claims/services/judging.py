"""What makes a kind or a service level impossible, in words, each at the field and the row it concerns."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from django.utils.translation import gettext as _

from claims.rules import kinds, service_levels, sla
from claims.rules.reasons import Reason

Faults = dict[str, list[str]]


def faults_of_kind(kind: kinds.Kind) -> Faults:
    """Say why nobody could file a kind of complaint; nothing when everybody can."""
    found: Faults = defaultdict(list)
    for reason in kinds.problems(kind):
        for place, words in _of_kind(kind, reason):
            found[place].append(words)
    return dict(found)


def faults_of_level(terms: sla.Terms) -> Faults:
    """Say why a service level cannot be kept; nothing when it can."""
    found: Faults = defaultdict(list)
    for reason in service_levels.problems(terms):
        for place, words in _of_level(terms, reason):
            found[place].append(words)
    return dict(found)


def _of_kind(kind: kinds.Kind, reason: Reason) -> Iterable[tuple[str, str]]:
    asked = [*(("required", place) for place in range(len(kind.required)))]
    asked += [("helpful", place) for place in range(len(kind.helpful))]
    types = [each.type for each in (*kind.required, *kind.helpful)]

    def row(where: int, part: str) -> str:
        name, place = asked[where]
        return f"{name}.{place}.{part}"

    if reason.code == "NO_EVIDENCE":
        return [("required", _("Ask for at least one piece of evidence."))]
    if reason.code == "EVIDENCE_TWICE":
        twice = [at for at, type_ in enumerate(types) if type_ == reason.facts["type"]]
        return [(row(at, "type"), _("This evidence stands here twice.")) for at in twice[1:]]
    if reason.code == "WEIGHT_NOT_POSITIVE":
        light = [at for at, each in enumerate((*kind.required, *kind.helpful)) if each.weight < 1]
        return [(row(at, "weight"), _("Enter a weight of 1 or more.")) for at in light]
    if reason.code == "TIME_NEGATIVE":
        return [("closes_after", _("A time cannot run backwards."))]
    if reason.code == "WINDOW_MAY_MISS_DEADLINE":
        words = _("The time to file could be over before it begins: what it is counted from may come first.")
        return [("closes_basis", words)]
    return [("closes_after", _("The time to file would be over before it begins. Leave at least one day."))]


def _of_level(terms: sla.Terms, reason: Reason) -> Iterable[tuple[str, str]]:
    targets = [each.target for each in terms.promises]

    def rows(wanted: object, part: str, words: str, *, after: int = 0) -> list[tuple[str, str]]:
        places = [place for place, target in enumerate(targets) if target == wanted]
        return [(f"promises.{place}.{part}", words) for place in places[after:]]

    target = reason.facts.get("target")
    found: dict[str, Callable[[], Sequence[tuple[str, str]]]] = {
        "NO_TARGET": lambda: [("promises", _("Promise at least one target."))],
        "TARGET_TWICE": lambda: rows(target, "target", _("This target stands here twice."), after=1),
        "TARGET_NOT_POSITIVE": lambda: rows(target, "within", _("Give it some time."))[:1],
        "WARNINGS_NOT_PER_CENT": lambda: [("warnings", _("Enter different numbers from 1 to 99."))],
        "LEVEL_TWICE": lambda: [("steps", _("Each step has a number of its own."))],
        "LEVELS_OUT_OF_ORDER": lambda: [(_early(terms.steps), _("This comes before the step above it."))],
        "UPDATE_WITHOUT_FIRST_RESPONSE": lambda: rows(
            sla.Target.NEXT_UPDATE, "target", _("Updates are counted from the first response: promise that too.")
        ),
        "FIRST_RESPONSE_AFTER_RESOLUTION": lambda: rows(
            sla.Target.FIRST_RESPONSE, "within", _("The first response would come after the decision.")
        ),
        "PAUSE_CAP_NEGATIVE": lambda: [("pause_cap", _("A time cannot run backwards."))],
        "CALENDAR_NEVER_OPENS": lambda: [("calendar", _("This calendar has no working hours."))],
    }
    return found[reason.code]()


def _early(steps: Sequence[sla.Step]) -> str:
    """Name the first step that comes before the one above it."""
    in_order = sorted(enumerate(steps), key=lambda each: each[1].level)
    pairs = itertools.pairwise(in_order)
    place = next(place for (_place, one), (place, other) in pairs if other.offset < one.offset)
    return f"steps.{place}.offset"
