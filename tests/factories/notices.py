"""What shops are told, and the mail that carries it."""

import factory
from django.utils import timezone

from merchant_protection.notices.models import Delivery, Notice
from tests.factories.accounts import MerchantFactory
from tests.factories.base import PlatformFactory


class NoticeFactory(PlatformFactory):
    """A file of orders was loaded."""

    class Meta:
        model = Notice

    merchant = factory.SubFactory(MerchantFactory)
    kind = "import.finished"
    params = factory.LazyFunction(lambda: {"file": "orders.csv", "added": 3, "faulty": 0})
    path = "/m/imports/"
    created_at = factory.LazyFunction(timezone.now)


class DeliveryFactory(PlatformFactory):
    """A mail that waits to be sent and carries a notice."""

    class Meta:
        model = Delivery

    merchant = factory.SubFactory(MerchantFactory)
    notice = factory.SubFactory(NoticeFactory, merchant=factory.SelfAttribute("..merchant"))
    channel = Delivery.Channel.EMAIL
    recipient = "owner@a.example"
    created_at = factory.LazyFunction(timezone.now)
    due_at = factory.SelfAttribute("created_at")
