"""Every route of the site, asked for by everybody it is not for: a rival finds nothing by any method."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from merchant_protection.accounts.models import ApiKey, Invitation, SavedView
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import ActionTarget, Import, InboundSecret, InboxEvent, PlatformAction
from merchant_protection.notices.models import Export, Notice
from tests.factories.accounts import ApiKeyFactory
from tests.factories.marketplace import (
    AfterSaleFactory,
    BuyerFactory,
    InboundSourceFactory,
    ListingFactory,
    OrderFactory,
    PromotionFactory,
)
from tests.factories.risk import WarningFactory
from tests.fixtures.people import Persona
from tests.isolation import (
    claim_routes,
    desk_routes,
    price_guard,
    rows_of_files,
    scalper_routes,
    training_routes,
    walks,
    warning_routes,
    webhook_routes,
)

CANARY = "KANARIENVOGEL"
METHODS = ("get", "post", "put", "patch", "delete")
CLOSED = {302, 401, 403, 404, 405, 415, 422}
# What belongs to nobody's shop: the site's own doors, a person's own account, and what is public.
OPEN = {
    *("root", "healthz", "readyz", "metrics", "set_language", "api_schema", "api_unknown", "switch_shop", "account"),
    *("icon", "invitation", "api_events", "review_times", "price_answer", ""),
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
    return sorted({name for name, _pattern in routes()} - OPEN - training_routes.OPEN - scalper_routes.OPEN)


def work_of(shop: Any, source: Any, at: datetime) -> dict[str, Any]:
    """An import, a notice, an event and an action of shop A."""
    job = Import.objects.create(
        merchant=shop,
        file_name=CANARY,
        path="-",
        file_digest="-",
        mapping={},
        currency="CNY",
        time_zone="UTC",
        created_at=at,
        created_by="-",
    )
    notice = Notice.objects.create(merchant=shop, kind="import.failed", params={"file": CANARY}, created_at=at)
    event = InboxEvent.objects.create(
        merchant=shop,
        source=source,
        event_id=CANARY,
        type="price.changed",
        object_key=CANARY,
        object_version=1,
        occurred_at=at,
        received_at=at,
        body={},
        digest="-",
        status="DECIDED",
    )
    target = ActionTarget.objects.create(
        merchant=shop, platform=source.platform, kind="LISTING", ref=CANARY, aspect="availability", updated_at=at
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
        decided_at=at,
        judged_at=at,
        actor_name="-",
    )
    return {
        **{"import": job, "notice": notice},
        **{"event": event, "action": action, "target": target},
    }


def file_of(merchant: Persona, at: datetime) -> Export:
    """A list of shop A that its owner took away."""
    return Export.objects.create(
        merchant=merchant.shop,
        user=merchant.user,
        kind="orders",
        query=f"q={CANARY}",
        language="en",
        created_at=at,
        status="DONE",
        path="/nowhere",
        expires_at=at + timedelta(days=1),
    )


def people_of(merchant: Persona, source: Any, at: datetime) -> dict[str, Any]:
    """An invitation, a member, a key and a secret of shop A, and a line of its activity log."""
    shop = merchant.shop
    invitation = Invitation.objects.create(
        merchant=shop,
        email=f"{CANARY}@a.example".lower(),
        role="OPERATOR",
        invited_by=merchant.user,
        token_digest="-",
        created_at=at,
        expires_at=at + timedelta(days=1),
    )
    Entry.objects.create(at=at, merchant_id=shop.pk, actor_kind="USER", actor_name=CANARY, action="shop.changed")
    return {
        "invitation": invitation,
        "member": shop.memberships.get(user=merchant.user),
        "key": ApiKeyFactory(merchant=shop, name=CANARY),
        "secret": InboundSecret.objects.filter(source=source).get(),
        "view": SavedView.objects.create(
            merchant=shop,
            user=merchant.user,
            path="/m/orders/",
            name=CANARY,
            query=f"q={CANARY}",
            is_shared=True,
            created_at=at,
            updated_at=at,
        ),
    }  # fmt: skip


@pytest.fixture
def ids(merchant: Persona, now: datetime) -> dict[str, dict[str, Any]]:
    """Shop A's things, each with the canary somewhere in it, by the route that shows it."""
    shop, source = merchant.shop, InboundSourceFactory(merchant=merchant.shop, name=CANARY)
    with tenancy.platform():
        rows = (
            work_of(shop, source, now)
            | people_of(merchant, source, now)
            | {"export": file_of(merchant, now)}
            | {"source": source}
        )
    rows |= {
        "order": OrderFactory(merchant=shop, number=CANARY),
        "listing": ListingFactory(merchant=shop, title=CANARY, sku=f"{CANARY}-1"),
        "buyer": BuyerFactory(merchant=shop, ref=CANARY),
        "promotion": PromotionFactory(merchant=shop, code=CANARY),
        "after_sale": AfterSaleFactory(merchant=shop, number=CANARY),
        "warning": WarningFactory(merchant=shop, kind=CANARY),
        "shop": shop,
    }
    pks = {name: {"pk": row.pk} for name, row in rows.items()}
    return {
        **warning_routes.ids_of(shop),
        **webhook_routes.ids_of(shop, CANARY),
        **desk_routes.ids_of(shop, CANARY),
        **scalper_routes.ids_of(shop, CANARY),
        **training_routes.ids_of(shop, CANARY),
        **claim_routes.ids_of(shop, CANARY),
        **rows_of_files.ids(shop, CANARY, now),
        **{name: pks[name] for name in ("order", "listing", "import", "notice", "event", "action")},
        **{f"import_{verb}": pks["import"] for verb in ("cancel", "resume", "faults")},
        **{f"source_{verb}": pks["source"] for verb in ("add_secret", "switch")},
        **{f"team_{verb}": pks["member"] for verb in ("change_role", "remove")},
        **{f"api_action-{verb}": pks["action"] for verb in ("detail", "approve", "decline", "retry", "undo")},
        **{f"api_{name}-detail": pks[name] for name in ("order", "listing", "promotion", "buyer", "after_sale")},
        **{f"api_{name}-detail": pks[name] for name in ("notice", "warning", "shop")},
        **{f"saved_view_{verb}": pks["view"] for verb in ("update", "rename", "delete", "restore")},
        "export_file": pks["export"],
        "action_decide": pks["action"],
        "order_recipient": pks["order"],
        **{f"api_order-{verb}": pks["order"] for verb in ("recipient", "hold", "release-hold", "erase")},
        "key_revoke": pks["key"],
        "source_revoke_secret": {"pk": source.pk, "secret_pk": rows["secret"].pk},
        "team_revoke_invitation": pks["invitation"],
        "api_listing-prices": pks["listing"],
        "api_received_event-detail": pks["event"],
        "api_desired_state-detail": pks["target"],
        **price_guard.ids(shop, rows["listing"], now, canary=CANARY),
    }


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
            list(SavedView.objects.filter(merchant=merchant.shop).values_list("name", "query", "deleted_at")),
            price_guard.state(),
            webhook_routes.state(),
        )


SCOPES = ("orders:read", "listings:read", "events:read", "actions:read", "notices:read", "warnings:read")
SCOPES += ("claims:read", "claims:write", "webhooks:read", "webhooks:write")


@pytest.mark.django_db
@pytest.mark.parametrize("names", walks.grouped(of_shops()))
def test_a_rival_finds_and_changes_nothing(
    names: tuple[str, ...], ids: dict[str, dict[str, Any]], merchant: Persona, rival: Persona, onlooker: Persona
) -> None:
    before, signed_in = state(merchant), rival.client

    with walks.Walk() as walk:
        for name in names:
            with walk.step(name):
                _finds_nothing(name, ids, rival, walks.as_signed_in(signed_in))
                assert state(merchant) == before


def _finds_nothing(name: str, ids: dict[str, dict[str, Any]], rival: Persona, person: Client) -> None:
    """A rival, a rival's program and a stranger ask by every method."""
    where, headers = address(name, ids), rival.key(*SCOPES)["headers"]
    for method in METHODS:
        keyed = {"headers": headers | {"Idempotency-Key": f"{name}-{method}"}}
        for who, visitor, more in (
            ("rival", person, {}),
            ("program", walks.stranger(), keyed),
            ("nobody", walks.stranger(), {}),
        ):
            answer = getattr(visitor, method)(where, **more)
            if ids.get(name):
                assert answer.status_code in CLOSED, (who, method, answer.status_code)
            assert answer.status_code < 500, (who, method)
            assert CANARY not in said(answer).replace(where, ""), (who, method)


@pytest.mark.django_db
@pytest.mark.parametrize("names", walks.grouped(of_shops()))
def test_what_is_anothers_answers_as_what_is_not_there(
    names: tuple[str, ...], ids: dict[str, dict[str, Any]], rival: Persona
) -> None:
    signed_in = rival.client  # before the first step, which would take the signing in back

    with walks.Walk() as walk:
        for name in names:
            with walk.step(name):
                known, person = ids.get(name, {}), walks.as_signed_in(signed_in)
                nothing = {name: dict.fromkeys(known, 999_999_999)}
                if known:
                    anothers, nowhere = person.get(address(name, ids)), person.get(address(name, nothing))
                    assert anothers.status_code == nowhere.status_code
                    assert _bare(anothers) == _bare(nowhere)


def _bare(response: Any) -> str:
    """The answer without what differs by request: its id, the address asked for, the CSRF token."""
    text = response.content.decode()
    text = re.sub(r'"request_id": ?"[^"]+"|csrf[^>]+>|X-CSRFToken[^>]+>|[0-9a-f]{32}', "", text, flags=re.IGNORECASE)
    return re.sub(r"/(m|api|admin)/[^\"'<> ]+", "", text)
