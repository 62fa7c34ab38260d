"""Times are told, and taken, in the zone of the shop on its pages and of the person elsewhere."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from merchant_protection.accounts.models import Merchant, User
from merchant_protection.notices.services import wording
from pricing_guard.models import ApprovedWindow
from tests.factories.accounts import MembershipFactory
from tests.factories.marketplace import ListingFactory, OrderFactory
from tests.factories.notices import NoticeFactory
from tests.fixtures.people import Persona
from tests.fixtures.proofs import second_factor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]
PLACED = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
BEIJING, NEW_YORK, BERLIN = "2026-11-26 10:30", "2026-11-25 21:30", "2026-11-26 03:30"


@pytest.fixture
def abroad(merchant: Persona) -> Persona:
    """The shop counts its days in New York; the person who looks lives in Berlin."""
    Merchant.objects.filter(pk=merchant.shop.pk).update(time_zone="America/New_York")
    User.objects.filter(pk=merchant.user.pk).update(time_zone="Europe/Berlin")
    merchant.shop.refresh_from_db()
    return merchant


def body(client: Client, path: str) -> str:
    answer = client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_shops_pages_tell_its_own_time_and_name_the_zone(abroad, rival):
    mine, theirs = (OrderFactory(merchant=each.shop, placed_at=PLACED) for each in (abroad, rival))

    for person, order, told, zone in (
        (abroad, mine, NEW_YORK, "America/New_York"),
        (rival, theirs, BEIJING, "Beijing"),
    ):
        page = body(person.client, reverse("order", args=[order.pk]))

        assert told in page
        assert f"All times are {zone}" in page
        assert timezone.get_current_timezone_name() == "Asia/Shanghai"  # the next request starts afresh


def test_who_works_for_two_shops_reads_each_in_its_own_time(abroad, rival):
    MembershipFactory(merchant=rival.shop, user=abroad.user)
    order = OrderFactory(merchant=rival.shop, placed_at=PLACED)
    session = abroad.client.session
    session["merchant_id"] = rival.shop.pk
    session.save()

    assert BEIJING in body(abroad.client, reverse("order", args=[order.pk]))


def test_a_list_that_is_streamed_is_told_in_the_shops_time_to_its_end(abroad):
    OrderFactory.create_batch(3, merchant=abroad.shop, placed_at=PLACED)

    answer = abroad.client.post(reverse("exports"), {"kind": "orders", "query": ""})
    lines = b"".join(answer.streaming_content).decode().splitlines()[1:]

    assert len(lines) == 3
    assert all("2026-11-25T21:30:00-05:00" in line for line in lines)
    assert timezone.get_current_timezone_name() == "Asia/Shanghai"


def test_a_moment_that_is_typed_is_one_of_the_shops_time(abroad):
    ListingFactory(merchant=abroad.shop, sku="W-1")
    form = {"reason": "CLEARANCE", "skus": "W-1", "starts_at": "2030-01-15T09:00", "ends_at": "2030-01-15T18:00"}

    assert abroad.client.post(reverse("price_windows"), form).status_code == 302

    assert ApprovedWindow.objects.get().starts_at == datetime(2030, 1, 15, 14, tzinfo=UTC)


def test_staff_and_account_pages_tell_the_persons_own_time(abroad, staff):
    second_factor(staff)
    User.objects.filter(pk=staff.user.pk).update(time_zone="Europe/Berlin")
    MembershipFactory(merchant=abroad.shop, user=staff.user)  # on staff pages it is the person's all the same
    order = OrderFactory(merchant=abroad.shop, placed_at=PLACED)

    assert "Europe/Berlin (UTC+0" in body(staff.client, reverse("admin:index"))
    assert BERLIN in body(staff.client, reverse("admin:marketplace_order_change", args=[order.pk]))
    assert "America/New_York (UTC" in body(abroad.client, reverse("overview"))


@pytest.mark.parametrize("way", ["session", "key"])
def test_programs_are_told_moments_with_their_offset_as_before(abroad, way):
    OrderFactory(merchant=abroad.shop, placed_at=PLACED)
    client, headers = (abroad.client, {}) if way == "session" else (Client(), abroad.key("orders:read"))

    told = client.get("/api/v1/orders", **headers).json()["results"][0]["placed_at"]

    assert datetime.fromisoformat(told) == PLACED
    assert told.endswith("+08:00")


def test_mail_is_written_in_the_shops_time_and_names_it(abroad):
    notice = NoticeFactory(
        merchant=abroad.shop,
        kind="training.session_soon",
        params={"title": {"en": "Prices"}, "starts_at": PLACED.isoformat()},
    )

    letter = wording.letter_of_notice(notice, language="en")

    for text in (letter.text, letter.html):
        assert NEW_YORK in text
        assert "Times are America/New_York (UTC-" in text
