"""An alert whose price was put right asks nobody any more: mail that has not left stays, what left is called back."""

from datetime import timedelta

import pytest
from django.core import mail

from merchant_protection.notices import drains
from merchant_protection.notices.models import Delivery, Notice, Preference
from merchant_protection.notices.outside import post
from pricing_guard.models import Incident, IncidentLink
from pricing_guard.services.incidents import answering, links
from tests.pricing_guard.conftest import guarded, listing, price

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]


@pytest.fixture
def doubted(tell, merchant, operator, now):
    """A product whose price lost its point; the shop is asked first, by mail to its owner and operator."""
    guarded(merchant.shop, merchant, at=now, mode="APPROVE")
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    tell(price("129.90", 2, at=now))
    assert Delivery.objects.filter(notice__kind="price.incident", status="PENDING").count() == 2


def send(now, seconds=5):
    return drains.send_mail(lambda: now + timedelta(seconds=seconds))


def subjects():
    return sorted((letter.to[0], letter.subject.partition(":")[0]) for letter in mail.outbox)


def test_mail_that_has_not_left_when_the_price_is_put_right_never_does(doubted, tell, now):
    tell(price("1298.00", 3, at=now))

    assert send(now) == 0
    assert mail.outbox == []
    assert set(Delivery.objects.values_list("status", "due_at")) == {("WITHDRAWN", None)}


def test_mail_that_was_taken_up_but_not_sent_yet_looks_once_more(doubted, tell, now, monkeypatch):
    """Two mails are taken up together; while the first leaves the price is put right, so the second stays."""
    leave = post.send

    def slow(**letter):
        leave(**letter)
        if len(mail.outbox) == 1:
            tell(price("1298.00", 3, at=now))

    monkeypatch.setattr(post, "send", slow)

    assert send(now) == 2
    assert len(mail.outbox) == 1
    assert sorted(Delivery.objects.values_list("status", "due_at")) == [("DELIVERED", None), ("WITHDRAWN", None)]
    assert send(now, 600) == 0


def test_who_was_mailed_is_told_by_one_short_mail_and_only_who_wants_it(doubted, tell, merchant, operator, now):
    send(now)
    Preference.objects.create(merchant=merchant.shop, user=operator.user, kind="price.put_right", by_email=False)
    mail.outbox.clear()

    tell(price("1298.00", 3, at=now))
    send(now)

    assert subjects() == [("owner@a.example", "Put right")]
    assert "¥1,298.00" in mail.outbox[0].body
    assert "price-answers" not in mail.outbox[0].body
    assert not Notice.objects.filter(kind__startswith="price.", archived_at=None).exists()


def test_prices_of_one_cause_are_called_back_together_when_the_last_is_right(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, mode="APPROVE")
    tell(*(each for sku in "AB" for each in (listing(sku), price("1299.00", 1, sku=sku, at=now - timedelta(hours=3)))))
    tell(*(price("129.90", 2, sku=sku, at=now) for sku in "AB"))
    send(now)
    mail.outbox.clear()

    for sku, told in (("A", []), ("B", [("owner@a.example", "Put right")])):
        tell(price("1298.00", 3, sku=sku, at=now))
        send(now, 30)
        assert subjects() == told
    assert "2 products" in mail.outbox[0].subject


def answer(how, *, who, at):
    given = {"incident_id": Incident.objects.get(status="SUSPECTED").pk, "actor": who.actor, "at": at}
    return answering.stop(**given) if how == "trip" else answering.mean(**given, reason="CLEARANCE")


@pytest.mark.parametrize("how", ["trip", "mean"])
def test_mail_that_has_not_left_when_a_person_answers_never_does(doubted, merchant, now, how):
    answer(how, who=merchant, at=now)

    assert send(now) == 0
    assert mail.outbox == []
    assert set(Delivery.objects.values_list("status", "due_at")) == {("WITHDRAWN", None)}
    assert not Notice.objects.filter(kind__startswith="price.", archived_at=None).exists()


@pytest.mark.parametrize(
    ("how", "english", "chinese"),
    [("trip", "it is wrong and was stopped", "确认有误，已止损"), ("mean", "it is meant", "价格是有意设置的")],
)
def test_who_was_mailed_reads_who_answered_and_how_but_not_who_did(
    doubted, merchant, operator, now, how, english, chinese
):
    send(now)
    for language, words in (("en", english), ("zh-hans", chinese)):
        operator.user.language = language
        operator.user.save(update_fields=["language"])
        mail.outbox.clear()
        Delivery.objects.filter(notice__kind="price.answered").update(status="PENDING", due_at=now, attempts=0)
        if language == "en":
            answer(how, who=merchant, at=now)
        send(now, 30)
        assert [letter.to for letter in mail.outbox] == [["operator@a.example"]]
        assert words in mail.outbox[0].body
        assert merchant.actor.name in mail.outbox[0].body
        assert "price-answers" not in mail.outbox[0].body


def test_who_answers_by_the_link_of_a_mail_is_told_nothing_more(doubted, merchant, operator, now):
    send(now)
    link = IncidentLink.objects.get(purpose="MEANT")
    mail.outbox.clear()

    links.use(token=links.token_of(link, user_id=operator.user.pk), at=now, reason="CLEARANCE")
    send(now, 30)

    assert [letter.to for letter in mail.outbox] == [["owner@a.example"]]


def test_the_alert_of_a_cause_goes_with_its_last_answer(tell, merchant, operator, now):
    guarded(merchant.shop, merchant, at=now, mode="APPROVE")
    tell(*(each for sku in "AB" for each in (listing(sku), price("1299.00", 1, sku=sku, at=now - timedelta(hours=3)))))
    tell(*(price("129.90", 2, sku=sku, at=now) for sku in "AB"))
    first, second = Incident.objects.order_by("pk")

    answering.mean(incident_id=first.pk, actor=merchant.actor, at=now, reason="CLEARANCE")
    assert Notice.objects.filter(kind="price.incidents", archived_at=None).exists()
    answering.stop(incident_id=second.pk, actor=operator.actor, at=now)

    assert not Notice.objects.filter(kind="price.incidents", archived_at=None).exists()
    assert send(now) == 0


def test_what_a_person_archives_is_mailed_all_the_same(doubted, merchant, now):
    notice = Notice.objects.get(kind="price.incident")
    merchant.client.post("/m/inbox/bulk/", {"verb": "archive", "pick": notice.pk})
    notice.refresh_from_db()

    assert notice.archived_at
    assert send(now) == 2
