"""Mail: written once, sent once, tried again, given up, and forgotten when it left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from smtplib import SMTPException
from unittest import mock

import pytest
from django.core import mail
from django.db import connection

from merchant_protection.accounts.models import Invitation
from merchant_protection.accounts.services import members
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.notices import drains
from merchant_protection.notices.models import Delivery
from merchant_protection.notices.outside import post
from merchant_protection.notices.services import mailing
from merchant_protection.notices.services.wording import Letter
from tests.factories.notices import DeliveryFactory

pytestmark = pytest.mark.usefixtures("platform_scope")


def send(now, seconds=0):
    return drains.send_mail(lambda: now + timedelta(seconds=seconds))


@pytest.fixture
def invited(merchant, now):
    return members.invite(
        actor=merchant.actor, merchant_id=merchant.shop.pk, email="new@a.example", role="OPERATOR", at=now
    )


@pytest.mark.parametrize(("language", "word"), [("en", "invites you"), ("zh-hans", "邀请")])
def test_an_invitation_is_mailed_with_its_link_in_the_shops_language(invited, merchant, now, language, word):
    merchant.shop.language = language
    merchant.shop.save(update_fields=["language"])

    send(now)

    letter = mail.outbox[0]
    link = next(part for part in letter.body.split() if "/invitations/" in part)
    token = link.rstrip("/").rsplit("/", 1)[1]
    assert (letter.to, word in letter.subject) == (["new@a.example"], True)
    assert Invitation.objects.get().token_digest == crypto.digest(token)
    assert [kind for _body, kind in letter.alternatives] == ["text/html"]


def test_when_the_mail_has_left_nothing_of_its_link_is_kept(invited, now):
    send(now)

    delivery, invitation = Delivery.objects.get(), Invitation.objects.get()
    assert (delivery.status, delivery.body_sealed, delivery.due_at) == ("DELIVERED", "", None)
    assert (invitation.token_sealed, invitation.mail_due_at) == ("", None)


def test_an_invitation_that_was_taken_back_is_not_mailed(invited, merchant, now):
    members.revoke_invitation(actor=merchant.actor, invitation_id=invited.pk, at=now)

    assert (send(now), mail.outbox) == (0, [])


def test_an_invitation_is_written_once(invited, now):
    assert [mailing.write_invitations(now=now) for _turn in range(2)] == [1, 0]
    assert Delivery.objects.count() == 1


def test_one_invitation_that_cannot_be_written_holds_up_no_other(invited, merchant, now):
    members.invite(actor=merchant.actor, merchant_id=merchant.shop.pk, email="b@a.example", role="OPERATOR", at=now)
    Invitation.objects.filter(pk=invited.pk).update(token_sealed="torn")

    assert mailing.write_invitations(now=now) == 1


def test_a_letter_waits_sealed_and_is_sent_as_written(now):
    mailing.send(recipient="a@b.example", letter=Letter("Hello", "secret words", "<p>secret words</p>"), at=now)
    assert "secret" not in Delivery.objects.get().body_sealed

    send(now)

    assert (mail.outbox[0].subject, mail.outbox[0].body) == ("Hello", "secret words")


@pytest.mark.parametrize("error", [SMTPException("busy"), ConnectionRefusedError("no"), ValueError("odd")])
def test_what_fails_is_tried_again_later_and_given_up_after_five_tries(now, error):
    DeliveryFactory(created_at=now)
    tried = []

    with mock.patch.object(post, "send", side_effect=error) as sending:
        for seconds in (0, 1, 10, 100, 1000, 10_000, 100_000):
            tried.append(send(now, seconds))

    delivery = Delivery.objects.get()
    assert tried == [1, 0, 1, 1, 1, 1, 0]
    assert (sending.call_count, delivery.status, delivery.due_at) == (5, "DEAD", None)
    assert str(error) in delivery.last_error


def test_one_mail_that_fails_holds_up_no_other(now):
    bad, _good = (
        DeliveryFactory(recipient="bad@a.example", created_at=now),
        DeliveryFactory(recipient="good@a.example", created_at=now),
    )

    def refuse(*, recipient, **words):
        if recipient == "bad@a.example":
            raise SMTPException
        return send_it(recipient=recipient, **words)

    send_it = post.send
    with mock.patch.object(post, "send", refuse):
        send(now)

    bad.refresh_from_db()
    assert (bad.status, [letter.to for letter in mail.outbox]) == ("PENDING", [["good@a.example"]])


def test_who_lost_the_lease_does_not_finish(now):
    delivery = DeliveryFactory(created_at=now)
    Delivery.objects.update(generation=3)

    assert not mailing.delivered(delivery=delivery, at=now)
    assert not mailing.failed(delivery=delivery, at=now, error="late")
    assert Delivery.objects.get().status == "PENDING"


def test_a_delivery_without_words_is_an_error_and_not_an_empty_mail(now):
    DeliveryFactory(notice=None, created_at=now)

    send(now)

    assert mail.outbox == []
    assert "neither body nor notice" in Delivery.objects.get().last_error


@pytest.mark.django_db(transaction=True)
def test_two_drains_at_once_send_each_mail_once(now):
    for n in range(30):
        DeliveryFactory(recipient=f"p{n}@a.example", created_at=now)

    def drain(_):
        with tenancy.platform():
            try:
                return sum(send(now) for _turn in range(3))
            finally:
                connection.close()

    with ThreadPoolExecutor(2) as pool:
        sent = sum(pool.map(drain, range(2)))
    assert (sent, len({letter.to[0] for letter in mail.outbox}), len(mail.outbox)) == (30, 30, 30)
