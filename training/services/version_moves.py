"""The one way a version's status changes, with its line of history."""

from datetime import datetime
from typing import Any

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction_required
from training.lifecycle import VERSION_MOVES
from training.models import CourseVersion, VersionMove


@transaction_required
def move(version: CourseVersion, name: str, *, actor: Actor, at: datetime, note: str = "", **fields: Any) -> None:
    """Move a version on, and write down who did it and when."""
    version.status = target_of(VERSION_MOVES, name, version.status)
    for field, value in fields.items():
        setattr(version, field, value)
    version.save(update_fields=["status", *fields])
    write(version, name, actor=actor, at=at, note=note)


@transaction_required
def write(version: CourseVersion, name: str, *, actor: Actor, at: datetime, note: str = "") -> None:
    """Write a line of a version's history."""
    VersionMove.objects.create(
        version=version, move=name, status=version.status, at=at, actor_name=actor.name[:200], note=note
    )
