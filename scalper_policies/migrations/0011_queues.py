import django.db.models.deletion
import merchant_protection.foundation.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_saved_views'),
        ('scalper_policies', '0010_reservations_checked_once'),
    ]

    operations = [
        migrations.CreateModel(
            name='Queue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('last_place', models.PositiveBigIntegerField(verbose_name='last place')),
                ('last_due_at', models.DateTimeField(verbose_name='last turn')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
                ('policy', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scalper_policies.policy')),
            ],
            options={
                'verbose_name': 'sale queue',
                'verbose_name_plural': 'sale queues',
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='scalper_queue_tenant'), merchant_protection.foundation.tenancy.SameMerchant(field='policy', name='scalper_queue_policy'), models.UniqueConstraint(fields=('merchant', 'policy'), name='scalper_queue_once')],
            },
        ),
    ]
