"""The demo's people as the actors they are."""

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.accounts.models import Role


def member(email: str, shop_code: str) -> Actor:
    """Return a person of a shop as who acts there."""
    person = accounts.user_by_email(email)
    places = {each.merchant.code: each for each in accounts.memberships_of_user(person.pk)} if person else {}
    place = places[shop_code]
    return Actor(
        kind=Kind.USER,
        id=place.user_id,
        name=person.display_name if person else "",
        merchant_id=place.merchant_id,
        merchant_roles={place.merchant_id: Role(place.role)},
    )


def staff(email: str) -> Actor:
    """Return a person of the marketplace's staff as who acts."""
    person = accounts.user_by_email(email)
    if person is None:
        raise LookupError(email)
    return Actor(kind=Kind.USER, id=person.pk, name=person.display_name, staff_roles=frozenset(person.staff_roles))
