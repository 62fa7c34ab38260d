from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scalper_policies', '0004_versions_that_failed'),
    ]

    operations = [
        migrations.AddField(
            model_name='policy',
            name='is_baseline',
            field=models.BooleanField(db_default=False, default=False, verbose_name='stands for the baseline rules'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.UniqueConstraint(condition=models.Q(('is_baseline', True)), fields=('merchant',), name='scalper_policy_one_baseline'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('is_baseline', False), ('name', ''), _connector='OR'), name='scalper_policy_baseline_is_nameless'),
        ),
    ]
