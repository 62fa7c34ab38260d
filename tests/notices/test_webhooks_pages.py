"""The pages and the API of webhooks: who sees and does what, what it costs, and that a secret is shown once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from merchant_protection.notices.models import Attempt, Dispatch, Endpoint, EndpointSecret
from merchant_protection.notices.services import endpoints
from tests.factories.notices import DispatchFactory, EndpointFactory
from tests.isolation.walks import as_signed_in

pytestmark = pytest.mark.django_db
FORM = {"name": "Order system", "url": "https://hooks.example.com/a", "kinds": ["claim.decided"]}
ONCE = {"Idempotency-Key": "once"}


@pytest.fixture
def delivery(merchant, now):
    return DispatchFactory(endpoint=EndpointFactory(merchant=merchant.shop), dead=True, created_at=now)


def test_a_shop_without_webhooks_is_told_what_they_are_for(merchant, onlooker):
    for person, offered in ((merchant, True), (onlooker, False)):
        page = person.client.get("/m/webhooks/").content.decode()
        assert ("/m/webhooks/new/" in page) is offered
        assert 'class="empty empty-new"' in page


@pytest.mark.parametrize(("who", "status"), [("merchant", 200), ("operator", 200), ("onlooker", 200), ("rival", 404)])
def test_who_sees_an_endpoint_and_its_deliveries(request, delivery, who, status):
    person = request.getfixturevalue(who)

    for path in (f"/m/webhooks/{delivery.endpoint_id}/", f"/m/webhooks/deliveries/{delivery.pk}/"):
        page = person.client.get(path)
        assert page.status_code == status
        if status == 200:
            assert ("Resume" in page.content.decode() or "/replay/" in page.content.decode()) is (who == "merchant")


def test_the_day_from_which_is_sent_again_is_written_as_browsers_read_it(merchant, delivery, now):
    merchant.user.language = "zh-hans"
    merchant.user.save(update_fields=["language"])

    page = merchant.client.get(f"/m/webhooks/{delivery.endpoint_id}/").content.decode()

    assert f'value="{timezone.localdate(now) - timedelta(days=1):%Y-%m-%d}"' in page


@pytest.mark.parametrize("verb", ["edit", "rotate", "pause", "off", "test", "replay"])
@pytest.mark.parametrize(("who", "status"), [("operator", 403), ("onlooker", 403), ("rival", 404)])
def test_only_owners_change_one(request, platform_scope, delivery, verb, who, status):
    person = request.getfixturevalue(who)
    before = list(Endpoint.objects.values()), list(Dispatch.objects.values()), EndpointSecret.objects.count()

    answer = as_signed_in(person.client).post(
        f"/m/webhooks/{delivery.endpoint_id}/{verb}/", FORM | {"since": "2026-01-01"}
    )

    assert answer.status_code == status
    assert before == (list(Endpoint.objects.values()), list(Dispatch.objects.values()), EndpointSecret.objects.count())


def test_the_log_is_narrowed_by_kind_status_and_words(merchant, delivery):
    other = DispatchFactory(endpoint=delivery.endpoint, kind="claim.submitted", message__kind="claim.submitted")

    def shown(query):
        return {
            row.pk for row in merchant.client.get(f"/m/webhooks/{delivery.endpoint_id}/?{query}").context["page"].rows
        }

    assert shown("") == {delivery.pk, other.pk}
    assert shown("kind=claim.submitted") == {other.pk}
    assert shown("status=DEAD") == {delivery.pk}
    assert shown(f"q={other.message.public_id}") == {other.pk}
    assert shown("q=nothing") == set()


def test_the_pages_cost_the_same_for_one_row_and_for_fifty(platform_scope, merchant, delivery, now):
    def cost(path):
        merchant.client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert merchant.client.get(path).status_code == 200
        return len(asked)

    paths = ("/m/webhooks/", f"/m/webhooks/{delivery.endpoint_id}/", f"/m/webhooks/deliveries/{delivery.pk}/")
    before = [cost(path) for path in paths]
    EndpointFactory.create_batch(10, merchant=merchant.shop)
    DispatchFactory.create_batch(49, endpoint=delivery.endpoint)
    Attempt.objects.bulk_create(
        Attempt(merchant=merchant.shop, dispatch=delivery, number=n, at=now, status=500) for n in range(9)
    )

    assert [cost(path) for path in paths] == before


def test_a_failed_try_is_told_in_words_with_what_was_answered(platform_scope, merchant, delivery, now):
    for status, error, words in ((500, "", "<b>down</b>"), (None, "timeout", ""), (302, "", "")):
        Attempt.objects.create(
            **{"merchant": merchant.shop, "dispatch": delivery, "number": 1, "at": now},
            **{"status": status, "error": error, "answer": words},
        )
    merchant.client.cookies["django_language"] = "en"

    page = merchant.client.get(f"/m/webhooks/deliveries/{delivery.pk}/").content.decode()

    for text in ("HTTP 500", "&lt;b&gt;down&lt;/b&gt;", "The answer took too long.", "redirects are not followed"):
        assert text in page


def test_an_owner_adds_one_sees_its_secret_once_and_works_with_it(platform_scope, merchant, now):
    def post(path, data=FORM):
        return as_signed_in(merchant.client).post(path, data)

    wrong = post("/m/webhooks/new/", FORM | {"url": "http://10.0.0.1/"})
    made = post("/m/webhooks/new/")
    endpoint = Endpoint.objects.get()
    hint = endpoint.secrets.get().hint
    own = f"/m/webhooks/{endpoint.pk}/"

    assert (wrong.status_code, made.status_code, made.headers["Cache-Control"]) == (422, 200, "no-store")
    assert f"{hint}</code>" in made.content.decode()
    assert post(f"{own}edit/", FORM | {"name": "Warehouse"}).url == own
    assert "whsec_" in post(f"{own}rotate/").content.decode()
    assert post(f"{own}rotate/").url == own, "a third secret is refused"
    for verb, state in (("end-old-secret", "ACTIVE"), ("pause", "PAUSED"), ("resume", "ACTIVE"), ("off", "DISABLED")):
        assert post(own + verb + "/").url == own
        endpoint.refresh_from_db()
        assert (endpoint.state, endpoint.name) == (state, "Warehouse")
    assert post(f"{own}test/").url == own, "nothing is sent to one that is switched off"
    post(f"{own}resume/")
    sent = post(f"{own}test/").url
    delivery = endpoint.dispatches.get()
    assert sent == f"/m/webhooks/deliveries/{delivery.pk}/"
    Dispatch.objects.update(status="DEAD", due_at=None, finished_at=now)
    assert post(f"{sent}replay/").url == sent
    assert Dispatch.objects.get().status == "PENDING"
    Dispatch.objects.update(status="DEAD", due_at=None, finished_at=now)
    assert post(f"{own}replay/", {"since": ""}).url == own
    assert Dispatch.objects.get().status == "DEAD"
    assert post(f"{own}replay/", {"since": f"{now - timedelta(days=2):%Y-%m-%d}"}).url == own
    assert Dispatch.objects.get().status == "PENDING"


def key(person, *scopes, **headers):
    return {"headers": person.key(*scopes)["headers"] | headers}


def test_a_program_adds_an_endpoint_and_fetches_its_secret(platform_scope, merchant):
    program, writes = Client(), key(merchant, "webhooks:read", "webhooks:write", **ONCE)

    made = program.post("/api/v1/webhooks", FORM, content_type="application/json", **writes)
    again = program.post("/api/v1/webhooks", FORM, content_type="application/json", **writes)
    secret = program.post(f"/api/v1/webhooks/{made.json()['id']}/rotate", content_type="application/json", **writes)

    assert (made.status_code, again.json(), secret.status_code) == (201, made.json(), 200)
    assert secret.json()["secret"].startswith("whsec_")
    assert secret.headers["Cache-Control"] == "no-store"
    assert "whsec_" not in made.content.decode()
    assert Endpoint.objects.count() == 1


def test_a_program_reads_deliveries_and_sends_again(platform_scope, merchant, delivery, now):
    Attempt.objects.create(merchant=merchant.shop, dispatch=delivery, number=10, at=now, status=500, answer="down")
    program, reads = Client(), key(merchant, "webhooks:read")

    rows = program.get(f"/api/v1/webhook-deliveries?status=DEAD&endpoint={delivery.endpoint_id}", **reads).json()
    one = program.get(f"/api/v1/webhook-deliveries/{delivery.pk}", **reads).json()
    path, body = f"/api/v1/webhook-deliveries/{delivery.pk}/replay", {"content_type": "application/json"}
    refused = program.post(path, **body, **key(merchant, "webhooks:read", **ONCE))
    sent = program.post(path, **body, **key(merchant, "webhooks:write", **ONCE))

    assert [row["id"] for row in rows["results"]] == [delivery.pk]
    assert (one["body"]["type"], one["tries"][0]["answer"]) == ("claim.decided", "down")
    assert (refused.status_code, sent.status_code, sent.json()["status"]) == (403, 202, "PENDING")


@pytest.mark.parametrize(
    ("verb", "body", "state"),
    [
        ("pause", {}, "PAUSED"),
        ("end-old-secret", {}, "ACTIVE"),
        ("resume", {}, "ACTIVE"),
        ("switch-off", {}, "DISABLED"),
        ("test", {}, "ACTIVE"),
        ("replay-failed", {"since": "2026-01-01T00:00:00Z"}, "ACTIVE"),
    ],
)
def test_programs_move_an_endpoint_once_under_one_key(platform_scope, merchant, delivery, now, verb, body, state):
    writes = key(merchant, "webhooks:write", **ONCE)
    path = f"/api/v1/webhooks/{delivery.endpoint_id}/{verb}"
    if verb == "resume":
        endpoints.pause(actor=merchant.actor, endpoint_id=delivery.endpoint_id, at=now)
    if verb == "end-old-secret":
        endpoints.rotate(actor=merchant.actor, endpoint_id=delivery.endpoint_id, at=now)

    answers = [Client().post(path, body, content_type="application/json", **writes) for _again in range(2)]

    assert answers[0].status_code in (200, 202)
    assert answers[1].content == answers[0].content
    assert Endpoint.objects.get().state == state


def test_a_change_by_a_program_leaves_the_rest_as_it_is(platform_scope, merchant, delivery):
    writes = key(merchant, "webhooks:write")
    path = f"/api/v1/webhooks/{delivery.endpoint_id}"

    answers = [
        Client().patch(path, change, content_type="application/json", **writes)
        for change in ({"name": "Warehouse"}, {"url": "https://10.0.0.1/"})
    ]

    assert [each.status_code for each in answers] == [200, 422]
    assert (Endpoint.objects.get().name, Endpoint.objects.get().url) == ("Warehouse", delivery.endpoint.url)


def test_the_first_and_the_last_page_of_the_log_cost_the_same(platform_scope, merchant, delivery):
    DispatchFactory.create_batch(60, endpoint=delivery.endpoint)
    path = f"/m/webhooks/{delivery.endpoint_id}/"
    costs, after = [], ""
    while True:
        with CaptureQueriesContext(connection) as asked:
            page = merchant.client.get(path, {"after": after}).context["page"]
        costs.append(len(asked))
        after = page.after
        if not after:
            break

    assert len(costs) == 3
    assert len(set(costs[1:])) == 1
