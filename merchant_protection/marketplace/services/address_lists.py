"""The words that tag addresses: a shop's own, and the platform's for every shop."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import upserts
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.models import AddressList, Retagging
from merchant_protection.marketplace.queries import address_lists as queries
from merchant_protection.marketplace.rules import address_tags

TAG = re.compile(r"[A-Z][A-Z0-9_]{1,39}\Z")
# Orders that are being taken in by the old words are written by then.
SETTLED = timedelta(seconds=10)


@transaction
def replace(*, merchant_id: int | None, words: Mapping[str, Sequence[str]], actor: Actor, at: datetime) -> AddressList:
    """Tag addresses by these words from now on, beside the built-in ones; what is stored is tagged again.

    `words` are the whole of the shop's own list, or the platform's, by tag: what is left out counts no more.
    """
    require(policies.can_list_addresses(actor, merchant_id))
    plain = _checked(words)
    before = queries.newest_of(merchant_id)
    made = AddressList.objects.create(merchant_id=merchant_id, words=plain, author=actor.name[:200], created_at=at)
    shops = [merchant_id] if merchant_id else accounts.merchants_visible_to(actor).values_list("pk", flat=True)
    work = [
        {"merchant_id": shop, "reached": 0, "tagged": 0, "asked_at": at, "due_at": at + SETTLED, "attempts": 0}
        for shop in shops
    ]
    renewed = ("reached", "tagged", "asked_at", "due_at", "attempts", "finished_at")
    upserts.upsert(Retagging, work, key=("merchant_id",), update=renewed)
    audit.record(
        actor=actor,
        action="addresses.list_changed",
        at=at,
        merchant_id=merchant_id,
        subject_kind="address_list",
        subject_id=made.pk,
        before=before.words if before else {},
        after=plain,
    )
    return made


def _checked(words: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    plain = {tag: list(dict.fromkeys(word.strip() for word in listed)) for tag, listed in words.items()}
    if wrong := [tag for tag in plain if not TAG.match(tag)]:
        raise Invalid(fields={"words": [_("“%(tag)s” is no tag: use capitals, digits and “_”.") % {"tag": wrong[0]}]})
    try:
        address_tags.AddressWords(version=1, words={tag: tuple(listed) for tag, listed in plain.items()})
    except ValueError:
        most, longest = address_tags.MOST_WORDS, address_tags.LONGEST_WORD
        told = _("A list holds at most %(most)d words, each of 2 to %(longest)d letters.")
        raise Invalid(fields={"words": [told % {"most": most, "longest": longest}]}) from None
    return plain
