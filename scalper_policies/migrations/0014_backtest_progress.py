from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scalper_policies', '0013_draws_found_by_commitment'),
    ]

    operations = [
        migrations.AddField(
            model_name='backtestrun',
            name='percent',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='percent done'),
        ),
    ]
