from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scalper_policies", "0008_hold_and_count")]

    operations = [
        migrations.AddField(
            model_name="draw",
            name="decides",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="draw",
            name="last_ticket",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
