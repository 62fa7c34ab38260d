import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Shop and policy of a reservation are checked together; the two single checks said nothing more."""

    dependencies = [("accounts", "0003_saved_views"), ("scalper_policies", "0009_draws_that_decide")]

    operations = [
        migrations.AlterField(
            model_name="reservation",
            name="merchant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.merchant",
            ),
        ),
        migrations.AlterField(
            model_name="reservation",
            name="policy",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="scalper_policies.policy",
            ),
        ),
    ]
