"""What people and their systems must be told or handed."""

from merchant_protection.notices.models.telling import Delivery, Export, Notice, Preference, Reading
from merchant_protection.notices.models.webhooks import Attempt, Dispatch, Endpoint, EndpointSecret, Message

__all__ = [
    "Attempt",
    "Delivery",
    "Dispatch",
    "Endpoint",
    "EndpointSecret",
    "Export",
    "Message",
    "Notice",
    "Preference",
    "Reading",
]
