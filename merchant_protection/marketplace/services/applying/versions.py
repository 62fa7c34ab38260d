"""Which of several events about one thing counts, and under which number the database knows the thing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Model

from merchant_protection.marketplace.models import InboxEvent

type Key = tuple[int, str]
NEWER = "known.version < excluded.version"


@dataclass(frozen=True)
class Applied:
    """An event that brought a fact forward."""

    event: InboxEvent
    subject_id: int


def newest(events: Sequence[InboxEvent]) -> dict[Key, InboxEvent]:
    """Return the event of the highest version for each thing; of equals the one received first."""
    found: dict[Key, InboxEvent] = {}
    for event in sorted(events, key=lambda event: event.pk):
        key = (event.merchant_id, event.object_key)
        if key not in found or found[key].object_version < event.object_version:
            found[key] = event
    return found


def ids(model: type[Model], keys: Collection[Key], *, by: str) -> dict[Key, int]:
    """Return the database's numbers of things by shop and the shop's own number."""
    if not keys:
        return {}
    rows = model._default_manager.filter(
        merchant_id__in={shop for shop, _ in keys}, **{f"{by}__in": {name for _, name in keys}}
    )
    return {(shop, name): pk for shop, name, pk in rows.values_list("merchant_id", by, "pk")}


def applied_of(newest_events: Iterable[tuple[Key, InboxEvent]], written: dict[Key, int]) -> list[Applied]:
    """Return those of the events whose thing was written."""
    return [Applied(event, written[key]) for key, event in newest_events if key in written]
