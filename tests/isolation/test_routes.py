"""Every route of the site, asked for by everybody it is not for: a rival finds nothing by any method."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from merchant_protection.accounts.models import ApiKey, Invitation
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import ActionTarget, Import, InboundSecret, InboxEvent, PlatformAction
from merchant_protection.notices.models import Notice
from tests.factories.accounts import ApiKeyFactory
from tests.factories.marketplace import (
    AfterSaleFactory,
    BuyerFactory,
    InboundSourceFactory,
    ListingFactory,
    OrderFactory,
    PromotionFactory,
)
from tests.fixtures.people import Persona

CANARY = "KANARIENVOGEL"
METHODS = ("get", "post", "put", "patch", "delete")
CLOSED = {302, 401, 403, 404, 405, 415, 422}
# What belongs to nobody's shop: the site's own doors, a person's own account, and what is public.
OPEN = {
    *("root", "healthz", "readyz", "metrics", "set_language", "api_schema", "api_unknown", "switch_shop", "account"),
    *("invitation", "api_events", ""),
}
LIBRARIES = ("account_", "mfa_", "usersessions_", "socialaccount_")


def routes(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route outside the staff admin and the sign-in library, by its name."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
                yield from routes(pattern.url_patterns, space)
        elif not (pattern.name or "").startswith(LIBRARIES):
            yield f"{prefix}{pattern.name or ''}", pattern


def of_shops() -> list[str]:
    """The routes that show or change what belongs to a shop."""
    return sorted({name for name, _pattern in routes()} - OPEN)


@pytest.fixture
def ids(merchant: Persona, now: Any) -> dict[str, dict[str, Any]]:
    """Shop A's things, each with the canary somewhere in it, by the route that shows it."""
    shop = merchant.shop
    order = OrderFactory(merchant=shop, number=CANARY)
    listing = ListingFactory(merchant=shop, title=CANARY, sku=f"{CANARY}-1")
    source = InboundSourceFactory(merchant=shop, name=CANARY)
    buyer = BuyerFactory(merchant=shop, ref=CANARY)
    promotion = PromotionFactory(merchant=shop, code=CANARY)
    after_sale = AfterSaleFactory(merchant=shop, number=CANARY)
    key = ApiKeyFactory(merchant=shop, name=CANARY)
    with tenancy.platform():
        job = Import.objects.create(
            merchant=shop,
            file_name=CANARY,
            path="-",
            file_digest="-",
            mapping={},
            currency="CNY",
            time_zone="UTC",
            created_at=now,
            created_by="-",
        )
        notice = Notice.objects.create(merchant=shop, kind="import.failed", params={"file": CANARY}, created_at=now)
        event = InboxEvent.objects.create(
            merchant=shop,
            source=source,
            event_id=CANARY,
            type="price.changed",
            object_key=CANARY,
            object_version=1,
            occurred_at=now,
            received_at=now,
            body={},
            digest="-",
            status="DECIDED",
        )
        target = ActionTarget.objects.create(
            merchant=shop, platform=source.platform, kind="LISTING", ref=CANARY, aspect="availability", updated_at=now
        )
        action = PlatformAction.objects.create(
            merchant=shop,
            target=target,
            verb="delist",
            value="DELISTED",
            desired_generation=1,
            idempotency_key="-",
            status="NEEDS_REVIEW",
            feature="test",
            reason=CANARY,
            decided_at=now,
            judged_at=now,
            actor_name="-",
        )
        invitation = Invitation.objects.create(
            merchant=shop,
            email=f"{CANARY}@a.example".lower(),
            role="OPERATOR",
            invited_by=merchant.user,
            token_digest="-",
            created_at=now,
            expires_at=timezone.now() + timedelta(days=1),
        )
        secret = InboundSecret.objects.filter(source=source).first()
        member = shop.memberships.get(user=merchant.user)
        Entry.objects.create(at=now, merchant_id=shop.pk, actor_kind="USER", actor_name=CANARY, action="shop.changed")
    one = {
        "order": order,
        "listing": listing,
        "import": job,
        "notice": notice,
        "event": event,
        "action": action,
        "key": key,
        "source": source,
        "member": member,
        "invitation": invitation,
    }
    pks = {name: {"pk": row.pk} for name, row in one.items()}
    return {
        **pks,
        "import_cancel": pks["import"], "import_resume": pks["import"], "import_faults": pks["import"],
        "action_decide": pks["action"], "key_revoke": pks["key"], "source_add_secret": pks["source"],
        "source_switch": pks["source"], "team_change_role": pks["member"], "team_remove": pks["member"],
        "source_revoke_secret": {"pk": source.pk, "secret_pk": secret.pk if secret else 1},
        "team_revoke_invitation": pks["invitation"],
        "api_order-detail": pks["order"], "api_listing-detail": pks["listing"], "api_listing-prices": pks["listing"],
        "api_promotion-detail": {"pk": promotion.pk}, "api_buyer-detail": {"pk": buyer.pk},
        "api_after_sale-detail": {"pk": after_sale.pk}, "api_received_event-detail": pks["event"],
        "api_action-detail": pks["action"], "api_desired_state-detail": {"pk": target.pk},
        **{f"api_action-{verb}": pks["action"] for verb in ("approve", "decline", "retry", "undo")},
    }  # fmt: skip


def address(name: str, ids: dict[str, dict[str, Any]]) -> str:
    """The address of a route with shop A's ids; a route that takes ids and is not in the table fails here."""
    pattern = dict(routes())[name]
    wanted = set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex) - {"format"}
    known = ids.get(name, {})
    assert wanted <= set(known), f"{name} takes {wanted}: give it shop A's ids in the matrix"
    return reverse(name, kwargs={key: value for key, value in known.items() if key in wanted})


def said(response: HttpResponseBase) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return bytes(body).decode(errors="replace") + str(dict(response.headers))


def state(merchant: Persona) -> tuple[Any, ...]:
    """What a rival must not have changed."""
    with tenancy.platform():
        return (
            list(PlatformAction.objects.values_list("status", "generation")),
            list(Import.objects.values_list("status")),
            list(ApiKey.objects.filter(merchant=merchant.shop).values_list("revoked_at")),
            list(Invitation.objects.values_list("revoked_at")),
            list(merchant.shop.memberships.values_list("role", "is_active")),
            list(InboundSecret.objects.values_list("revoked_at")),
        )


@pytest.mark.django_db
@pytest.mark.parametrize("name", of_shops())
def test_a_rival_finds_and_changes_nothing(
    name: str, ids: dict[str, dict[str, Any]], merchant: Persona, rival: Persona, onlooker: Persona
) -> None:
    where, before = address(name, ids), state(merchant)
    scopes = ("orders:read", "listings:read", "events:read", "actions:read", "notices:read", "warnings:read")
    headers = rival.key(*scopes)["headers"]

    for method in METHODS:
        for visitor, more in ((rival.client, {}), (Client(), {"headers": headers}), (Client(), {})):
            answer = getattr(visitor, method)(where, **more)
            if ids.get(name):
                assert answer.status_code in CLOSED, (method, answer.status_code)
            assert answer.status_code < 500
            assert CANARY not in said(answer).replace(where, "")

    assert state(merchant) == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", of_shops())
def test_what_is_anothers_answers_as_what_is_not_there(
    name: str, ids: dict[str, dict[str, Any]], rival: Persona
) -> None:
    known = ids.get(name, {})
    if not known:
        return
    anothers = rival.client.get(address(name, ids))
    nowhere = rival.client.get(address(name, {name: dict.fromkeys(known, 999_999_999)}))

    assert anothers.status_code == nowhere.status_code
    assert _bare(anothers) == _bare(nowhere)


def _bare(response: Any) -> str:
    """The answer without what differs by request: its id, the address asked for, the CSRF token."""
    text = response.content.decode()
    text = re.sub(r'"request_id": ?"[^"]+"|csrf[^>]+>|X-CSRFToken[^>]+>|[0-9a-f]{32}', "", text, flags=re.IGNORECASE)
    return re.sub(r"/m/[^\"'<> ]+|/api/[^\"'<> ]+", "", text)
