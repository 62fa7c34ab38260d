"""What a new version of a course changed, for those who learned an older one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Changes:
    """Lessons by their codes: new ones, those that say something else now, those that went, those as before."""

    added: Sequence[str]
    changed: Sequence[str]
    removed: Sequence[str]
    same: Sequence[str]

    @property
    def to_learn(self) -> list[str]:
        """What somebody who finished the older version has yet to learn."""
        return [*self.added, *self.changed]


def between(old: Mapping[str, str], new: Mapping[str, str]) -> Changes:
    """Compare two versions, each as lesson code → fingerprint of what the lesson says, in order."""
    return Changes(
        added=[code for code in new if code not in old],
        changed=[code for code in new if code in old and old[code] != new[code]],
        removed=[code for code in old if code not in new],
        same=[code for code in new if old.get(code) == new[code]],
    )
