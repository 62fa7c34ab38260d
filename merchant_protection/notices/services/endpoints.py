"""Which of a shop's own systems are told what, and the secrets they know us by."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import crypto, signatures, waking
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices import policies
from merchant_protection.notices.models import Dispatch, Endpoint, EndpointSecret, Message
from merchant_protection.notices.outside import addresses
from merchant_protection.notices.queries import webhooks as queries
from merchant_protection.notices.services import webhook_sending, webhook_words, webhooks

OVERLAP = timedelta(hours=24)
LIVE_SECRETS = 2
MOST_ENDPOINTS = 10
TEST = "webhook.test"


@transaction
def add(
    *, actor: Actor, merchant_id: int, name: str, url: str, kinds: Sequence[str], at: datetime
) -> tuple[Endpoint, str]:
    """Have one of the shop's systems told of these kinds; return it with its secret, which is never shown again."""
    require(policies.can_manage_webhooks(actor, merchant_id))
    told = _checked(name=name, url=url, kinds=kinds)
    accounts.lock_merchant(merchant_id)
    if queries.in_use(merchant_id).count() >= MOST_ENDPOINTS:
        raise Conflict(_("Ten endpoints are enough. Switch one off that is not used."))
    endpoint = Endpoint.objects.create(merchant_id=merchant_id, created_at=at, **told)
    secret = _new_secret(endpoint, at=at)
    _record(actor, "webhook.added", endpoint, at=at, after=told)
    return endpoint, secret


@transaction
def edit(
    *,
    actor: Actor,
    endpoint_id: int,
    at: datetime,
    name: str | None = None,
    url: str | None = None,
    kinds: Sequence[str] | None = None,
) -> Endpoint:
    """Change an endpoint's name, its address, or what it is told from now on; what is not given stays."""
    endpoint = _locked(actor, endpoint_id)
    before = {"name": endpoint.name, "url": endpoint.url, "kinds": endpoint.kinds}
    told = _checked(
        name=endpoint.name if name is None else name,
        url=endpoint.url if url is None else url,
        kinds=endpoint.kinds if kinds is None else kinds,
    )
    endpoint.name, endpoint.url, endpoint.kinds = told["name"], told["url"], told["kinds"]
    endpoint.save(update_fields=list(told))
    _record(actor, "webhook.changed", endpoint, at=at, before=before, after=told)
    return endpoint


@transaction
def rotate(*, actor: Actor, endpoint_id: int, at: datetime) -> str:
    """Return a new secret; for a day messages are signed with the old one too."""
    endpoint = _locked(actor, endpoint_id)
    live = queries.live_secrets(endpoint.pk, at)
    if len(live) >= LIVE_SECRETS:
        raise Conflict(_("Two secrets are in use already. End the old one first, or wait until it ends by itself."))
    EndpointSecret.objects.filter(pk__in=[each.pk for each in live]).update(expires_at=at + OVERLAP)
    secret = _new_secret(endpoint, at=at)
    _record(actor, "webhook.secret_added", endpoint, at=at, after={"hint": secret[-4:]})
    return secret


@transaction
def end_old_secret(*, actor: Actor, endpoint_id: int, at: datetime) -> Endpoint:
    """Sign with the newest secret only, from now on."""
    endpoint = _locked(actor, endpoint_id)
    old = queries.live_secrets(endpoint.pk, at)[1:]
    if not old:
        raise Conflict(_("Only one secret is in use."))
    EndpointSecret.objects.filter(pk__in=[each.pk for each in old]).update(expires_at=at)
    _record(actor, "webhook.secret_ended", endpoint, at=at, after={"hint": old[0].hint})
    return endpoint


@transaction
def pause(*, actor: Actor, endpoint_id: int, at: datetime) -> Endpoint:
    """Tell an endpoint nothing for a while; what happens meanwhile waits for it."""
    endpoint = _locked(actor, endpoint_id)
    if endpoint.state != Endpoint.State.ACTIVE:
        raise Conflict(_("It is not active."))
    endpoint.state, endpoint.reason, endpoint.due_at = Endpoint.State.PAUSED, Endpoint.Reason.OWNER, None
    endpoint.save(update_fields=["state", "reason", "due_at"])
    _record(actor, "webhook.paused", endpoint, at=at)
    return endpoint


@transaction
def resume(*, actor: Actor, endpoint_id: int, at: datetime) -> Endpoint:
    """Tell an endpoint again, beginning with what waits for it."""
    endpoint = _locked(actor, endpoint_id)
    if endpoint.state == Endpoint.State.ACTIVE:
        raise Conflict(_("It is active already."))
    endpoint.state, endpoint.reason = Endpoint.State.ACTIVE, Endpoint.Reason.NONE
    endpoint.failures, endpoint.rests_until = 0, None
    endpoint.dispatches.filter(status=Dispatch.Status.PENDING, due_at__gt=at).update(due_at=at)
    endpoint.due_at = queries.next_due(endpoint.pk)
    endpoint.save(update_fields=["state", "reason", "failures", "rests_until", "due_at"])
    _record(actor, "webhook.resumed", endpoint, at=at)
    waking.wake()
    return endpoint


@transaction
def switch_off(*, actor: Actor, endpoint_id: int, at: datetime) -> Endpoint:
    """Tell an endpoint nothing more: what waits for it is given up, and new things do not wait."""
    endpoint = _locked(actor, endpoint_id)
    if endpoint.state == Endpoint.State.DISABLED:
        raise Conflict(_("It is switched off already."))
    webhook_sending.switch_off(endpoint, reason=Endpoint.Reason.OWNER, at=at)
    endpoint.save(update_fields=["state", "reason", "due_at", "rests_until"])
    _record(actor, "webhook.switched_off", endpoint, at=at)
    return endpoint


@transaction
def send_test(*, actor: Actor, endpoint_id: int, at: datetime) -> Dispatch:
    """Tell an endpoint that this is a test, as anything else is told."""
    endpoint = _locked(actor, endpoint_id)
    if endpoint.state != Endpoint.State.ACTIVE:
        raise Conflict(_("Resume it first: nothing is sent to it now."))
    public_id = webhooks.new_id()
    message = Message.objects.create(
        merchant_id=endpoint.merchant_id,
        public_id=public_id,
        kind=TEST,
        version=webhooks.kind_named(TEST).version,
        params={"text": "A test: nothing happened in the shop."},
        dedupe_key=public_id,
        at=at,
    )
    dispatch = webhooks.dispatch_of(message, endpoint, at=at)
    dispatch.save()
    _wake(endpoint, at=at)
    _record(actor, "webhook.tested", endpoint, at=at)
    return dispatch


@transaction
def replay(*, actor: Actor, dispatch_id: int, at: datetime) -> Dispatch:
    """Send again what arrived or was given up: the same message under the same id, with all its tries."""
    # The endpoint's lock is the lock of all that lies in its mailbox; only under it is the row what it says.
    endpoint = _locked(actor, queries.dispatch_of(actor, dispatch_id).endpoint_id)
    _require_told(endpoint)
    dispatch = queries.dispatch_of(actor, dispatch_id)
    if dispatch.status == Dispatch.Status.PENDING:
        raise Conflict(_("It is on its way already."))
    dispatch.status, dispatch.attempts, dispatch.due_at, dispatch.finished_at = Dispatch.Status.PENDING, 0, at, None
    dispatch.save(update_fields=["status", "attempts", "due_at", "finished_at"])
    _wake(endpoint, at=at)
    _record(actor, "webhook.replayed", endpoint, at=at, after={"deliveries": 1})
    return dispatch


@transaction
def replay_failed(*, actor: Actor, endpoint_id: int, since: datetime, at: datetime) -> int:
    """Send again all that was given up since a moment; return how many."""
    endpoint = _locked(actor, endpoint_id)
    _require_told(endpoint)
    failed = endpoint.dispatches.filter(status=Dispatch.Status.DEAD, finished_at__gte=since)
    count = failed.update(status=Dispatch.Status.PENDING, attempts=0, due_at=at, finished_at=None)
    if count:
        _wake(endpoint, at=at)
        _record(actor, "webhook.replayed", endpoint, at=at, after={"deliveries": count})
    return count


def _locked(actor: Actor, endpoint_id: int) -> Endpoint:
    endpoint = queries.lock_endpoint(actor, endpoint_id)
    require(policies.can_manage_webhooks(actor, endpoint.merchant_id))
    return endpoint


def _require_told(endpoint: Endpoint) -> None:
    if endpoint.state == Endpoint.State.DISABLED:
        raise Conflict(_("It is switched off. Resume it first."))


@transaction_required
def _wake(endpoint: Endpoint, *, at: datetime) -> None:
    webhooks.wake_mailboxes({endpoint.pk}, at=at)
    waking.wake()


@transaction_required
def _new_secret(endpoint: Endpoint, *, at: datetime) -> str:
    secret = signatures.new_secret()
    EndpointSecret.objects.create(
        merchant_id=endpoint.merchant_id,
        endpoint=endpoint,
        secret_sealed=crypto.seal(secret),
        hint=secret[-4:],
        created_at=at,
    )
    return secret


def _checked(*, name: str, url: str, kinds: Sequence[str]) -> dict[str, Any]:
    faults: dict[str, list[str]] = {}
    if not name.strip():
        faults["name"] = [_("Give it a name.")]
    try:
        addresses.read(url.strip(), listeners=settings.WEBHOOK_LISTENERS)
    except addresses.BadAddress as fault:
        faults["url"] = [webhook_words.fault(f"address_{fault}")]
    wanted = sorted(set(kinds))
    if not wanted or set(wanted) - set(webhooks.choosable()):
        faults["kinds"] = [_("Choose at least one kind of the list.")]
    if faults:
        raise Invalid(fields=faults)
    return {"name": name.strip()[:80], "url": url.strip(), "kinds": wanted}


def _record(
    actor: Actor,
    action: str,
    endpoint: Endpoint,
    *,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=endpoint.merchant_id,
        subject_kind="webhook",
        subject_id=endpoint.pk,
        before=before,
        after=after,
    )
