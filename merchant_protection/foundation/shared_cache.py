"""Django's cache in PostgreSQL: the same for all processes, and there when the broker is not.

The sign-in library counts its attempts here and remembers which one-time codes
were used; `add` is exact among any number of processes, which Django's own
cache in a database is not once an entry has expired. Values are JSON, so that
who can write the table can run no code of theirs.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

from merchant_protection.foundation.models import CacheEntry

PUT = """
INSERT INTO foundation_cacheentry AS known (name, value, expires_at) VALUES (%(name)s, %(value)s, %(expires_at)s)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
"""
UNLESS_LIVE = "WHERE known.expires_at <= %(now)s RETURNING true"


class SharedCache(BaseCache):
    """Small values, for a while."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value unless there is one; True for exactly one of any number at once."""
        with connection.cursor() as cursor:
            cursor.execute(PUT + UNLESS_LIVE, self._row(key, value, timeout, version))
            return cursor.fetchone() is not None

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value; one that JSON cannot say, such as what the staff's palette found, is not kept at all."""
        try:
            row = self._row(key, value, timeout, version)
        except TypeError:
            self.delete(key, version=version)
            return
        with connection.cursor() as cursor:
            cursor.execute(PUT, row)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return a value that is still kept."""
        found = self._live(key, version).values_list("value", flat=True).first()
        return default if found is None else json.loads(found)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value longer."""
        return bool(self._live(key, version).update(expires_at=self._end(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value."""
        name = self.make_and_validate_key(key, version=version)
        return CacheEntry.objects.filter(name=name).delete()[0] == 1

    def clear(self) -> None:
        """Forget all."""
        CacheEntry.objects.all().delete()

    def _live(self, key: str, version: int | None) -> Any:
        name = self.make_and_validate_key(key, version=version)
        return CacheEntry.objects.filter(name=name, expires_at__gt=datetime.now(UTC))

    def _row(self, key: str, value: Any, timeout: Any, version: int | None) -> dict[str, Any]:
        name = self.make_and_validate_key(key, version=version)
        end = self._end(timeout)
        return {"name": name, "value": json.dumps(value), "expires_at": end, "now": datetime.now(UTC)}

    def _end(self, timeout: Any) -> datetime:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return datetime.now(UTC) + timedelta(seconds=min(10**8, 10**8 if seconds is None else seconds))


def forget_expired(*, now: datetime) -> int:
    """Drop the values whose time is over."""
    return CacheEntry.objects.filter(expires_at__lte=now).delete()[0]
