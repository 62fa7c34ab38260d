from django.db import migrations

# Every statement of such a function sees what was committed when it began: what is counted was counted under the locks.
HOLD_AND_COUNT = """
CREATE FUNCTION scalper_hold_and_count(
    shared bigint[], alone bigint[], shop bigint, policies bigint[], rules text[], keys text[], skus text[],
    after timestamptz[], until timestamptz
) RETURNS TABLE (units bigint, orders bigint) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(one) FROM unnest(shared) one;
  PERFORM pg_advisory_xact_lock(one) FROM unnest(alone) one;
  RETURN QUERY
  SELECT coalesce(kept.units, 0), coalesce(kept.orders, 0)
  FROM unnest(policies, rules, keys, skus, after)
      WITH ORDINALITY AS slot(policy_id, rule, key, sku, after, place)
  CROSS JOIN LATERAL (
      SELECT sum(one.units) AS units, count(*) AS orders FROM scalper_policies_reservation one
      WHERE one.merchant_id = shop AND one.policy_id = slot.policy_id AND one.rule = slot.rule
        AND one.key = slot.key AND one.sku = slot.sku AND one.released_at IS NULL
        AND one.placed_at > slot.after AND one.placed_at <= until
  ) kept
  ORDER BY slot.place;
END $$
"""
DROP = (
    "DROP FUNCTION scalper_hold_and_count(bigint[], bigint[], bigint, bigint[], text[], text[], text[], "
    "timestamptz[], timestamptz)"
)


class Migration(migrations.Migration):
    dependencies = [("scalper_policies", "0007_overrides")]

    operations = [migrations.RunSQL(HOLD_AND_COUNT, DROP)]
