"""Signing in under attack: limits are exact, nobody locks another out, and nothing tells who has an account."""

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from merchant_protection.accounts.services import signing_in
from merchant_protection.audit.models import Entry
from merchant_protection.embedded.redis_server import RedisServer
from merchant_protection.foundation import tenancy
from merchant_protection.notices.models import Delivery
from merchant_protection.notices.services.wording import Letter
from tests.factories.accounts import PASSWORD
from tests.fixtures.people import Persona

LOGIN = "/accounts/login/"
FACTOR = "/accounts/2fa/authenticate/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_in(email: str, password: str, *, client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).post(LOGIN, {"login": email, "password": password}, **more)


def failures() -> int:
    with tenancy.platform():
        return Entry.objects.filter(action="account.sign_in_failed").count()


def at_once(number: int, work: Any) -> list[Any]:
    gate = threading.Barrier(number)

    def one(index: int) -> Any:
        gate.wait(30)
        try:
            return work(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def second_factor(person: Persona) -> Any:
    return totp.TOTP.activate(person.user, SECRET)


@pytest.fixture(autouse=True)
def clock() -> Iterator[mock.Mock]:
    """The half minute that the one-time codes are of; a test moves it by hand, so that none ends in its midst."""
    with mock.patch.object(totp, "yield_hotp_counters_from_time", return_value=[1_000_000]) as counters:
        yield counters


def code() -> str:
    """The code that the person's device shows now."""
    return totp.format_hotp_value(totp.hotp_value(SECRET, totp.yield_hotp_counters_from_time()[0]))


def is_inside(client: Client) -> bool:
    return client.get("/m/").status_code == 200


@pytest.mark.case("T32")
def test_an_attack_on_sign_in(
    transactional_db: None, merchant: Persona, rival: Persona, staff: Persona, broker: RedisServer
) -> None:
    """Limits are exact, with forged headers too; nobody else is locked out; all goes on without Redis."""
    victim = merchant.user.email
    answers = at_once(
        50, lambda number: sign_in(victim, "wrong", REMOTE_ADDR="203.0.113.9", **forged(number)).status_code
    )
    assert answers == [200] * 50
    assert failures() == signing_in.FOR_ONE.amount  # so many passwords were looked at, and not one more

    broker.stop()
    blocked = Client()
    sign_in(victim, PASSWORD, client=blocked, REMOTE_ADDR="203.0.113.9")
    assert not is_inside(blocked)
    for email, address in ((victim, "198.51.100.7"), (rival.user.email, "203.0.113.9")):
        visitor = Client()
        sign_in(email, PASSWORD, client=visitor, REMOTE_ADDR=address)
        assert is_inside(visitor), (email, address)
    nothing_tells_who_has_an_account(victim)
    the_rules_of_the_second_factor(staff)
    one_code_opens_once(merchant)
    broker.start()


def forged(number: int) -> dict[str, str]:
    """What an attacker writes to seem to come from elsewhere each time."""
    other = f"192.0.2.{number}"
    return {
        "HTTP_X_FORWARDED_FOR": f"{other}, {other}",
        "HTTP_X_REAL_IP": other,
        "HTTP_FORWARDED": f"for={other}",
        "HTTP_CF_CONNECTING_IP": other,
        "HTTP_CLIENT_IP": other,
    }


def nothing_tells_who_has_an_account(known: str) -> None:
    unknown = "nobody@a.example"
    wrong = [bare(sign_in(email, "wrong", REMOTE_ADDR="198.51.100.50"), email) for email in (known, unknown)]
    assert wrong[0] == wrong[1]
    forgot = [
        Client().post("/accounts/password/reset/", {"email": email}, REMOTE_ADDR="198.51.100.51", follow=True)
        for email in (known, unknown)
    ]
    assert bare(forgot[0], known) == bare(forgot[1], unknown)
    assert forgot[0].redirect_chain == forgot[1].redirect_chain
    assert Client().get("/accounts/signup/").status_code in (200, 404)
    assert not Client().post("/accounts/signup/", {"email": known, "password1": PASSWORD}).context.get("form")


def bare(response: Any, email: str) -> str:
    """A page without what differs by request: the CSRF token, the address that was typed, the id."""
    text = response.content.decode().replace(email, "")
    return re.sub(r'csrf[^>]+>|X-CSRFToken[^>]+>|nonce="[^"]+"', "", text, flags=re.IGNORECASE)


def the_rules_of_the_second_factor(staff: Persona) -> None:
    without = Client()
    sign_in(staff.user.email, PASSWORD, client=without, REMOTE_ADDR="198.51.100.60")
    assert without.get("/admin/").headers["Location"] == "/accounts/2fa/totp/activate/"
    second_factor(staff)
    half = Client()
    answer = sign_in(staff.user.email, PASSWORD, client=half, REMOTE_ADDR="198.51.100.60")
    assert answer.headers["Location"].startswith(FACTOR)
    assert half.get("/admin/").status_code == 302
    half.post(FACTOR, {"code": "000000"}, REMOTE_ADDR="198.51.100.60")
    assert half.get("/admin/").status_code == 302
    half.post(FACTOR, {"code": code()}, REMOTE_ADDR="198.51.100.60")
    assert half.get("/admin/").status_code == 200


def one_code_opens_once(person: Persona) -> None:
    second_factor(person)
    visitors = [Client() for _ in range(6)]
    for visitor in visitors:
        sign_in(person.user.email, PASSWORD, client=visitor, REMOTE_ADDR="198.51.100.70")
    now = code()
    at_once(5, lambda number: visitors[number].post(FACTOR, {"code": now}, REMOTE_ADDR=f"198.51.100.{71 + number}"))
    assert sum(is_inside(visitor) for visitor in visitors[:5]) <= 1
    visitors[5].post(FACTOR, {"code": now}, REMOTE_ADDR="198.51.100.99")
    assert not is_inside(visitors[5])


@pytest.mark.case("T32")
def test_a_used_code_is_refused_and_a_new_one_taken(
    transactional_db: None, merchant: Persona, clock: mock.Mock
) -> None:
    second_factor(merchant)
    first, again = Client(), Client()
    for visitor in (first, again):
        sign_in(merchant.user.email, PASSWORD, client=visitor)

    used = code()
    first.post(FACTOR, {"code": used})
    again.post(FACTOR, {"code": used})

    assert (is_inside(first), is_inside(again)) == (True, False)
    clock.return_value = [1_000_001]
    again.post(FACTOR, {"code": code()})
    assert is_inside(again)


def test_a_recovery_code_opens_once(transactional_db: None, merchant: Persona) -> None:
    second_factor(merchant)
    spare = RecoveryCodes.activate(merchant.user).get_unused_codes()[0]
    first, again = Client(), Client()
    for visitor in (first, again):
        sign_in(merchant.user.email, PASSWORD, client=visitor)
        visitor.post(FACTOR, {"code": spare})

    assert (is_inside(first), is_inside(again)) == (True, False)


def test_codes_are_guessed_five_times_only(transactional_db: None, merchant: Persona) -> None:
    second_factor(merchant)
    guesser = Client()
    sign_in(merchant.user.email, PASSWORD, client=guesser)
    for guess in range(5):
        guesser.post(FACTOR, {"code": f"00000{guess}"})

    guesser.post(FACTOR, {"code": code()})

    assert not is_inside(guesser)


def test_the_demos_people_are_let_in_without_only_where_the_demo_runs(db: None, staff: Persona) -> None:
    staff.user.is_demo = True
    staff.user.save()

    with override_settings(DEMO=True):
        assert staff.client.get("/admin/").status_code == 200
    with override_settings(DEMO=False):
        assert staff.client.get("/admin/").status_code == 302


def test_a_right_password_counts_for_nothing(db: None, merchant: Persona) -> None:
    for _ in range(signing_in.FOR_ONE.amount * 2):
        client = Client()
        sign_in(merchant.user.email, PASSWORD, client=client)
        assert is_inside(client)


def test_many_accounts_from_one_place_are_tried_fifty_times_only(db: None, now: datetime) -> None:
    tried = [
        signing_in.admit(email=f"p{number}@a.example", origin="203.0.113.9", at=now)
        for number in range(signing_in.FROM_A_PLACE.amount + 1)
    ]

    assert [wait is None for wait in tried] == [True] * signing_in.FROM_A_PLACE.amount + [False]
    assert signing_in.admit(email="p0@a.example", origin="198.51.100.7", at=now) is None
    later = now + signing_in.FROM_A_PLACE.step
    assert signing_in.admit(email="last@a.example", origin="203.0.113.9", at=later) is None


def test_a_refused_try_takes_nothing_from_the_place(db: None, now: datetime) -> None:
    for _ in range(100):
        signing_in.admit(email="one@a.example", origin="203.0.113.9", at=now)

    for number in range(signing_in.FROM_A_PLACE.amount - signing_in.FOR_ONE.amount):
        assert signing_in.admit(email=f"p{number}@a.example", origin="203.0.113.9", at=now) is None


@pytest.mark.case("T32")
@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "198.51.100.1", "203.0.113.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "192.0.2.1, 198.51.100.1", "198.51.100.1"),
        (2, "192.0.2.1, 198.51.100.1, 198.51.100.2", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.9"),
        (1, "192.0.2.1, nonsense", "203.0.113.9"),
        (1, "", "203.0.113.9"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_our_own_proxies_are_believed(
    db: None, merchant: Persona, proxies: int, header: str, expected: str
) -> None:
    with override_settings(TRUSTED_PROXIES=proxies):
        sign_in(merchant.user.email, "wrong", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR=header)

    with tenancy.platform():
        assert Entry.objects.get(action="account.sign_in_failed").origin == expected


LIMITS = {"merchant": ("merchant", timedelta(hours=3)), "staff": ("senior", timedelta(minutes=30))}


@pytest.mark.case("T32")
@pytest.mark.parametrize("who", LIMITS)
def test_a_session_ends_when_idle_or_old(db: None, who: str, request: pytest.FixtureRequest) -> None:
    name, idle = LIMITS[who]
    person: Persona = request.getfixturevalue(name)
    now = timezone.now().timestamp()

    def after(*, seen: float, signed_in: float) -> bool:
        client = Client()
        client.force_login(person.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session["seen_at"], session["signed_in_at"] = now - seen, now - signed_in
        session.save()
        return client.get("/me/").status_code == 200

    assert after(seen=idle.total_seconds() - 60, signed_in=idle.total_seconds())
    assert not after(seen=idle.total_seconds() + 60, signed_in=idle.total_seconds() + 60)
    assert after(seen=0, signed_in=12 * 3600 - 60)
    assert not after(seen=0, signed_in=12 * 3600 + 60)


def test_a_poll_keeps_no_session_awake(db: None, merchant: Persona) -> None:
    session = merchant.client.session
    session["seen_at"] = seen = time.time() - 1000
    session["signed_in_at"] = seen
    session.save()

    merchant.client.get("/m/", headers={"X-Poll": "1"})
    assert merchant.client.session["seen_at"] == seen
    merchant.client.get("/m/")
    assert merchant.client.session["seen_at"] > seen


def test_signing_in_gives_a_new_session_and_out_ends_it(db: None, merchant: Persona) -> None:
    client = Client()
    client.get(LOGIN)
    client.session["seen"] = 1
    before = client.cookies.get("sessionid")
    sign_in(merchant.user.email, PASSWORD, client=client)
    inside = client.cookies["sessionid"].value

    assert before is None or before.value != inside
    assert client.cookies["sessionid"]["httponly"]
    assert client.cookies["sessionid"]["samesite"] == "Lax"
    client.post("/accounts/logout/")
    assert not Session.objects.filter(session_key=inside).exists()


def test_a_forgotten_password_is_answered_by_mail_alone(db: None, merchant: Persona) -> None:
    for email in (merchant.user.email, "nobody@a.example"):
        Client().post("/accounts/password/reset/", {"email": email})

    with tenancy.platform():
        letters = {each.recipient: Letter.unsealed(each.body_sealed).text for each in Delivery.objects.all()}
    assert set(letters) == {merchant.user.email, "nobody@a.example"}
    assert [email for email, text in letters.items() if "/password/reset/key/" in text] == [merchant.user.email]
    assert mail.outbox == []
