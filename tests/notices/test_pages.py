"""The inbox: who reads, who archives, what the counts say, and what it costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchant_protection.notices.models import Notice, Preference, Reading
from tests.factories.notices import NoticeFactory

pytestmark = pytest.mark.django_db
PEOPLE = {
    "merchant": (True, True),
    "operator": (True, True),
    "onlooker": (True, False),
    "rival": (False, False),
    "staff": (False, False),
}


@pytest.fixture
def notice(merchant):
    return NoticeFactory(merchant=merchant.shop)


@pytest.mark.parametrize("name", PEOPLE)
def test_who_may_archive_and_restore(request, platform_scope, notice, name):
    person, (_reads, archives) = request.getfixturevalue(name), PEOPLE[name]

    person.client.post("/m/inbox/bulk/", {"verb": "archive", "pick": notice.pk})
    notice.refresh_from_db()

    assert (notice.archived_at is not None) is archives
    person.client.post("/m/inbox/bulk/", {"verb": "restore", "pick": notice.pk})
    notice.refresh_from_db()
    assert notice.archived_at is None


@pytest.mark.parametrize("name", PEOPLE)
def test_who_reads_it_does_so_for_themselves(request, platform_scope, notice, name):
    person, (reads, _archives) = request.getfixturevalue(name), PEOPLE[name]

    answer = person.client.get(f"/m/inbox/{notice.pk}/")

    assert (answer.status_code == 302 and answer.url == notice.path) is reads
    assert set(Reading.objects.values_list("user_id", flat=True)) == ({person.user.pk} if reads else set())


def test_unread_counts_follow_reading_unreading_and_archiving(platform_scope, merchant, operator, notice):
    other = NoticeFactory(merchant=merchant.shop)

    def unread(person):
        return person.client.get("/m/inbox/").context["views"][1]["count"]

    assert unread(merchant) == 2
    merchant.client.post("/m/inbox/bulk/", {"verb": "read", "pick": [notice.pk]})
    assert (unread(merchant), unread(operator)) == (1, 2)
    merchant.client.post("/m/inbox/bulk/", {"verb": "unread", "pick": [notice.pk]})
    assert unread(merchant) == 2
    merchant.client.post("/m/inbox/bulk/", {"verb": "archive", "pick": [other.pk]})
    assert (unread(merchant), unread(operator)) == (1, 1)
    merchant.client.post("/m/inbox/bulk/", {"verb": "read_all"})
    assert (unread(merchant), unread(operator)) == (0, 1)


@pytest.mark.parametrize(("view", "shown"), [("inbox", 2), ("unread", 1), ("critical", 1), ("archived", 1)])
def test_each_view_shows_its_part(platform_scope, merchant, now, view, shown):
    NoticeFactory(merchant=merchant.shop, urgency="CRITICAL")
    read = NoticeFactory(merchant=merchant.shop)
    NoticeFactory(merchant=merchant.shop, archived_at=now)
    Reading.objects.create(merchant=merchant.shop, notice=read, user=merchant.user, read_at=now)

    assert len(merchant.client.get(f"/m/inbox/?view={view}").context["page"].rows) == shown


def test_a_notice_never_sends_to_another_site(platform_scope, merchant):
    notice = NoticeFactory(merchant=merchant.shop, path="//evil.example/")

    assert merchant.client.get(f"/m/inbox/{notice.pk}/").url == "/m/inbox/"


@pytest.mark.parametrize("pick", ["x", "9" * 40, "-1"])
def test_picks_that_mean_nothing_change_nothing(platform_scope, merchant, notice, pick):
    answer = merchant.client.post("/m/inbox/bulk/", {"verb": "archive", "pick": pick})

    assert answer.status_code == 302
    assert not Notice.objects.filter(archived_at__isnull=False).exists()


def test_what_comes_by_mail_is_chosen_by_kind(platform_scope, merchant, settings):
    merchant.client.post("/m/notices/settings/", {"kind": ["import.finished"]})

    wishes = dict(Preference.objects.values_list("kind", "by_email"))
    assert (wishes["import.finished"], wishes["import.failed"]) == (True, False)
    assert "inbox.parked" not in wishes  # critical: always by mail


def test_fifty_notices_cost_as_many_questions_as_one(platform_scope, merchant):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert merchant.client.get("/m/inbox/").status_code == 200
        return len(queries)

    NoticeFactory(merchant=merchant.shop)
    cost()
    one = cost()
    NoticeFactory.create_batch(49, merchant=merchant.shop)
    assert cost() == one
