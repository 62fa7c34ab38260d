"""What may be asked of the platform, and that an empty selector means nothing."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchant_protection.marketplace.rules import wishes
from merchant_protection.marketplace.rules.wishes import VERBS, Wish

VALUES = {
    "set_price": {"amount": "129.00", "currency": "CNY"},
    "set_stock": 3,
    "restrict_buyer": {"restricted": {"until": "2027-01-01"}},
    "hold_new_orders": {"held_skus": ["SKU-1"]},
    "exempt_order": {"grounds": "PRICE_ERROR", "evidence": "a" * 64},
}


def wish(verb: str = "delist", ref: object = "SKU-1", **fields: object) -> Wish:
    if verb == "hold_order":
        fields = {"release_after": timedelta(minutes=5)} | fields
    fields = {"value": VALUES.get(verb), "merchant_id": 1, "feature": "toy"} | fields
    return Wish(verb=verb, ref=ref, **fields)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_each_verb_can_be_asked_and_its_undo_is_a_verb_of_the_same_aspect(verb):
    back = VERBS[VERBS[verb].back]

    assert wishes.faults(wish(verb)) == {}
    assert (back.kind, back.aspect) == (VERBS[verb].kind, VERBS[verb].aspect)
    assert wishes.verb_for(back.kind, back.aspect, wish(verb).state) == verb


@pytest.mark.parametrize("verb", sorted(VERBS))
@pytest.mark.parametrize(
    "ref", ["", " ", "*", "SKU*", None, "all", "ALL", " All ", "null", "%", "a\x00b", 7, "x" * 121]
)
def test_a_selector_that_names_nothing_or_everything_is_refused(verb, ref):
    assert "ref" in wishes.faults(wish(verb, ref))


@pytest.mark.parametrize(
    ("verb", "value"),
    [
        ("set_price", None),
        ("set_price", {"amount": "0", "currency": "CNY"}),
        ("set_price", {"amount": "-1", "currency": "CNY"}),
        ("set_price", {"amount": "NaN", "currency": "CNY"}),
        ("set_price", {"amount": "Infinity", "currency": "CNY"}),
        ("set_price", {"amount": "1e999", "currency": "CNY"}),
        ("set_price", {"amount": "", "currency": "CNY"}),
        ("set_price", {"amount": 12.5, "currency": "CNY"}),
        ("set_price", {"amount": "12", "currency": "yuan"}),
        ("set_price", {"amount": "12"}),
        ("set_stock", -1),
        ("set_stock", True),
        ("set_stock", "3"),
        ("set_stock", 2**31),
        ("restrict_buyer", {"restricted": {}}),
        ("restrict_buyer", "ALLOWED"),
        ("exempt_order", {"grounds": "PRICE_ERROR"}),
        ("exempt_order", {"grounds": "price", "evidence": "a" * 64}),
        ("exempt_order", {"grounds": "PRICE_ERROR", "evidence": "A" * 64}),
        ("hold_new_orders", {"held_skus": []}),
        ("hold_new_orders", {"held_skus": ["SKU-1", ""]}),
        ("hold_new_orders", {"held_skus": ["*"]}),
        ("hold_new_orders", {"held_skus": None}),
        ("hold_new_orders", {"held_skus": "SKU-1"}),
        ("delist", "LISTED"),
        ("delist", False),
    ],
)
def test_a_value_that_cannot_be_right_is_refused(verb, value):
    assert "value" in wishes.faults(wish(verb, value=value))


def test_an_order_is_held_only_for_a_time_and_never_for_good():
    assert "release_after" in wishes.faults(wish("hold_order", release_after=None))
    assert "release_after" in wishes.faults(wish("hold_order", release_after=timedelta(0)))
    assert "release_after" in wishes.faults(wish("hold_order", release_after=timedelta(hours=25)))
    assert "is_latched" in wishes.faults(wish("hold_order", is_latched=True))
    assert "release_after" in wishes.faults(wish("delist", release_after=timedelta(hours=1)))


def test_unknown_verbs_and_overlong_names_are_refused():
    assert "verb" in wishes.faults(wish("delete"))
    assert "feature" in wishes.faults(wish(feature=""))
    assert "feature" in wishes.faults(wish(feature="x" * 41))
    assert "rule" in wishes.faults(wish(rule="x" * 121))


NOTHING = st.sampled_from(["", " ", "\t", "*", "**", "%", "all", "ALL", "any", "null", "NULL", "none", "undefined"])


@settings(max_examples=1000, deadline=None)
@given(
    verb=st.sampled_from(sorted(VERBS)),
    ref=st.one_of(st.none(), NOTHING, st.integers(), st.lists(st.text(), max_size=2), st.booleans()),
    skus=st.one_of(
        st.none(), st.just([]), st.lists(st.one_of(NOTHING, st.none(), st.integers()), min_size=1, max_size=4)
    ),
)
def test_whatever_is_empty_or_all_embracing_is_never_a_wish(verb, ref, skus):
    assert wishes.faults(wish(verb, ref))
    assert wishes.faults(wish("hold_new_orders", value={"held_skus": skus}))
    assert not wishes.names_something(ref)


def test_states_are_compared_by_what_they_mean():
    assert wishes.same_state({"amount": "12.0", "currency": "CNY"}, {"amount": "12.00", "currency": "CNY"})
    assert wishes.same_state({"held_skus": ["b", "a"]}, {"held_skus": ["a", "b"]})
    assert not wishes.same_state({"amount": "12.0", "currency": "CNY"}, {"amount": "12.0", "currency": "USD"})
    assert not wishes.same_state({"amount": "x", "currency": "CNY"}, {"amount": "12.0", "currency": "CNY"})
    assert not wishes.same_state(1, True)
    assert not wishes.same_state("OPEN", {"held_skus": ["a"]})
    assert not wishes.same_state(None, "OPEN")


def test_a_key_is_the_same_for_each_retry_and_another_for_each_change():
    def key(**changes):
        same = {
            "merchant_id": 1,
            "kind": "LISTING",
            "ref": "a",
            "aspect": "price",
            "verb": "set_price",
            "generation": 1,
        }
        return wishes.idempotency_key(**same | changes)

    assert key() == key()
    others = [key(merchant_id=2), key(ref="b"), key(aspect="stock"), key(verb="x"), key(generation=2)]
    assert len({key(), *others}) == 6
    # A reference that looks like the end of another name must not make the same key.
    assert key(kind="A", ref='b", "c') != key(kind='A", "b', ref="c")
