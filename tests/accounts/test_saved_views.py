"""Views of a list: whose they are, who may change them, what they show, and that deleting can be undone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchant_protection.accounts.models import SavedView
from merchant_protection.accounts.rules import page_queries
from merchant_protection.accounts.services import saved_views
from merchant_protection.audit.models import Entry
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.factories.marketplace import OrderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]
PAGES = ["/m/orders/", "/m/listings/", "/m/events/", "/m/actions/", "/m/inbox/"]
OPEN = "status=PAID"


@pytest.fixture
def save(merchant, now):
    def saved(person=merchant, **more):
        fields = {"path": "/m/orders/", "name": "待发货", "query": OPEN, "at": now} | more
        return saved_views.keep(actor=person.actor, merchant_id=merchant.shop.pk, **fields)

    return saved


def tabs(person, address):
    html = person.client.get(address, headers={"Accept-Language": "en"}).content.decode()
    bar = html.partition('id="views"')[2].partition('id="rows"')[0]
    return bar.partition("</nav>")[0], bar.partition("</nav>")[2].partition('class="filters"')[0]


def state():
    return list(SavedView.objects.order_by("pk").values()), Entry.objects.count()


def test_saving_keeps_the_filters_as_a_tab_and_in_the_activity_log(merchant):
    answer = merchant.client.post(
        "/m/views/", {"path": "/m/orders/", "query": "after=xyz&status=PAID&q=", "name": " 待发货 "}
    )

    view = SavedView.objects.get()
    assert answer.url == f"/m/orders/?status=PAID&saved={view.pk}"
    assert (view.name, view.query, view.is_shared, view.user_id) == ("待发货", OPEN, False, merchant.user.pk)
    assert Entry.objects.get(action="view.saved").after["filters"] == OPEN


def test_opening_a_view_shows_its_rows_and_its_tab(merchant, save):
    OrderFactory(merchant=merchant.shop, number="P-1", status="PAID")
    OrderFactory(merchant=merchant.shop, number="S-1", status="SHIPPED")
    view = save()

    shown = merchant.client.get(f"/m/orders/?{view.query}&saved={view.pk}")

    assert [order.number for order in shown.context["page"].rows] == ["P-1"]
    nav, tools = tabs(merchant, f"/m/orders/?{view.query}&saved={view.pk}")
    assert f'saved={view.pk}" aria-current="page">待发货' in nav
    assert "Delete the view" in tools
    assert "Save as new view" not in tools


@pytest.mark.parametrize("page", PAGES)
def test_every_list_offers_to_keep_changed_filters(merchant, page):
    plain, filtered = tabs(merchant, page)[1], tabs(merchant, f"{page}?q=abc")[1]

    assert "Save as new view" not in plain
    assert "Save as new view" in filtered


@pytest.mark.parametrize("page", ["/m/actions/?view=failed", "/m/inbox/?view=unread", "/m/inbox/?view=inbox"])
def test_the_lists_own_views_are_locked_and_not_to_be_saved_again(merchant, page):
    nav, tools = tabs(merchant, page)

    assert nav.count('aria-current="page"') == 1
    assert "form" not in tools


def test_changed_filters_of_an_opened_view_can_go_into_it_or_into_a_new_one(merchant, save):
    view = save()

    tools = tabs(merchant, f"/m/orders/?status=SHIPPED&saved={view.pk}")[1]
    answer = merchant.client.post(f"/m/views/{view.pk}/update/", {"query": "status=SHIPPED"})

    assert "Update view" in tools
    assert "Save as new view" in tools
    view.refresh_from_db()
    assert view.query == "status=SHIPPED"
    assert answer.url == f"/m/orders/?status=SHIPPED&saved={view.pk}"


def test_a_view_is_renamed_and_keeps_its_filters(merchant, save):
    view = save()
    assert "Rename the view" in tabs(merchant, f"/m/orders/?{view.query}&saved={view.pk}")[1]
    fields = {"path": "/m/orders/", "query": OPEN}

    answer = merchant.client.post(f"/m/views/{view.pk}/rename/", fields | {"name": " 今天要发 "})

    assert answer.url == f"/m/orders/?{OPEN}&saved={view.pk}"
    assert (SavedView.objects.get().name, SavedView.objects.get().query) == ("今天要发", OPEN)
    entry = Entry.objects.get(action="view.renamed")
    assert (entry.before["name"], entry.after["name"]) == ("待发货", "今天要发")


@pytest.mark.parametrize("name", [" ", "x" * 41, "taken"])
def test_a_view_keeps_its_name_when_the_new_one_cannot_be(merchant, save, now, name):
    save(name="taken")
    client, view = merchant.client, save()
    before = state()

    with pytest.raises(Invalid):
        saved_views.rename(actor=merchant.actor, view_id=view.pk, name=name, at=now)
    answer = client.post(
        f"/m/views/{view.pk}/rename/", {"path": "/m/orders/", "query": OPEN, "name": name}, follow=True
    )

    assert answer.redirect_chain == [(f"/m/orders/?{OPEN}", 302)]
    assert state() == before


def test_a_deleted_view_is_gone_and_comes_back_by_undo(merchant, save):
    view = save()

    answer = merchant.client.post(f"/m/views/{view.pk}/delete/", follow=True)

    assert f'action="/m/views/{view.pk}/restore/"' in answer.content.decode()
    assert "待发货" not in tabs(merchant, "/m/orders/")[0]
    merchant.client.post(f"/m/views/{view.pk}/restore/")
    assert "待发货" in tabs(merchant, "/m/orders/")[0]


def test_a_private_view_is_ones_own_and_a_shared_one_the_shops(merchant, operator, onlooker, rival, save):
    save(operator, name="mine alone")
    save(operator, name="for all", is_shared=True)

    seen = {person.user.email: tabs(person, "/m/orders/")[0] for person in (operator, merchant, onlooker, rival)}

    assert "mine alone" in seen[operator.user.email]
    assert not any("mine alone" in nav for email, nav in seen.items() if email != operator.user.email)
    assert [("for all" in nav) for nav in seen.values()] == [True, True, True, False]


@pytest.mark.parametrize("act", ["change", "rename", "remove", "restore"])
@pytest.mark.parametrize(
    ("name", "is_shared", "refusal"),
    [
        ("operator", False, None),
        ("operator", True, None),
        ("merchant", True, None),
        ("merchant", False, NotFound),
        ("onlooker", False, NotFound),
        ("onlooker", True, NotAllowed),
        ("rival", True, NotFound),
        ("staff", True, NotFound),
    ],
)
def test_who_may_change_a_view(request, now, operator, save, act, name, is_shared, refusal):
    view = save(operator, is_shared=is_shared)
    before, actor = state(), request.getfixturevalue(name).actor
    more = {"change": {"query": "status=PAID&q=x"}, "rename": {"name": "another"}}.get(act, {})

    def change():
        getattr(saved_views, act)(actor=actor, view_id=view.pk, at=now, **more)

    if refusal is None:
        change()
        assert (state() != before) is (act != "restore")
    else:
        with pytest.raises(refusal):
            change()
        assert state() == before


@pytest.mark.parametrize(
    ("name", "more", "refusal"),
    [
        ("onlooker", {"is_shared": True}, NotAllowed),
        ("rival", {}, NotAllowed),
        ("staff", {}, NotAllowed),
        ("merchant", {"name": " "}, Invalid),
        ("merchant", {"name": "x" * 41}, Invalid),
        ("merchant", {"query": "after=abc&q="}, Invalid),
        ("merchant", {"query": "q=" + "x" * 1000}, Invalid),
    ],
)
def test_what_cannot_be_saved_changes_nothing(request, save, name, more, refusal):
    before = state()

    with pytest.raises(refusal):
        save(request.getfixturevalue(name), **more)

    assert state() == before


def test_a_name_is_taken_once_on_a_page_and_free_again_after_deleting(merchant, save, now):
    first = save()
    with pytest.raises(Invalid):
        save()
    save(path="/m/listings/")
    saved_views.remove(actor=merchant.actor, view_id=first.pk, at=now)

    save()

    with pytest.raises(Conflict):
        saved_views.restore(actor=merchant.actor, view_id=first.pk, at=now)


def test_a_person_keeps_at_most_twenty_views_of_a_list(save):
    for n in range(saved_views.MOST):
        save(name=f"v{n}")

    with pytest.raises(Conflict):
        save()


def test_views_deleted_a_month_ago_are_forgotten(merchant, save, now):
    old = save(name="old")
    saved_views.remove(actor=merchant.actor, view_id=old.pk, at=now - saved_views.KEPT_FOR * 2)

    save(name="new")

    assert list(SavedView.objects.values_list("name", flat=True)) == ["new"]


@pytest.mark.parametrize("path", ["", "/admin/", "//evil.example/m/", "https://evil.example/", "/m/nowhere/", "/m/\\x"])
def test_only_pages_of_the_shop_have_views(merchant, path):
    answer = merchant.client.post("/m/views/", {"path": path, "query": OPEN, "name": "x"})

    assert answer.status_code == 404
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("saved", ["x", "0", "9" * 40])
def test_a_view_that_is_not_there_is_passed_by(merchant, saved):
    assert merchant.client.get("/m/orders/", {"saved": saved, "status": "PAID"}).status_code == 200


def test_equal_filters_are_one_text():
    assert page_queries.canonical("b=2&a=1&after=x&c=") == page_queries.canonical("a=1&saved=4&b=2") == "a=1&b=2"
    assert page_queries.canonical("&" * 300) == ""


def test_twenty_views_cost_no_more_queries_than_one(merchant, save):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            merchant.client.get("/m/orders/")
        return len(seen)

    save(name="one")
    cost()
    one = cost()
    for n in range(15):
        save(name=f"v{n}")

    assert cost() == one
