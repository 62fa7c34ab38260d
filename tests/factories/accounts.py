"""People, shops and keys."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from merchant_protection.accounts.models import ApiKey, Membership, Merchant, Role, User
from merchant_protection.foundation import crypto
from tests.factories.base import PlatformFactory

PASSWORD = "correct horse battery"


class MerchantFactory(PlatformFactory):
    """A shop that sells washing machines and the like."""

    class Meta:
        model = Merchant

    code = factory.Sequence(lambda n: f"shop-{n}")
    name = factory.Sequence(lambda n: f"第{n}家电器旗舰店")
    category = "家用电器"


class UserFactory(PlatformFactory):
    """A person who can sign in with `PASSWORD`, in English unless the test says otherwise."""

    class Meta:
        model = User

    class Params:
        reviewer = factory.Trait(staff_roles=["REVIEWER"])
        senior = factory.Trait(staff_roles=["SENIOR_REVIEWER"])
        trainer = factory.Trait(staff_roles=["TRAINER"])
        operations = factory.Trait(staff_roles=["OPERATIONS"])

    email = factory.Sequence(lambda n: f"person-{n}@example.com")
    display_name = factory.Sequence(lambda n: f"Person {n}")
    language = "en"
    password = factory.django.Password(PASSWORD)


class MembershipFactory(PlatformFactory):
    """A person's place in a shop: its owner unless the test says otherwise."""

    class Meta:
        model = Membership

    merchant = factory.SubFactory(MerchantFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.OWNER


class ApiKeyFactory(PlatformFactory):
    """A program's key; `key.presented` is what the program sends."""

    class Meta:
        model = ApiKey

    merchant = factory.SubFactory(MerchantFactory)
    name = "warehouse"
    scopes: list[str] = []
    created_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=90))

    @classmethod
    def _create(cls, model_class: type, *args: Any, **kwargs: Any) -> Any:
        prefix = crypto.new_secret(6)[:8].replace("_", "a").replace("-", "b")
        presented = f"mp_live_{prefix}_{crypto.new_secret()}"
        key = super()._create(model_class, *args, prefix=prefix, digest=crypto.digest(presented), **kwargs)
        key.presented = presented
        return key
