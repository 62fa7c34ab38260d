"""The demo's webhooks: the simulator listens as the first shop's own order system."""

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from merchant_protection.accounts.actor import Actor
from merchant_protection.notices.queries import webhooks as queries
from merchant_protection.notices.services import endpoints, webhooks

NAME = "订单系统"


def seed(*, actor: Actor, merchant_id: int, simulator: str, at: datetime) -> None:
    """Have the simulator told of everything, where the settings let it be called; its address changes with the port."""
    address = f"{simulator.rstrip('/')}/webhooks"
    if urlsplit(address).netloc not in settings.WEBHOOK_LISTENERS:
        return
    known = queries.endpoints_visible_to(actor).filter(merchant_id=merchant_id, name=NAME).first()
    if known is not None:
        if known.url != address:
            endpoints.edit(actor=actor, endpoint_id=known.pk, url=address, at=at)
        return
    kinds = list(webhooks.choosable())
    made, secret = endpoints.add(actor=actor, merchant_id=merchant_id, name=NAME, url=address, kinds=kinds, at=at)
    secret_file().touch(mode=0o600)
    secret_file().write_text(secret)
    endpoints.send_test(actor=actor, endpoint_id=made.pk, at=at)


def secret() -> str:
    """Return the secret that the simulator checks with; nothing where no webhook was made."""
    return secret_file().read_text() if secret_file().exists() else ""


def secret_file() -> Path:
    """Return where this checkout keeps the secret that the simulator checks with."""
    return Path(settings.STATE_DIR) / "demo-webhook-secret"
