"""How factories write: as the platform, since a test arranges what several merchants have."""

from typing import Any

import factory

from merchant_protection.foundation import tenancy


class PlatformFactory(factory.django.DjangoModelFactory):
    """Writes its row in the platform's scope, whatever scope the test is in."""

    class Meta:
        abstract = True
        skip_postgeneration_save = True

    @classmethod
    def _create(cls, model_class: type, *args: Any, **kwargs: Any) -> Any:
        with tenancy.platform():
            return super()._create(model_class, *args, **kwargs)
