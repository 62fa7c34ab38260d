"""A file of shop A for the matrix of routes."""

from datetime import datetime
from typing import Any

from merchant_protection.files.models import StoredFile
from merchant_protection.foundation import tenancy


def ids(shop: Any, canary: str, at: datetime) -> dict[str, dict[str, Any]]:
    """The ids of the file by the routes that show it."""
    with tenancy.platform():
        file = StoredFile.objects.create(
            merchant=shop,
            purpose="evidence",
            name=f"{canary}.png",
            bytes_expected=10,
            uploaded_by_kind="USER",
            uploaded_by=canary,
            created_at=at,
        )
    one = {"pk": file.pk, "copy": "clean"}
    return {"file": one, "upload": {"pk": file.pk}, "staff_file": one, "staff_upload": {"pk": file.pk}}
