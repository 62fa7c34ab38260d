"""Each layer between two shops stands alone: the database's, under queries that filter nothing."""

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Listing, Order, OrderLine
from tests.factories.accounts import ApiKeyFactory
from tests.factories.marketplace import AfterSaleFactory, ListingFactory, OrderFactory, PromotionFactory
from tests.fixtures.people import Persona

TENANT_MODELS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.label == "accounts.Merchant" or any(f.column == "merchant_id" for f in model._meta.concrete_fields)
]


@pytest.fixture
def shops(merchant: Persona, rival: Persona) -> tuple[int, int]:
    """Both shops have the like of each."""
    for person in (merchant, rival):
        OrderFactory(merchant=person.shop, number="O1", lines=2)
        PromotionFactory(merchant=person.shop)
        AfterSaleFactory(merchant=person.shop)
        ApiKeyFactory(merchant=person.shop)
    assert merchant.shop is not None
    assert rival.shop is not None
    return merchant.shop.pk, rival.shop.pk


def _owner(model: type[models.Model]) -> str:
    return "id" if model._meta.label == "accounts.Merchant" else "merchant_id"


@pytest.mark.case("T03")
@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_unfiltered_reads_see_only_ones_own(shops: tuple[int, int], model: type[Any]) -> None:
    ours, theirs = shops
    rows, owner, table = model._base_manager, _owner(model), model._meta.db_table

    with tenancy.merchant(theirs):
        assert rows.exclude(**{owner: theirs}).count() == 0
        assert set(rows.values_list(owner, flat=True)) <= {theirs}
        assert rows.aggregate(least=models.Count("pk", filter=models.Q(**{owner: ours})))["least"] == 0
        assert rows.in_bulk([row.pk for row in _rows_of(model, ours)]) == {}
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {owner} IS DISTINCT FROM %s", [theirs])
            assert cursor.fetchone() == (0,)


@pytest.mark.case("T03")
@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_without_a_scope_rows_are_an_error(shops: tuple[int, int], model: type[Any]) -> None:
    if not _rows_of(model, shops[0]):
        return  # the database raises once there are rows to judge

    with tenancy.nobody(), pytest.raises(DatabaseError, match="no tenant scope"), transaction.atomic():
        model._base_manager.count()


@pytest.mark.case("T04")
def test_another_shops_rows_cannot_be_written(shops: tuple[int, int]) -> None:
    ours, theirs = shops
    (order, *_), (listing, *_) = _rows_of(Order, ours), _rows_of(Listing, ours)

    with tenancy.merchant(theirs):
        assert Order.objects.filter(pk=order.pk).update(status="CANCELLED") == 0
        assert Order.objects.filter(pk=order.pk)._raw_delete("default") == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Order.objects.bulk_create([_copy(order)])
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Order.objects.bulk_create(
                [_copy(order)], update_conflicts=True, unique_fields=["merchant", "number"], update_fields=["status"]
            )
        mine = OrderLine.objects.first()
        assert mine is not None
        OrderLine.objects.filter(pk=mine.pk).update(listing_id=listing.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            connection.check_constraints()
        OrderLine.objects.filter(pk=mine.pk).update(listing_id=mine.listing_id)

    with tenancy.platform():
        assert Order.objects.get(pk=order.pk).status == order.status


@pytest.mark.case("T04")
def test_both_shops_may_have_the_same_number(shops: tuple[int, int]) -> None:
    with tenancy.platform():
        assert Order.objects.filter(number="O1").count() == 2


@pytest.mark.case("T04")
def test_what_is_ours_can_be_written(shops: tuple[int, int]) -> None:
    """The control: the refusals above come from the other shop, not from the statement."""
    (order, *_) = _rows_of(Order, shops[0])

    with tenancy.merchant(shops[0]):
        ListingFactory(merchant_id=shops[0])
        copy = _copy(order)
        copy.number = "O2"
        Order.objects.bulk_create([copy])
        assert Order.objects.filter(pk=order.pk).update(status="CANCELLED") == 1


def _rows_of(model: type[Any], merchant_id: int) -> list[Any]:
    with tenancy.platform():
        return list(model._base_manager.filter(**{_owner(model): merchant_id}))


def _copy(order: Any) -> Any:
    values = {field.attname: getattr(order, field.attname) for field in Order._meta.concrete_fields}
    return Order(**{**values, "id": None})
