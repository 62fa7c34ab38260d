"""Lists as files: short ones at once, long ones by a sweep; who gets them, for how long, and what they never show."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as project
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import override

from merchant_protection.accounts.models import Membership
from merchant_protection.audit.models import Entry
from merchant_protection.foundation.errors import Conflict, NotAllowed, NotFound
from merchant_protection.notices.models import Delivery, Export, Notice
from merchant_protection.notices.services import exports
from tests.factories.marketplace import BuyerFactory, ListingFactory, OrderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]
FEW = 3


@pytest.fixture(autouse=True)
def _small(monkeypatch, settings, tmp_path):
    """A list of four rows counts as long, and files go where the test can look."""
    monkeypatch.setattr(exports, "SENT_AT_ONCE", FEW)
    settings.STATE_DIR = tmp_path


@pytest.fixture
def orders(merchant):
    buyer = BuyerFactory(merchant=merchant.shop, ref="buyer-4821-secret")
    return [OrderFactory(merchant=merchant.shop, number=f"=N-{n}", status="PAID", buyer=buyer) for n in range(FEW + 1)]


@pytest.fixture
def ask(merchant, orders, now):
    def asked(person=merchant, **more):
        fields = {"merchant_id": merchant.shop.pk, "kind": "orders", "query": "status=PAID", "at": now} | more
        return exports.ask(actor=person.actor, **fields)

    return asked


def write(now):
    return exports.write_due(now=now, clock=lambda: now)


def rows_of(answer):
    body = b"".join(answer.streaming_content).decode()
    assert body.startswith("\ufeff")
    return list(csv.reader(io.StringIO(body[1:])))


def state():
    return list(Export.objects.order_by("pk").values()), Entry.objects.filter(subject_kind="export").count()


def test_a_short_list_comes_at_once_as_the_filter_shows_it(merchant, orders):
    OrderFactory(merchant=merchant.shop, number="S-1", status="SHIPPED")

    answer = merchant.client.post(
        "/m/exports/", {"kind": "orders", "query": "status=SHIPPED&after=x"}, headers={"Accept-Language": "en"}
    )

    rows = rows_of(answer)
    assert (rows[0][0], [row[0] for row in rows[1:]]) == ("Order number", ["S-1"])
    assert not Export.objects.exists()
    assert Entry.objects.get(action="export.sent").after == {"list": "orders", "filters": "status=SHIPPED", "rows": 1}


def test_a_long_list_is_written_by_the_sweep_and_fetched_by_who_asked(merchant, orders, now):
    asked = merchant.client.post("/m/exports/", {"kind": "orders", "query": "status=PAID"}, follow=True)
    assert (asked.context["running"], Export.objects.get().status) == (True, "WAITING")

    assert write(timezone.now()) == 1

    job = Export.objects.get()
    assert (job.status, job.rows_total, job.rows_done) == ("DONE", FEW + 1, FEW + 1)
    assert f'href="/m/exports/{job.pk}/file/"' in merchant.client.get("/m/exports/").content.decode()
    rows = rows_of(merchant.client.get(f"/m/exports/{job.pk}/file/"))
    assert len(rows) == FEW + 2
    assert list(Entry.objects.filter(subject_kind="export").order_by("pk").values_list("action", flat=True)) == [
        "export.asked",
        "export.fetched",
    ]


def test_only_who_asked_is_told_by_the_inbox_and_by_mail_that_the_file_is_there(merchant, operator, ask, now):
    job = ask()

    write(now)

    notice = Notice.objects.get()
    assert (notice.kind, notice.path, notice.params["by"]) == ("export.ready", "/m/exports/", "Ann Owner")
    assert notice.params["file"] == exports.file_name(job)
    assert list(Delivery.objects.values_list("recipient", flat=True)) == [merchant.user.email]
    assert "orders-" in merchant.client.get("/m/inbox/").content.decode()
    assert "orders-" not in operator.client.get("/m/inbox/").content.decode()
    assert operator.client.get(f"/m/inbox/{notice.pk}/").status_code == 404
    operator.client.post("/m/inbox/bulk/", {"verb": "archive", "pick": [notice.pk]})
    assert Notice.objects.get().archived_at is None


@pytest.mark.parametrize("long", [False, True])
def test_a_spreadsheet_cannot_be_made_to_run_and_buyers_stay_masked(merchant, ask, now, monkeypatch, long):
    if long:
        job = ask()
        write(now)
        text = Path(Export.objects.get(pk=job.pk).path).read_text()
    else:
        monkeypatch.setattr(exports, "SENT_AT_ONCE", 100)
        answer = merchant.client.post("/m/exports/", {"kind": "orders"})
        text = b"".join(answer.streaming_content).decode()

    assert "'=N-0" in text
    assert "4821-secret" not in text
    assert "***" in text


def test_it_is_written_in_the_language_and_zone_of_who_asked(merchant, ask, now):
    merchant.shop.time_zone = "Asia/Shanghai"
    merchant.shop.save()
    job = ask(language="zh-hans")

    write(now)

    text = Path(Export.objects.get(pk=job.pk).path).read_text()
    assert "订单号" in text.splitlines()[0]
    assert "+08:00" in text


@pytest.mark.parametrize("name", ["operator", "onlooker", "rival", "staff"])
def test_nobody_else_fetches_a_file(request, merchant, ask, now, name):
    job, person = ask(), request.getfixturevalue(name)
    write(now)
    before = state()

    with pytest.raises((NotAllowed, NotFound)):
        exports.fetch(actor=person.actor, export_id=job.pk, at=now)
    assert person.client.get(f"/m/exports/{job.pk}/file/").status_code in {302, 403, 404}

    assert state() == before


def test_members_see_who_asked_for_what_and_a_rival_sees_nothing(merchant, onlooker, rival, ask, now):
    ask()
    write(now)

    assert len(onlooker.client.get("/m/exports/").context["rows"]) == 1
    assert "/file/" not in onlooker.client.get("/m/exports/").content.decode()
    assert rival.client.get("/m/exports/").context["rows"] == []


def test_after_a_day_the_file_is_gone(merchant, ask, now):
    job = ask()
    write(now)
    path, late = Path(Export.objects.get(pk=job.pk).path), now + exports.KEPT

    with pytest.raises(Conflict):
        exports.fetch(actor=merchant.actor, export_id=job.pk, at=late)
    assert exports.fetch(actor=merchant.actor, export_id=job.pk, at=late - timedelta(seconds=1)).path == str(path)
    assert path.exists()
    assert write(late + timedelta(seconds=1)) == 1

    job.refresh_from_db()
    assert (job.status, job.path, job.due_at, path.exists()) == ("EXPIRED", "", None, False)
    assert write(late + timedelta(days=1)) == 0


def test_who_left_the_shop_gets_nothing(merchant, operator, ask, now):
    job = ask(operator)
    Membership.objects.filter(user=operator.user).update(is_active=False)

    write(now)

    job.refresh_from_db()
    assert (job.status, job.last_error, job.path) == ("FAILED", "not_allowed", "")


def test_what_keeps_failing_is_given_up_and_holds_up_no_other(ask, now, monkeypatch, settings):
    settings.EXPORTS = project.EXPORTS | {"broken": ("Broken", "tests.notices.broken_list.table")}
    broken, good = ask(kind="broken"), ask()

    for turn in range(6):
        write(now + exports.LEASE * 2 * turn)

    broken.refresh_from_db()
    good.refresh_from_db()
    assert (broken.status, broken.last_error, good.status) == ("FAILED", "gave_up", "DONE")
    assert not list(Path(settings.STATE_DIR).rglob("*.part"))


def test_a_list_that_killed_all_who_wrote_it_is_given_up_and_its_neighbour_is_taken_up_by_itself(ask, now):
    deadly, good = ask(), ask()
    Export.objects.filter(pk=deadly.pk).update(attempts=exports.leases.MAX_ATTEMPTS)

    write(now)

    deadly.refresh_from_db()
    good.refresh_from_db()
    assert (deadly.status, deadly.last_error) == ("FAILED", "gave_up")
    assert (good.status, good.generation) == ("DONE", 1)


def test_a_job_whose_writer_died_is_written_anew_by_the_next(ask, now):
    job = ask()
    Export.objects.filter(pk=job.pk).update(status="RUNNING", generation=3, due_at=now + exports.LEASE, rows_done=2)

    assert write(now) == 0
    assert write(now + exports.LEASE) == 1

    job.refresh_from_db()
    assert (job.status, job.rows_done) == ("DONE", FEW + 1)


def test_a_writer_that_lost_its_job_leaves_the_other_ones_file(ask, now, monkeypatch, settings):
    job = ask()
    first = exports.leases.claim(exports.queries.exports_due(), now=now, limit=1, lease=exports.LEASE)[0]
    write(now + exports.LEASE)
    job.refresh_from_db()

    with pytest.raises(exports.leases.Lost):
        exports._write(first, clock=lambda: now)

    assert [str(path) for path in Path(settings.STATE_DIR).rglob("*.csv")] == [job.path]
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("name", ["rival", "staff"])
def test_only_members_export(request, ask, name):
    before = state()

    with pytest.raises(NotAllowed):
        ask(request.getfixturevalue(name))

    assert state() == before


def test_a_person_has_at_most_five_in_line(ask):
    for _index in range(exports.MOST_OPEN):
        ask()

    with pytest.raises(Conflict):
        ask()


@pytest.mark.parametrize(
    ("kind", "query", "english", "chinese"),
    [
        ("orders", "status=SHIPPED&buyer=17", ["Status: Shipped", "Of one buyer"], ["状态：已发货", "某一位买家"]),
        ("price_listings", "view=without", ["View: Without own floor"], ["视图：无商品保护价"]),
        ("warnings", "view=high&kind=HOARDING", ["View: High", "Kind: Stock held"], ["视图：高", "类型：占库存"]),
        ("order_decisions", "verdict=HOLD", ["Answer: Hold"], ["应答：暂缓"]),
        ("list_entries", "view=EXEMPT", ["View: Exempt"], ["视图：白名单"]),
        ("orders", "q=N-1&since=2026-11-01", ["Search: N-1", "From: 2026-11-01"], ["搜索：N-1"]),
    ],
)
def test_the_centre_says_in_words_what_a_list_was_narrowed_to(merchant, ask, now, kind, query, english, chinese):
    Export.objects.filter(pk=ask().pk).update(kind=kind, query=query)

    for language, said in (("en", english), ("zh-hans", chinese)):
        page = merchant.client.get("/m/exports/", headers={"Accept-Language": language}).content.decode()
        shown = page.partition("<main")[2].partition("</main>")[0]
        assert all(each in shown for each in said), (said, shown)
        assert not {"SHIPPED", "HOARDING", "EXEMPT", "HOLD", "17"} & {*shown.replace("<", " ").split()}


@pytest.mark.parametrize("kind", project.EXPORT_CHOICES)
def test_every_choice_of_a_list_has_words_in_both_languages(kind):
    for of_filter in import_string(project.EXPORT_CHOICES[kind]).values():
        for value, words in of_filter.items():
            with override("en"):
                english = str(words)
            with override("zh-hans"):
                assert english
                assert str(words) != english, value


def test_an_unknown_list_is_not_found(merchant):
    assert merchant.client.post("/m/exports/", {"kind": "passwords"}).status_code == 404


@pytest.mark.parametrize("kind", project.EXPORTS)
def test_every_list_can_be_taken_away_and_says_as_much_in_each_row_as_in_its_head(merchant, now, kind, monkeypatch):
    monkeypatch.setattr(exports, "SENT_AT_ONCE", 100)
    ListingFactory(merchant=merchant.shop)
    OrderFactory(merchant=merchant.shop)
    merchant.client.post("/m/views/", {"path": "/m/orders/", "query": "q=a", "name": "x"})

    rows = rows_of(merchant.client.post("/m/exports/", {"kind": kind, "query": "q=&status=&since=x"}))

    assert {len(row) for row in rows} == {len(rows[0])}
    assert merchant.client.post("/m/exports/", {"kind": kind, "query": "q=%00&since=%FF&a=b"}).status_code == 200


def test_the_page_costs_the_same_for_one_export_and_for_thirty(merchant, ask, now):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            merchant.client.get("/m/exports/")
        return len(queries)

    job = ask()
    cost()
    one = cost()
    for _index in range(30):
        job.pk = None
        job.save()

    assert cost() == one
