import django.db.models.deletion
import merchant_protection.foundation.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('marketplace', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='BuyerCluster',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('signals', models.JSONField(default=list, verbose_name='signals')),
                ('size', models.PositiveIntegerField(default=0, verbose_name='accounts')),
                ('is_disputed', models.BooleanField(default=False, verbose_name='disputed')),
                ('created_at', models.DateTimeField(verbose_name='found')),
                ('updated_at', models.DateTimeField(verbose_name='updated')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
            ],
            options={
                'verbose_name': 'buyer cluster',
                'verbose_name_plural': 'buyer clusters',
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='risk_buyercluster_tenant'), models.UniqueConstraint(fields=('merchant', 'key'), name='risk_buyercluster_once'), models.UniqueConstraint(fields=('merchant', 'id'), name='risk_buyercluster_key')],
            },
        ),
        migrations.CreateModel(
            name='ClusterMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('signals', models.JSONField(default=list)),
                ('added_at', models.DateTimeField()),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='marketplace.buyer')),
                ('cluster', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='risk.buyercluster')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
            ],
            options={
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='risk_clustermember_tenant'), merchant_protection.foundation.tenancy.SameMerchant(field='cluster', name='risk_clustermember_cluster'), merchant_protection.foundation.tenancy.SameMerchant(field='buyer', name='risk_clustermember_buyer'), models.UniqueConstraint(fields=('merchant', 'buyer'), name='risk_clustermember_once')],
            },
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('feature', models.CharField(max_length=40, verbose_name='feature')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('subject_id', models.CharField(max_length=80, verbose_name='subject')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('exposed', models.DecimalField(decimal_places=4, default=0, max_digits=14, verbose_name='exposed')),
                ('prevented', models.DecimalField(decimal_places=4, default=0, max_digits=14, verbose_name='prevented')),
                ('recovered', models.DecimalField(decimal_places=4, default=0, max_digits=14, verbose_name='recovered')),
                ('lost', models.DecimalField(decimal_places=4, default=0, max_digits=14, verbose_name='lost')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
            ],
            options={
                'verbose_name': 'outcome',
                'verbose_name_plural': 'outcomes',
                'indexes': [models.Index(fields=['merchant', '-at'], name='risk_outcome_recent')],
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='risk_outcome_tenant'), merchant_protection.foundation.tenancy.AppendOnly(name='risk_outcome_append_only')],
            },
        ),
        migrations.CreateModel(
            name='Warning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('level', models.CharField(choices=[('HIGH', 'High'), ('MEDIUM', 'Medium'), ('LOW', 'Low')], max_length=6, verbose_name='level')),
                ('source', models.CharField(max_length=40, verbose_name='found by')),
                ('dedupe_key', models.CharField(max_length=160)),
                ('facts', models.JSONField(default=dict, verbose_name='facts')),
                ('amount', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True, verbose_name='amount')),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('status', models.CharField(choices=[('OPEN', 'To handle'), ('ACKNOWLEDGED', 'Acknowledged'), ('REPORTED', 'Reported'), ('NORMAL', 'Verified normal'), ('EXPIRED', 'Expired')], default='OPEN', max_length=12, verbose_name='status')),
                ('raised_at', models.DateTimeField(verbose_name='raised')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('answered_by', models.CharField(blank=True, max_length=200, verbose_name='by')),
                ('answer_note', models.TextField(blank=True, verbose_name='note')),
                ('buyer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='warnings', to='marketplace.buyer')),
                ('cluster', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='warnings', to='risk.buyercluster')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='warnings', to='marketplace.order')),
            ],
            options={
                'verbose_name': 'warning',
                'verbose_name_plural': 'warnings',
                'indexes': [models.Index(fields=['merchant', 'status', '-raised_at', '-id'], name='risk_warning_inbox'), models.Index(condition=models.Q(('expires_at__isnull', False), ('status__in', ('OPEN', 'ACKNOWLEDGED'))), fields=['expires_at'], name='risk_warning_expiry')],
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='risk_warning_tenant'), merchant_protection.foundation.tenancy.SameMerchant(field='order', name='risk_warning_order'), merchant_protection.foundation.tenancy.SameMerchant(field='buyer', name='risk_warning_buyer'), merchant_protection.foundation.tenancy.SameMerchant(field='cluster', name='risk_warning_cluster'), models.UniqueConstraint(condition=models.Q(('status__in', ('OPEN', 'ACKNOWLEDGED'))), fields=('merchant', 'kind', 'dedupe_key'), name='risk_warning_one_open'), models.UniqueConstraint(fields=('merchant', 'id'), name='risk_warning_key'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', True), ('status__in', ('OPEN', 'ACKNOWLEDGED'))), models.Q(models.Q(('status__in', ('OPEN', 'ACKNOWLEDGED')), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='risk_warning_answer_is_dated')],
            },
        ),
        migrations.CreateModel(
            name='WarningMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('move', models.CharField(max_length=20)),
                ('status', models.CharField(choices=[('OPEN', 'To handle'), ('ACKNOWLEDGED', 'Acknowledged'), ('REPORTED', 'Reported'), ('NORMAL', 'Verified normal'), ('EXPIRED', 'Expired')], max_length=12)),
                ('at', models.DateTimeField()),
                ('actor_name', models.CharField(max_length=200)),
                ('note', models.TextField(blank=True)),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
                ('warning', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='history', to='risk.warning')),
            ],
            options={
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='risk_warningmove_tenant'), merchant_protection.foundation.tenancy.SameMerchant(field='warning', name='risk_warningmove_warning'), merchant_protection.foundation.tenancy.AppendOnly(name='risk_warningmove_append_only')],
            },
        ),
    ]
