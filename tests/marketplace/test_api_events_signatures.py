"""Signatures of inbound events: what is believed, what is not, and rotation."""

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.test import Client
from django.utils import timezone

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import InboxEvent
from merchant_protection.marketplace.services import sources
from tests.factories.marketplace import InboundSourceFactory
from tests.fixtures.people import Persona
from tests.marketplace.posting import SECRET, encoded, event, post, signature, signed

type Headers = dict[str, str]
OTHER = "whsec_" + base64.b64encode(b"of another endpoint").decode()


def with_(**changes: str | None) -> Callable[[Headers, bytes], Headers]:
    """Good headers, of which some are changed or left out."""

    def changed(headers: Headers, body: bytes) -> Headers:
        named = {name.replace("_", "-"): value for name, value in changes.items()}
        return {name: value for name, value in (headers | named).items() if value is not None}

    return changed


def at(timestamp: str, *, stamped: str | None = None) -> Callable[[Headers, bytes], Headers]:
    """A right signature for a timestamp written like this."""

    def changed(headers: Headers, body: bytes) -> Headers:
        try:
            sign = signature(body, message_id=headers["webhook-id"], timestamp=stamped or timestamp)
        except (ValueError, OverflowError, OSError):
            sign = headers["webhook-signature"]
        return headers | {"webhook-timestamp": timestamp, "webhook-signature": sign}

    return changed


def now(seconds: int) -> str:
    return str(int(datetime.now(UTC).timestamp()) + seconds)


def doubled(headers: Headers, body: bytes) -> Headers:
    return headers | {"webhook-signature": f"{headers['webhook-signature']},{headers['webhook-signature']}"}


def by(secret: str) -> Callable[[Headers, bytes], Headers]:
    return lambda headers, body: (
        headers | {name: value for name, value in signed(body, secret=secret).items() if name != "portal-source"}
    )


BAD: dict[str, Callable[[Headers, bytes], Headers]] = {
    "no headers": lambda headers, body: {},
    "no id": with_(webhook_id=None),
    "no timestamp": with_(webhook_timestamp=None),
    "no signature": with_(webhook_signature=None),
    "no source": with_(portal_source=None),
    "empty id": with_(webhook_id=""),
    "another id": with_(webhook_id="msg-other"),
    "id not ASCII": with_(webhook_id="\xe4\xb8\xad"),
    "empty timestamp": with_(webhook_timestamp=""),
    "empty signature": with_(webhook_signature=""),
    "spaces for a signature": with_(webhook_signature="   "),
    "doubled header": doubled,
    "no version": lambda headers, body: headers | {"webhook-signature": headers["webhook-signature"][3:]},
    "unknown version": lambda headers, body: headers | {"webhook-signature": "v9" + headers["webhook-signature"][2:]},
    "asymmetric version": lambda headers, body: (
        headers | {"webhook-signature": "v1a" + headers["webhook-signature"][2:]}
    ),
    "bad base64": with_(webhook_signature="v1,%%%%"),
    "base64 too short": with_(webhook_signature="v1,AA"),
    "base64 cut off": lambda headers, body: headers | {"webhook-signature": headers["webhook-signature"][:-1]},
    "signature not ASCII": with_(webhook_signature="v1,\xe4\xb8\xad\xe6\x96\x87"),
    "many commas": with_(webhook_signature="v1,,,,v1,,"),
    "zeros": with_(webhook_signature="v1," + base64.b64encode(bytes(32)).decode()),
    "long signature": with_(webhook_signature="v1," + "A" * 6_000),
    "a thousand signatures": with_(webhook_signature=" ".join(["v1,AAAA"] * 1_000)),
    "NaN": at("NaN"),
    "infinity": at("inf"),
    "negative": at("-1"),
    "zero": at("0"),
    "far past": at("1"),
    "far future": at("99999999999"),
    "a hundred digits": at("9" * 100),
    "hexadecimal": at("0x6566"),
    "a fraction": at("1.5"),
    "other digits": with_(webhook_timestamp="\xd9\xa1\xd9\xa2"),
    "an hour ago": lambda headers, body: at(now(-3600))(headers, body),
    "in an hour": lambda headers, body: at(now(3600))(headers, body),
    "another secret": by(OTHER),
    "unknown source": with_(portal_source="src_nobody"),
    "long source": with_(portal_source="src_" + "x" * 3_000),
    "source with a NUL": with_(portal_source="src_\x01"),
}


def accepted() -> int:
    with tenancy.platform():
        return InboxEvent.objects.count()


@pytest.fixture
def stopped() -> Iterator[datetime]:
    """The clock of the endpoint stands still: a busy machine must not add the second that decides."""
    moment = timezone.now().replace(microsecond=0)
    with mock.patch.object(timezone, "now", return_value=moment):
        yield moment


@pytest.mark.case("T07")
@pytest.mark.filterwarnings("default")
def test_no_bad_signature_is_believed_none_is_an_error_of_ours_and_299_seconds_pass(
    merchant: Persona, stopped: datetime
) -> None:
    InboundSourceFactory()
    body = encoded(event())
    answers = {name: post(body, headers=change(signed(body), body)).status_code for name, change in BAD.items()}
    answers["serialised anew"] = post(body.replace(b": ", b":"), headers=signed(body)).status_code
    for seconds in (-301, 301):
        answers[f"{seconds} s"] = post(body, headers=_stamped(body, stopped, seconds)).status_code

    assert len(answers) >= 30
    assert {name: status for name, status in answers.items() if status not in (400, 401)} == {}
    assert accepted() == 0

    good = {seconds: encoded(event()) for seconds in (-299, 299)}
    passed = {each: post(text, headers=_stamped(text, stopped, each)).status_code for each, text in good.items()}

    assert passed == {-299: 202, 299: 202}
    assert accepted() == 2


def _stamped(body: bytes, moment: datetime, seconds: int) -> Headers:
    """Headers signed so many seconds away from the endpoint's clock."""
    return at(str(int(moment.timestamp()) + seconds))(signed(body), body)


@pytest.mark.case("T08")
def test_old_and_new_secret_are_good_during_the_overlap_and_the_old_is_not_after_it(merchant: Persona) -> None:
    source = InboundSourceFactory()
    InboundSourceFactory(public_id="src_other", secret=OTHER)
    clock = Actor.clock("test")
    with tenancy.platform():
        new = sources.add_secret(actor=clock, source_id=source.pk, at=timezone.now(), overlap=timedelta(hours=1))

    assert post(event(), secret=SECRET).status_code == 202
    assert post(event(), secret=new).status_code == 202
    with tenancy.platform():
        source.secrets.filter(expires_at__isnull=False).update(expires_at=timezone.now())
    assert post(event(), secret=SECRET).status_code == 401
    assert post(event(), secret=OTHER).status_code == 401
    assert post(event(), secret=new).status_code == 202


def test_a_revoked_secret_and_a_source_switched_off_open_nothing(merchant: Persona) -> None:
    source = InboundSourceFactory()
    clock = Actor.clock("test")
    with tenancy.platform():
        sources.revoke_secret(actor=clock, source_id=source.pk, secret_id=source.secrets.get().pk, at=timezone.now())
        new = sources.add_secret(actor=clock, source_id=source.pk, at=timezone.now())

    assert post(event(), secret=SECRET).status_code == 401
    assert post(event(), secret=new).status_code == 202
    with tenancy.platform():
        sources.set_active(actor=clock, source_id=source.pk, is_active=False, at=timezone.now())
    assert post(event(), secret=new).status_code == 401


def test_no_other_method_is_answered(merchant: Persona) -> None:
    assert Client().get("/api/v1/events").status_code == 405
