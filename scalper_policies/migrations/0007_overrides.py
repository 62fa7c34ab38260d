import django.db.models.deletion
import merchant_protection.foundation.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_saved_views'),
        ('scalper_policies', '0006_baseline_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='Override',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('DECISION', 'One answer'), ('RULE', 'A rule in one shop')], max_length=8, verbose_name='what is overruled')),
                ('verdict', models.CharField(blank=True, choices=[('ALLOW', 'Allow'), ('VERIFY', 'Check'), ('HOLD', 'Hold'), ('REVIEW', 'Review'), ('REJECT', 'Reject')], max_length=6, verbose_name='answer instead')),
                ('rule', models.CharField(blank=True, max_length=60, verbose_name='rule')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='until')),
                ('made_by', models.CharField(max_length=200, verbose_name='by')),
                ('made_by_id', models.BigIntegerField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended early')),
                ('ended_by', models.CharField(blank=True, max_length=200, verbose_name='ended by')),
            ],
            options={
                'verbose_name': 'overruling',
                'verbose_name_plural': 'overrulings',
            },
        ),
        migrations.AddField(
            model_name='override',
            name='decision',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='scalper_policies.orderdecision'),
        ),
        migrations.AddField(
            model_name='override',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant'),
        ),
        migrations.AddField(
            model_name='override',
            name='policy',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scalper_policies.policy'),
        ),
        migrations.AddIndex(
            model_name='override',
            index=models.Index(fields=['merchant', 'kind', 'ends_at'], name='scalper_override_standing'),
        ),
        migrations.AddIndex(
            model_name='override',
            index=models.Index(fields=['merchant', 'decision'], name='scalper_override_of'),
        ),
        migrations.AddConstraint(
            model_name='override',
            constraint=merchant_protection.foundation.tenancy.TenantRows(name='scalper_override_tenant'),
        ),
        migrations.AddConstraint(
            model_name='override',
            constraint=merchant_protection.foundation.tenancy.SameMerchant(field='decision', name='scalper_override_decision'),
        ),
        migrations.AddConstraint(
            model_name='override',
            constraint=merchant_protection.foundation.tenancy.SameMerchant(field='policy', name='scalper_override_policy'),
        ),
        migrations.AddConstraint(
            model_name='override',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='scalper_override_ends'),
        ),
        migrations.AddConstraint(
            model_name='override',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decision__isnull', False), ('kind', 'DECISION'), ('policy__isnull', True), models.Q(('verdict', ''), _negated=True)), models.Q(('decision__isnull', True), ('kind', 'RULE'), ('policy__isnull', False), ('verdict', '')), _connector='OR'), name='scalper_override_subject'),
        ),
        migrations.AddConstraint(
            model_name='override',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), models.Q(('ended_by', ''), _negated=True), _connector='OR'), name='scalper_override_ended_by'),
        ),
    ]
