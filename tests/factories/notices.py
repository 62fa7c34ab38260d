"""What shops are told, and the mail that carries it."""

import factory
from django.utils import timezone

from merchant_protection.foundation import crypto, tenancy
from merchant_protection.notices.models import Delivery, Dispatch, Endpoint, EndpointSecret, Message, Notice
from tests.factories.accounts import MerchantFactory
from tests.factories.base import PlatformFactory

SECRET = "whsec_c2VjcmV0LW9mLWFuLWVuZHBvaW50LWluLXRlc3Rz"


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


class EndpointFactory(PlatformFactory):
    """A system of a shop that is told of complaints, with its first secret."""

    class Meta:
        model = Endpoint

    merchant = factory.SubFactory(MerchantFactory)
    name = "Order system"
    url = "https://hooks.example.com/portal"
    kinds = factory.LazyFunction(lambda: ["claim.decided", "claim.submitted"])
    created_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def secret(endpoint, create, extracted, **_):
        with tenancy.platform():
            plain = extracted or SECRET
            EndpointSecret.objects.create(
                merchant=endpoint.merchant,
                endpoint=endpoint,
                secret_sealed=crypto.seal(plain),
                hint=plain[-4:],
                created_at=endpoint.created_at,
            )


class MessageFactory(PlatformFactory):
    """A complaint was decided."""

    class Meta:
        model = Message

    merchant = factory.SubFactory(MerchantFactory)
    public_id = factory.Sequence(lambda n: f"msg_{n:032d}")
    kind = "claim.decided"
    subject_id = factory.Sequence(str)
    params = factory.LazyFunction(lambda: {"order": "20261126-1", "status": "UPHELD"})
    dedupe_key = factory.SelfAttribute("public_id")
    at = factory.LazyFunction(timezone.now)


class DispatchFactory(PlatformFactory):
    """A message that waits for its endpoint; `dead=True`, `delivered=True` for one that ended."""

    class Meta:
        model = Dispatch

    class Params:
        dead = factory.Trait(
            status="DEAD", due_at=None, finished_at=factory.SelfAttribute("created_at"), attempts=10, answer=500
        )
        delivered = factory.Trait(
            status="DELIVERED", due_at=None, finished_at=factory.SelfAttribute("created_at"), attempts=1, answer=200
        )

    merchant = factory.SelfAttribute("endpoint.merchant")
    endpoint = factory.SubFactory(EndpointFactory)
    message = factory.SubFactory(MessageFactory, merchant=factory.SelfAttribute("..endpoint.merchant"))
    kind = factory.SelfAttribute("message.kind")
    subject = factory.LazyAttribute(lambda row: f"claim:{row.message.subject_id}")
    created_at = factory.LazyFunction(timezone.now)
    due_at = factory.SelfAttribute("created_at")
