"""What a kind of webhook is: its name for people, what it is about, and which plain facts it carries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WebhookKind:
    """A kind of message to merchants' own systems.

    `label` is a translated text. `subject` names what it is about ("claim"): messages about the same one arrive
    in order. `fields` are all the facts its data may carry, beside the id of the subject: none of them personal.
    `version` is raised when a fact changes its meaning or goes; a new fact needs no new version.
    """

    label: Any
    subject: str
    fields: tuple[str, ...] = ()
    version: int = 1


def unknown_fields(kind: WebhookKind, params: Mapping[str, Any]) -> set[str]:
    """Return the facts that the kind does not name, which a message must not carry."""
    return set(params) - set(kind.fields)
