from django.db import migrations

# What a listing has had stands in its memory already, as far as it goes back.
WRITE = """
INSERT INTO pricing_guard_hadprice (merchant_id, listing_id, price)
SELECT merchant_id, listing_id, had.price::numeric
FROM pricing_guard_listingguard, jsonb_object_keys(memory -> 'f') AS had(price)
ON CONFLICT DO NOTHING
"""


def write(apps, schema_editor):
    schema_editor.execute("SELECT set_config('portal.scope', 'platform', true)")
    schema_editor.execute(WRITE)


class Migration(migrations.Migration):

    dependencies = [
        ('pricing_guard', '0004_prices_listings_have_had'),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
