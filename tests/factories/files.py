"""Files that were sent and checked, and evidence made of them; nothing of them lies on the disk."""

from datetime import datetime

import factory
from django.utils import timezone

from claims.models import Claim, Evidence
from claims.services import evidence
from merchant_protection.accounts.actor import Actor
from merchant_protection.files.models import StoredFile
from merchant_protection.foundation import tenancy
from tests.factories.accounts import MerchantFactory
from tests.factories.base import PlatformFactory


class StoredFileFactory(PlatformFactory):
    """A clean picture."""

    class Meta:
        model = StoredFile

    merchant = factory.SubFactory(MerchantFactory)
    purpose = "evidence"
    name = factory.Sequence(lambda n: f"chat-{n}.png")
    status = StoredFile.Status.CLEAN
    kind = StoredFile.Kind.IMAGE
    media_type = "image/png"
    bytes_expected = 1000
    bytes_received = 1000
    place = factory.Sequence(lambda n: f"{n:040x}")
    digest = factory.Sequence(lambda n: f"{n:064x}")
    uploaded_by_kind = "USER"
    uploaded_by = "Ann Owner"
    created_at = factory.LazyFunction(timezone.now)


def shown(claim: Claim, *types: str, at: datetime | None = None) -> list[Evidence]:
    """Show a clean file of each type in a complaint."""
    pieces = []
    for type_ in types:
        with tenancy.platform():
            file = StoredFileFactory(merchant=claim.merchant)
            pieces.append(
                evidence.add(
                    claim_id=claim.pk,
                    actor=Actor.clock("tests"),
                    at=at or timezone.now(),
                    file_id=file.pk,
                    type=type_,
                )
            )
    return pieces
