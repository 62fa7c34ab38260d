"""What the pages of the walk are about: shop A's things in the states that open a page, made as people make them."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import resolve, reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from claims.services import evidence
from merchant_protection.accounts.services import members
from merchant_protection.foundation import crypto, tenancy
from pricing_guard.models import Incident, IncidentLink
from pricing_guard.services.incidents import links
from tests.factories import claims as make
from tests.factories.accounts import PASSWORD
from tests.fixtures import proofs
from tests.fixtures.people import Persona
from tests.isolation import test_routes
from tests.marketplace import posting
from tests.pricing_guard.conftest import judge, listing, price
from tests.training import folders
from training.models import CourseVersion
from training.services import sessions

WELCOME, FLOOR = {"code": "welcome"}, {"code": "floor"}


def rows(
    ids: dict[str, dict[str, Any]], people: dict[str, Persona], now: datetime, *, files: list[int]
) -> dict[str, dict[str, Any]]:
    """What the addresses name, by route: beside the shop's things of the matrix what only a person's work brings."""
    merchant = people["merchant"]
    return {
        **ids,
        **_at_the_desk(merchant, people["reviewer"], now),
        **_in_writing(merchant, files, now),
        **_of_the_guard(merchant, now),
        **_of_courses(merchant, now),
        **_of_a_session(people["trainer"], now),
        **_of_accounts(people["guarded"]),
        "invitation": {"token": _asked_in(merchant, now)},
        "account_confirm_email": {"key": "nothing"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "nothing"},
        "certificate_verify": {"code": "0000-0000-0000-0000"},
        **{f"draw_published{more}": {"commitment": "0" * 64} for more in ("", "_entries")},
    }


def with_second_factor(person: Persona) -> Persona:
    """Somebody who has a device, a security key and recovery codes."""
    proofs.second_factor(person)
    RecoveryCodes.activate(person.user)
    WebAuthn.add(person.user, "Yubikey", _registered(b"key-of-" + person.user.email.encode()))
    return person


def half_signed_in(person: Persona) -> Persona:
    """The same person in another browser, where the password was given and the second factor is asked for."""
    other = Persona(person.user)
    other.client = Client()
    other.client.post(reverse("account_login"), {"login": person.user.email, "password": PASSWORD})
    return other


def _at_the_desk(merchant: Persona, reviewer: Persona, now: datetime) -> dict[str, dict[str, Any]]:
    """A complaint that was not upheld and is drawn to be looked at again, and one that waits."""
    assert merchant.shop
    with tenancy.platform():
        make.limits(sampled=1.0)
    decided = make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now - timedelta(hours=1))
    waiting = make.submitted(merchant.shop, at=now - timedelta(minutes=30))
    return {
        **{name: {"pk": decided.pk} for name in ("claim_appeal", "claim_letter", "desk_sample")},
        **{name: {"pk": waiting.pk} for name in ("desk_case", "desk_recipient", "desk_escalations")},
    }


def _in_writing(merchant: Persona, files: list[int], now: datetime) -> dict[str, dict[str, Any]]:
    """A complaint that is being written, with a picture and a paper that were checked."""
    assert merchant.shop
    draft = make.draft(merchant.shop, at=now)
    with tenancy.platform():
        for file_id, kind in zip(files, ("CHAT_DEMAND", "LAB_REPORT"), strict=True):
            evidence.add(claim_id=draft.pk, actor=merchant.actor, at=now, file_id=file_id, type=kind)
    return {name: {"pk": draft.pk} for name in ("claim_edit", "claim_check", "claim_viewer")}


def _of_the_guard(merchant: Persona, now: datetime) -> dict[str, dict[str, Any]]:
    """A price that fell to a tenth, and the link in the alert about it."""
    events = (listing(), price("1299.00", 1, at=now - timedelta(hours=2)), price("129.90", 2, at=now))
    for event in events:
        answer = posting.post([event])
        assert answer.status_code == 202, answer.content
        judge(now)
    with tenancy.platform():
        incident = Incident.objects.get(listing__sku="WM-1")
        link = IncidentLink.objects.get(incident=incident, purpose=IncidentLink.Purpose.STOP)
    return {
        "price_incident": {"pk": incident.pk},
        "price_answer": {"token": links.token_of(link, user_id=merchant.user.pk)},
    }


def _of_courses(merchant: Persona, now: datetime) -> dict[str, dict[str, Any]]:
    """A course that the owner learns, with a quiz begun; and one that says more now than when it was learned."""
    lesson, quiz = _lessons(now)
    learner = merchant.client
    folders.publish(folders.articles(), at=now)
    for course in (WELCOME, FLOOR):
        learner.post(reverse("training_enrol", kwargs=course))
    newer = folders.articles(lessons=("one", "two", "three"), note="Third lesson.", two="Something else.")
    folders.publish(newer, at=now + timedelta(minutes=1))
    begun = learner.post(reverse("training_quiz_start", kwargs=WELCOME | {"lesson_code": quiz}))
    of_course = ("course", "assign", "enrol", "move_on", "renew")
    of_lesson = ("lesson", "read", "download", "beat")
    return {
        **{f"training_{name}": WELCOME for name in of_course},
        **{f"training_{name}": WELCOME | {"lesson_code": lesson} for name in of_lesson},
        **{f"training_quiz{name}": WELCOME | {"lesson_code": quiz} for name in ("", "_start")},
        "training_changes": FLOOR,
        "training_attempt": resolve(begun.headers["Location"]).kwargs,
        "training_file": WELCOME | {"number": 1, "name": "nothing.png"},
    }


def _lessons(now: datetime) -> tuple[str, str]:
    """A lesson to read and one with a quiz, of the course that everybody begins with."""
    version: CourseVersion | None = test_routes.training_routes._course(now).published
    assert version
    with tenancy.platform():
        lessons = {lesson.kind: lesson.code for lesson in version.lessons.order_by("-pk")}
    return next(code for kind, code in lessons.items() if kind != "QUIZ"), lessons["QUIZ"]


def _of_a_session(trainer: Persona, now: datetime) -> dict[str, dict[str, Any]]:
    """A live session of tomorrow."""
    plan = {
        "title": {"en": "Price guard before a sale, live", "zh": "大促价格保护直播课"},
        "starts_at": now + timedelta(days=1),
        "ends_at": now + timedelta(days=1, hours=1),
        "capacity": 10,
    }
    with tenancy.platform():
        session = sessions.schedule(actor=trainer.actor, plan=plan, at=now)
    of_session = ("session", "session_live", "register", "give_up", "ask", "room_beat", "session_file")
    return {
        **{f"training_{name}": {"pk": session.pk} for name in of_session},
        "training_stream": {"name": "nothing.m3u8"},
        "training_feed": {"token": "nothing"},
    }


def _of_accounts(guarded: Persona) -> dict[str, dict[str, Any]]:
    """The security key of whoever has one."""
    key = guarded.user.authenticator_set.get(type="webauthn")
    return {name: {"pk": key.pk} for name in ("mfa_edit_webauthn", "mfa_remove_webauthn")}


def _asked_in(merchant: Persona, now: datetime) -> str:
    """The token in a letter that asks a newcomer into the shop."""
    assert merchant.shop
    common = {"actor": merchant.actor, "merchant_id": merchant.shop.pk, "at": now}
    with tenancy.platform():
        invitation = members.invite(email="newcomer@a.example", role="OPERATOR", **common)
    return crypto.unseal(invitation.token_sealed)


def _registered(credential_id: bytes) -> dict[str, Any]:
    """What a browser answers when a security key is added."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    key = AttestedCredentialData.create(bytes(16), credential_id, public)
    proof = AuthenticatorData.create(hashlib.sha256(b"127.0.0.1").digest(), flags, 0, key)
    said = CollectedClientData.create(type="webauthn.create", challenge=bytes(32), origin="https://127.0.0.1")
    answer = {
        "clientDataJSON": websafe_encode(said),
        "attestationObject": websafe_encode(AttestationObject.create("none", proof, {})),
    }
    name = websafe_encode(credential_id)
    kind = {"type": "public-key", "clientExtensionResults": {"credProps": {"rk": False}}}
    return {"id": name, "rawId": name, "response": answer, **kind}
