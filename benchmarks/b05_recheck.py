"""B5: the whole catalogue looked at again, beside a count with the same comparison on a bare table."""

from typing import Any

from django.db import connection
from django.utils import timezone

from benchmarks import measure, stage
from merchant_protection.foundation import tenancy
from pricing_guard.services.watching import rechecking

SMALL, LARGE = 200_000, 2_000_000
SHOPS = 20
FILL = """
INSERT INTO accounts_merchant (code, name, category, currency, time_zone, language, contact_email, contact_phone,
    is_active, version, created_at)
SELECT 'b5-' || n, 'Bench ' || n, '', 'CNY', 'Asia/Shanghai', 'en', '', '', true, 1, now()
FROM generate_series(1, {shops}) n;
INSERT INTO pricing_guard_guardshop (merchant_id, stamp, version, updated_at)
SELECT id, 1, 1, now() FROM accounts_merchant WHERE code LIKE 'b5-%';
ALTER TABLE pricing_guard_listingguard DISABLE TRIGGER ALL;
INSERT INTO pricing_guard_listingguard (merchant_id, listing_id, price, low, high, valid_until, stamp, price_version,
    listing_version, memory)
SELECT shop.id, n, 100 + n % 900, 50, 2000, now() + interval '90 days', 1, 1, 1,
       jsonb_build_object('c', 'CNY', 'r', jsonb_build_array(jsonb_build_array('129.00', 1764144000000000, 0)),
                          'l', '[]'::jsonb, 'f', '{{}}'::jsonb)
FROM generate_series(1, {rows}) n JOIN LATERAL (
    SELECT id FROM accounts_merchant WHERE code = 'b5-' || (1 + n % {shops})) shop ON true;
CREATE TABLE bare_guard AS SELECT merchant_id, listing_id, price, low, high, valid_until, stamp, memory
FROM pricing_guard_listingguard;
"""
BARE = "SELECT count(*) FROM bare_guard WHERE price < low OR price > high OR valid_until <= %s OR stamp <> 1"


def run(*, large: bool) -> list[measure.Row]:
    """Fill the guards' table set by set, then take turns: our statement, the bare count."""
    count = LARGE if large else SMALL
    with stage.superuser() as server:
        server.execute(FILL.format(shops=SHOPS, rows=count))  # type: ignore[arg-type]
    with stage.superuser() as server:
        server.execute("VACUUM ANALYZE pricing_guard_listingguard")
        server.execute("VACUUM ANALYZE bare_guard")
    now = timezone.now()

    def ours() -> object:
        with tenancy.platform():
            return rechecking._found(rechecking.OUTSIDE, {"now": now, "most": rechecking.MOST})

    def bare() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(BARE, [now])
            return cursor.fetchone()

    with stage.superuser() as server:
        server.execute("GRANT SELECT ON bare_guard TO portal_app")
    found = measure.pair(
        "B5",
        sizes=f"{count:,} listings",
        unit="s",
        goal=measure.at_most(1.5),
        ours=measure.seconds(ours),
        yardstick=measure.seconds(bare),
    )
    return [found]
