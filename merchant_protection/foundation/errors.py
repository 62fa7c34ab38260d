"""What a command answers when it will not do what was asked."""

from collections.abc import Mapping, Sequence


class Refusal(Exception):
    """A command declined; nothing was changed."""

    status = 400

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(Refusal):
    """The actor may not do this."""

    status = 403


class ProofNeeded(NotAllowed):
    """The actor may do this once they have proved again who they are."""


class NotFound(Refusal):
    """There is no such thing, or none that the actor may know of."""

    status = 404


class Conflict(Refusal):
    """The thing is in a state that does not permit this now."""

    status = 409


class Invalid(Refusal):
    """What was sent cannot be right; `fields` names each field with its reasons."""

    status = 422

    def __init__(self, message: str = "", *, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(message)
        self.fields = {name: list(reasons) for name, reasons in (fields or {}).items()}


def require(allowed: bool, message: str = "") -> None:
    """Refuse with "not allowed" unless the policy said yes."""
    if not allowed:
        raise NotAllowed(message)


def require_proof(given: bool, message: str) -> None:
    """Refuse a dangerous act until the person has proved again who they are."""
    if not given:
        raise ProofNeeded(message)
