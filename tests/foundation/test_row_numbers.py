"""The number of a row that a page sends back is a number of a row, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchant_protection.foundation import row_numbers


@pytest.mark.parametrize("text", ["", "-1", "1.0", "²", "abc", "9" * 19, "9" * 5_000])
def test_what_can_be_no_rows_number_is_nothing(text: str) -> None:
    assert row_numbers.read(text) is None


@given(st.lists(st.integers(0, 10**18 - 1) | st.text(max_size=30)))
def test_numbers_are_kept_in_their_order_and_the_rest_is_left_out(sent: list[int | str]) -> None:
    read = row_numbers.read_all(str(each) for each in sent)

    assert read == [int(each) for each in sent if str(each).isdecimal() and len(str(each)) <= row_numbers.DIGITS]
    assert all(number < 2**63 for number in read)
