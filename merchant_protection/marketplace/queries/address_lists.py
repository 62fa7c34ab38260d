"""Every read of the words that tag addresses, and of the addresses they have yet to tag."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet, Sum

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import AddressList, Order, Retagging
from merchant_protection.marketplace.rules import address_tags
from merchant_protection.marketplace.rules.address_tags import AddressWords


def in_force(merchant_ids: Iterable[int]) -> dict[int, AddressWords]:
    """Return the words that tag the addresses of each shop now: built in, the platform's, and its own.

    The version rises with every list that is added for the shop or for all.
    In a shop's own scope the platform's list is not seen: ask in the platform's.
    """
    tenancy.require_scope()
    asked = set(merchant_ids)
    newest = AddressList.objects.filter(Q(merchant_id__in=asked) | Q(merchant_id=None)).values("merchant_id")
    ids = newest.annotate(newest=Max("pk")).values_list("newest", flat=True)
    lists = {each.merchant_id: each for each in AddressList.objects.filter(pk__in=list(ids))}
    return {shop: _merged(lists.get(None), lists.get(shop)) for shop in asked}


def newest_of(merchant_id: int | None) -> AddressList | None:
    """Return the newest list of a shop, or of the platform, if there is one."""
    tenancy.require_scope()
    return AddressList.objects.filter(merchant_id=merchant_id).order_by("-pk").first()


def before(version: AddressList) -> AddressList | None:
    """Return the version that this one replaced, if there was one."""
    tenancy.require_scope()
    return AddressList.objects.filter(merchant_id=version.merchant_id, pk__lt=version.pk).order_by("-pk").first()


@dataclass(frozen=True)
class Progress:
    """How many shops' addresses wait to be tagged again, and how many addresses were."""

    shops_left: int
    tagged: int


def progress(merchant_id: int | None) -> Progress:
    """Return how far stored addresses follow the newest list of a shop, or of the platform for all."""
    tenancy.require_scope()
    work = Retagging.objects.filter(merchant_id=merchant_id) if merchant_id else Retagging.objects.all()
    told = work.aggregate(left=Count("pk", filter=Q(due_at__isnull=False)), tagged=Sum("tagged"))
    return Progress(shops_left=told["left"], tagged=told["tagged"] or 0)


def visible_to(actor: Actor) -> QuerySet[AddressList]:
    """Return the lists of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    lists = AddressList.objects.select_related("merchant")
    if actor.is_staff or actor.is_system:
        return lists
    return lists.filter(merchant_id__in=list(actor.merchant_roles))


def retagging_of(merchant_id: int) -> Retagging | None:
    """Return how far a shop's addresses are tagged by its newest lists, if they ever changed."""
    return Retagging.objects.filter(merchant_id=merchant_id).first()


def retaggings() -> QuerySet[Retagging]:
    """Return the work of tagging again, which is due where `due_at` says so."""
    tenancy.require_scope()
    return Retagging.objects.filter(due_at__isnull=False)


def stale_orders(merchant_id: int, *, version: int) -> QuerySet[Order]:
    """Return the orders of a shop with an address that another version of the lists tagged."""
    with_address = Order.objects.filter(merchant_id=merchant_id).exclude(recipient_sealed="")
    return with_address.exclude(address_list_version=version)


def _merged(*lists: AddressList | None) -> AddressWords:
    words: dict[str, dict[str, None]] = defaultdict(dict)
    for each in [address_tags.BUILT_IN.words, *(found.words for found in lists if found)]:
        for tag, listed in each.items():
            words[tag].update(dict.fromkeys(listed))
    newest = max((found.pk for found in lists if found), default=0)
    return AddressWords(
        version=address_tags.version_with(newest), words={tag: tuple(listed) for tag, listed in words.items()}
    )
