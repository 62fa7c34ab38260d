"""Operations say of which tier a shop is: routing and service levels of what it files from then on follow it."""

from datetime import datetime

import pytest
from django.urls import reverse

from claims.models import Claim, Clock, Filer, Queue, SlaPolicy
from claims.queries import settings
from claims.services import calendars, configuring, routing_table
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Invalid, NotAllowed
from tests.claims import sent_forms
from tests.factories import claims as make
from tests.factories.accounts import MerchantFactory
from tests.fixtures.people import Persona

TERMS = ("name_en", "name_zh", "queue_id", "priority", "calendar_id", "promises", "pause_cap", "warnings", "steps")


@pytest.mark.usefixtures("platform_scope")
def test_what_a_shop_files_from_then_on_is_routed_and_timed_by_its_tier(
    merchant: Persona, rival: Persona, staff: Persona, now: datetime
) -> None:
    common = {"actor": staff.actor, "at": now}
    routing_table.put_queue(
        code="GOLD", name_en="Gold", name_zh="金", position=9, is_default=False, is_active=True, **common
    )
    routing_table.put_rule(
        name="gold shops", queue=Queue.objects.get(code="GOLD"), tiers=["GOLD"], position=0, **common
    )
    usual = SlaPolicy.objects.get(code="STANDARD", is_current=True)
    terms = {name: getattr(usual, name) for name in TERMS}
    level = calendars.publish(code="GOLD", **common, **terms, tier="GOLD")
    before = make.submitted(merchant.shop, at=now)

    configuring.set_tier(code=merchant.shop.code, tier="GOLD", reason="A partner.", **common)
    filed, of_rival = make.submitted(merchant.shop, at=now), make.submitted(rival.shop, at=now)

    assert [(each.tier, each.queue.code) for each in (before, filed, of_rival)] == [
        ("STANDARD", "EXTORTION"),
        ("GOLD", "GOLD"),
        ("STANDARD", "EXTORTION"),
    ]
    assert Claim.objects.get(pk=filed.pk).routed_by == "gold shops"
    assert set(Clock.objects.filter(claim=filed).values_list("policy_id", flat=True)) == {level.pk}
    assert level.pk not in set(Clock.objects.exclude(claim=filed).values_list("policy_id", flat=True))


@pytest.mark.usefixtures("platform_scope")
def test_a_change_of_the_tier_is_written_down_and_only_operations_make_it(
    merchant: Persona, senior: Persona, staff: Persona, now: datetime
) -> None:
    common = {"code": merchant.shop.code, "at": now}
    configuring.set_tier(**common, tier="GOLD", reason="A partner.", actor=staff.actor)
    configuring.set_tier(**common, tier="STANDARD", reason="No partner any more.", actor=staff.actor)
    for actor in (senior.actor, merchant.actor):
        with pytest.raises(NotAllowed):
            configuring.set_tier(**common, tier="SILVER", reason="Me too.", actor=actor)
    with pytest.raises(Invalid):
        configuring.set_tier(**common, tier="SILVER", reason=" ", actor=staff.actor)
    with pytest.raises(Invalid):
        configuring.set_tier(code="nobody", tier="SILVER", reason="x", actor=staff.actor, at=now)

    assert Filer.objects.get().tier == "STANDARD"
    entries = Entry.objects.filter(action="shop.tier_set").order_by("pk")
    assert [(each.before, each.after, each.reason, each.merchant_id) for each in entries] == [
        ({"tier": "STANDARD"}, {"tier": "GOLD"}, "A partner.", merchant.shop.pk),
        ({"tier": "GOLD"}, {"tier": "STANDARD"}, "No partner any more.", merchant.shop.pk),
    ]


def test_the_tier_is_set_on_the_settings_pages_from_the_page_of_the_shop(
    merchant: Persona, staff: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    make.submitted(merchant.shop)  # it has filed before, so it is known as a filer
    shop = staff.client.get(reverse("admin:accounts_merchant_change", args=[merchant.shop.pk])).content.decode()
    address, edit = reverse("desk_setting_new", args=["shops"]), reverse("desk_setting", args=["shops", "shop-a"])
    said = {"tier": "gold", "reason": "A partner."}

    opened = staff.client.get(f"{address}?code=shop-a")
    unknown = staff.client.post(address, sent_forms.of(opened, code="shop-z", **said))
    set_ = staff.client.post(address, sent_forms.of(opened, **said))
    listed = staff.client.get(reverse("desk_settings_of", args=["shops"])).content.decode()
    twice = staff.client.post(address, sent_forms.of(opened, **said))
    to_edit = staff.client.get(f"{address}?code=shop-a")
    back = staff.client.post(
        edit, sent_forms.of(staff.client.get(edit), tier="STANDARD", reason="No partner any more.")
    )

    assert f"{address}?code=shop-a" in shop
    assert (unknown.status_code, list(unknown.context["form"].errors)) == (422, ["code"])
    assert set_.status_code == 302
    assert edit in listed
    assert (twice.status_code, list(twice.context["form"].errors)) == (422, ["code"])
    assert to_edit.headers["Location"] == edit
    assert back.status_code == 302
    with tenancy.platform():
        assert Filer.objects.get().tier == "STANDARD"
    assert staff.client.get(edit).status_code == 404


def test_shops_of_a_tier_of_their_own_are_paged_and_found(
    staff: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    monkeypatch.setattr(settings, "SHOPS_A_PAGE", 2)
    with tenancy.platform():
        for number in range(5):
            shop = MerchantFactory(code=f"gold-{number}", name=f"Laden {number}")
            Filer.objects.create(merchant=shop, tier="GOLD", updated_at=now)
        Filer.objects.create(merchant=MerchantFactory(code="gold-standard"), updated_at=now)
    address, pages, query = reverse("desk_settings_of", args=["shops"]), [], {}

    while query is not None:
        answer = staff.client.get(address, query)
        pages.append([key for _row, key in answer.context["rows"]])
        after = answer.context["page"].after
        query = {"after": after} if after else None
    back = staff.client.get(address, {"before": answer.context["page"].before})
    by_name = staff.client.get(address, {"q": "laden 3"})
    nothing = staff.client.get(address, {"q": "nobody"}).content.decode()

    assert pages == [["gold-0", "gold-1"], ["gold-2", "gold-3"], ["gold-4"]]
    assert [key for _row, key in back.context["rows"]] == pages[1]
    assert [key for _row, key in by_name.context["rows"]] == ["gold-3"]
    assert "gold-" not in nothing
