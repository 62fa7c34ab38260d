"""What a person changes of their own account leaves a record, and what they only look at leaves none."""

from datetime import datetime
from typing import Any

import pytest

from merchant_protection.accounts.services import users
from merchant_protection.audit.models import Entry
from merchant_protection.foundation.errors import Invalid
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")


def test_own_settings_are_written_down_where_they_changed(merchant: Persona, now: datetime) -> None:
    user = merchant.user
    same: dict[str, Any] = {
        name: getattr(user, name) for name in ("display_name", "language", "time_zone", "theme", "single_keys")
    }

    users.update_preferences(actor=merchant.actor, at=now, **same)
    assert not Entry.objects.exists()

    users.update_preferences(actor=merchant.actor, at=now, **same | {"theme": "dark", "time_zone": "Europe/Berlin"})
    entry = Entry.objects.get()
    assert (entry.action, entry.subject_id) == ("account.changed", str(user.pk))
    assert entry.before == {"theme": same["theme"], "time_zone": same["time_zone"]}
    assert entry.after == {"theme": "dark", "time_zone": "Europe/Berlin"}

    with pytest.raises(Invalid):
        users.update_preferences(actor=merchant.actor, at=now, **same | {"time_zone": "Nowhere"})
    assert Entry.objects.count() == 1
