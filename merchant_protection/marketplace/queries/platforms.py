"""Every read of selling platforms."""

from merchant_protection.foundation.errors import Conflict
from merchant_protection.marketplace.models import ActionTarget, InboundSource, Platform


def of_merchant(merchant_id: int, *, platform_id: int | None = None) -> Platform:
    """Return the platform a shop sells on: the one named, that of its source of events, else the oldest active one."""
    active = Platform.objects.filter(is_active=True)
    if platform_id is not None:
        found = active.filter(pk=platform_id).first()
    else:
        own = InboundSource.objects.filter(merchant_id=merchant_id, is_active=True, platform__is_active=True)
        known = own.order_by("pk").values_list("platform_id", flat=True).first()
        found = active.filter(pk=known).first() if known else active.order_by("pk").first()
    if found is None:
        raise Conflict("No selling platform is set up for this shop.")
    return found


def of_target(target: ActionTarget) -> Platform:
    """Return the platform of a target."""
    return Platform.objects.get(pk=target.platform_id)


def active() -> list[Platform]:
    """Return the platforms that are in use."""
    return list(Platform.objects.filter(is_active=True).order_by("pk"))
