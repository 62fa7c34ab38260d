from datetime import UTC, datetime, timedelta

import pytest

from claims.rules import filers

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("upheld", "rejected", "overturned", "codes"),
    [
        (0, 0, 0, []),
        (1, 8, 8, []),
        (4, 6, 0, []),
        (3, 7, 0, ["MANY_REJECTED"]),
        (8, 2, 2, []),
        (8, 3, 3, ["MANY_OVERTURNED"]),
        (1, 9, 5, ["MANY_REJECTED", "MANY_OVERTURNED"]),
    ],
)
def test_a_merchant_that_files_falsely_is_slowed_and_told_why(upheld, rejected, overturned, codes):
    found = filers.measured(upheld=upheld, rejected=rejected, overturned=overturned)

    assert [reason.code for reason in found.reasons] == codes
    assert found.is_slowed == bool(codes)


def test_the_figures_shown_to_the_merchant_are_shares():
    found = filers.measured(upheld=6, rejected=4, overturned=2)

    assert (found.decided, found.share_rejected, found.share_overturned) == (10, 0.4, 0.25)


def test_a_slowed_merchant_waits_between_two_claims_and_others_do_not():
    slowed, free = (filers.measured(upheld=each, rejected=20, overturned=0) for each in (0, 20))
    just_filed, long_ago = NOW - timedelta(hours=1), NOW - timedelta(days=1)

    assert filers.next_filing_at(slowed, last_filed_at=just_filed, at=NOW) == NOW + timedelta(hours=3)
    assert filers.next_filing_at(slowed, last_filed_at=long_ago, at=NOW) == NOW
    assert filers.next_filing_at(slowed, last_filed_at=None, at=NOW) == NOW
    assert filers.next_filing_at(free, last_filed_at=just_filed, at=NOW) == NOW
