"""Who looks at pages in a benchmark."""

from django.conf import settings
from django.test import Client

from merchant_protection.accounts.models import Membership, Merchant, Role, User
from merchant_protection.foundation import tenancy


def signed_in_owner(*, currency: str = "CNY") -> tuple[Merchant, dict[str, str]]:
    """Open a shop with an owner, and return it with the headers of a session of hers."""
    with tenancy.platform():
        shop = Merchant.objects.create(code="bench", name="Bench", currency=currency)
        user = owner_of(shop)
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return shop, {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


def owner_of(shop: Merchant) -> User:
    """Give a shop an owner."""
    user = User.objects.create_user(f"{shop.code}@example.com", "correct horse battery", display_name="Bench")
    Membership.objects.create(merchant=shop, user=user, role=Role.OWNER)
    return user
