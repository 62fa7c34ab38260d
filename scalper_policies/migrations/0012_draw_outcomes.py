from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scalper_policies", "0011_queues")]

    operations = [
        migrations.AddField(
            model_name="draw",
            name="checked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="recomputed"),
        ),
        migrations.AddField(
            model_name="draw",
            name="entries_count",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="entries"),
        ),
        migrations.AddField(
            model_name="draw",
            name="is_sound",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="draw",
            name="winners",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
    ]
