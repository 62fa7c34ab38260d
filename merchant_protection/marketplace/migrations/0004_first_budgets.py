from django.db import migrations

# scope, purse, cap an hour, share of the catalogue. Careful figures: who needs more raises them, with a second person.
FIRST = [
    ("PLATFORM", "", 600, None),
    ("MERCHANT", "", 100, None),
    ("RULE", "", 60, "0.0500"),
    ("PLATFORM", "ORDER_HOLDS", 2000, None),
    ("MERCHANT", "ORDER_HOLDS", 200, None),
    ("RULE", "ORDER_HOLDS", 200, None),
    ("PLATFORM", "SHOP_HOLDS", 120, None),
    ("MERCHANT", "SHOP_HOLDS", 12, None),
    ("RULE", "SHOP_HOLDS", 6, None),
]


def write(apps, schema_editor):
    schema_editor.execute("SELECT set_config('portal.scope', 'platform', true)")
    budget = apps.get_model("marketplace", "Budget")
    budget.objects.bulk_create(
        [budget(scope=scope, purse=purse, cap=cap, catalogue_share=share) for scope, purse, cap, share in FIRST]
    )


class Migration(migrations.Migration):

    dependencies = [
        ('marketplace', '0003_actions_with_history'),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
