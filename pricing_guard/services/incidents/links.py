"""Answering from the alert itself: a signed link for one person and one answer, good once and for three days."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.utils.translation import gettext as _

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.foundation.errors import Conflict, NotFound, require
from merchant_protection.foundation.transactions import transaction
from pricing_guard import policies
from pricing_guard.models import Incident, IncidentLink
from pricing_guard.queries import incidents as queries
from pricing_guard.services.incidents import answering, taking_back

SALT = "price guard link"
TO_TAKE_BACK = timedelta(minutes=10)


@dataclass(frozen=True)
class Opened:
    """A link that was opened: what it answers, and who holds it."""

    link: IncidentLink
    actor: Actor


def token_of(link: IncidentLink, *, user_id: int) -> str:
    """Return the token of a link for one person; only this portal can make it."""
    return signing.Signer(salt=SALT).sign_object([link.pk, link.nonce, user_id])


def open_token(token: str, *, origin: str = "") -> Opened:
    """Return what a token opens; anything but a token of ours is not found."""
    try:
        link_id, nonce, user_id = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise NotFound from error
    with tenancy.platform():
        link = queries.link(link_id)
        if link is None or not crypto.same(link.nonce, nonce):
            raise NotFound
        shops = {each.merchant_id: each for each in accounts.memberships_of_user(user_id).select_related("user")}
    membership = shops.get(link.merchant_id)
    if membership is None:
        raise NotFound
    actor = Actor(
        kind=Kind.USER,
        id=user_id,
        name=membership.user.display_name or membership.user.email,
        merchant_id=link.merchant_id,
        merchant_roles={link.merchant_id: membership.role},
        origin=origin,
    )
    return Opened(link, actor)


def use(*, token: str, at: datetime, reason: str = "", origin: str = "") -> Incident:
    """Give the answer of a link: once, in time, and by somebody who may answer."""
    opened = open_token(token, origin=origin)
    with tenancy.merchant(opened.link.merchant_id):
        return _use(link_id=opened.link.pk, actor=opened.actor, at=at, reason=reason)


def take_back(*, token: str, at: datetime, origin: str = "") -> Incident:
    """Take back the answer that this link gave a few minutes ago; afterwards both links of the alert answer again."""
    opened = open_token(token, origin=origin)
    with tenancy.merchant(opened.link.merchant_id):
        return _take_back(link_id=opened.link.pk, actor=opened.actor, at=at)


@transaction
def _take_back(*, link_id: int, actor: Actor, at: datetime) -> Incident:
    found = queries.link(link_id)
    if found is None:
        raise NotFound
    require(policies.can_answer(actor, found.merchant_id))
    incident_id = queries.lock_to_teach(found.incident_id).pk
    links = queries.lock_links(incident_id)
    used_at = next(link.used_at for link in links if link.pk == link_id)
    if used_at is None or at > used_at + TO_TAKE_BACK:
        raise Conflict(_("It is too late to take it back here. Do it in the portal."))
    for link in links:
        link.used_at = None
    IncidentLink.objects.bulk_update(links, ["used_at"])
    return taking_back.take_back_now(incident_id=incident_id, actor=actor, at=at, note=_("by the link in the alert"))


@transaction
def _use(*, link_id: int, actor: Actor, at: datetime, reason: str) -> Incident:
    found = queries.link(link_id)
    if found is None:
        raise NotFound
    require(policies.can_answer(actor, found.merchant_id))
    incident_id = queries.lock_to_teach(found.incident_id).pk
    links = {link.pk: link for link in queries.lock_links(incident_id)}
    if any(link.used_at is not None for link in links.values()):
        raise Conflict(_("This alert was answered already."))
    link = links[link_id]
    if link.expires_at <= at:
        raise Conflict(_("This link is too old. Answer in the portal."))
    for each in links.values():
        each.used_at = at
    IncidentLink.objects.bulk_update(links.values(), ["used_at"])
    note = _("by the link in the alert")
    if link.purpose == IncidentLink.Purpose.STOP:
        return answering.stop_now(incident_id=incident_id, actor=actor, at=at, note=note)
    return answering.mean_now(incident_id=incident_id, actor=actor, at=at, reason=reason, note=note)
