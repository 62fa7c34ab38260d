"""Every read of exempt and deny lists, and of the files that fill them."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from scalper_policies.lifecycle import RunStatus
from scalper_policies.models import ListEntry, ListFile
from scalper_policies.queries.policies import of_shops


def visible_to(actor: Actor) -> QuerySet[ListEntry]:
    """Return the entries of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    return of_shops(ListEntry.objects.all(), actor)


def folder() -> Path:
    """Return where files of entries are kept until they are read."""
    return Path(settings.STATE_DIR) / "lists"


def no_files() -> QuerySet[ListFile]:
    """Return no file at all, for the API's description."""
    return ListFile.objects.none()


def no_entries() -> QuerySet[ListEntry]:
    """Return no entry at all: tells the API's description what kind of thing it lists."""
    return ListEntry.objects.none()


def files_visible_to(actor: Actor) -> QuerySet[ListFile]:
    """Return the files of entries of the actor's shops."""
    tenancy.require_scope()
    return of_shops(ListFile.objects.all(), actor)


def search(entries: QuerySet[ListEntry], text: str) -> QuerySet[ListEntry]:
    """Return the entries whose shown part or reason holds the words."""
    text = text.strip()
    return entries.filter(Q(shown__icontains=text) | Q(reason__icontains=text)) if text else entries


def both_lists(shop: int, *, limit: int) -> int:
    """Return how many keys are both exempt and denied, counted up to a limit; exempt wins."""
    exempt = ListEntry.objects.filter(merchant_id=shop, kind="EXEMPT").values("dimension", "key")
    rows: Any = ListEntry.objects.filter(merchant_id=shop, kind="DENY", key__in=exempt.values("key"))
    return int(rows[:limit].count())


def counts(shop: int) -> dict[str, int]:
    """Return how many entries each list has."""
    rows: Any = ListEntry.objects.filter(merchant_id=shop).order_by().values_list("kind")
    return dict(rows.annotate(count=Count("pk")))


def lock(entry_id: int) -> ListEntry:
    """Return an entry, locked; a stranger's is not found."""
    entry = ListEntry.objects.select_for_update().filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    return entry


def lock_file(file_id: int) -> ListFile:
    """Return a file, locked; a stranger's is not found."""
    file = ListFile.objects.select_for_update().filter(pk=file_id).first()
    if file is None:
        raise NotFound
    return file


def files_due() -> QuerySet[ListFile]:
    """Return the files that wait to be read, and those whose reader died."""
    tenancy.require_scope()
    waits = (RunStatus.WAITING, RunStatus.RUNNING)
    return ListFile.objects.filter(status__in=waits, due_at__isnull=False)


def expired(now: datetime) -> QuerySet[ListEntry]:
    """Return the entries whose time has passed."""
    tenancy.require_scope()
    return ListEntry.objects.filter(expires_at__lte=now)
