"""A platform that fails too often is left alone; kept in PostgreSQL, so that all drains agree."""

import logging
from dataclasses import asdict, fields
from datetime import datetime

from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import Breaker
from merchant_protection.marketplace.queries import guards as queries
from merchant_protection.marketplace.rules import breaking
from merchant_protection.marketplace.rules.breaking import Health

logger = logging.getLogger(__name__)
FIELDS = [each.name for each in fields(Health)]


@transaction_required
def locked(platform_id: int, *, at: datetime) -> Breaker:
    """Return the platform's breaker, locked; it is made when it first comes into play."""
    breaker = Breaker.objects.select_for_update().filter(platform_id=platform_id).first()
    if breaker is None:
        Breaker.objects.bulk_create([Breaker(platform_id=platform_id, changed_at=at)], ignore_conflicts=True)
        breaker = queries.lock_breaker(platform_id)
    return breaker


def health_of(breaker: Breaker) -> Health:
    """Return how a platform is doing, as a plain value."""
    return Health(**{name: getattr(breaker, name) for name in FIELDS})


@transaction_required
def keep(breaker: Breaker, health: Health, *, at: datetime) -> None:
    """Write how a platform is doing, if that changed; opening and closing are told in the log."""
    before = health_of(breaker)
    if before == health:
        return
    if before.is_open != health.is_open:
        if health.is_open:
            logger.error("Platform %s is left alone", breaker.platform_id, extra={"failures": health.failures})
        else:
            logger.info("Platform %s answers again", breaker.platform_id)
    for name, value in asdict(health).items():
        setattr(breaker, name, value)
    breaker.changed_at = at
    breaker.save(update_fields=[*FIELDS, "changed_at"])


@transaction_required
def succeeded(platform_id: int, *, at: datetime) -> None:
    """Note that the platform answered."""
    breaker = queries.breaker(platform_id)
    if breaker is None or health_of(breaker) == breaking.after_success(health_of(breaker), now=at):
        return  # the ordinary case takes no lock
    breaker = locked(platform_id, at=at)
    keep(breaker, breaking.after_success(health_of(breaker), now=at), at=at)


@transaction_required
def failed(platform_id: int, *, at: datetime) -> None:
    """Note that the platform could not be reached or did not answer."""
    breaker = locked(platform_id, at=at)
    keep(breaker, breaking.after_failure(health_of(breaker), now=at), at=at)


@transaction_required
def asked_to_wait(platform_id: int, *, at: datetime, seconds: float) -> None:
    """Note that the platform asked for patience (429, 503)."""
    breaker = locked(platform_id, at=at)
    keep(breaker, breaking.asked_to_wait(health_of(breaker), now=at, seconds=seconds), at=at)
