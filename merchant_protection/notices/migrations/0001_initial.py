import django.db.models.deletion
import merchant_protection.foundation.tenancy
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60, verbose_name='kind')),
                ('params', models.JSONField(blank=True, default=dict)),
                ('path', models.CharField(blank=True, max_length=300)),
                ('subject_id', models.CharField(blank=True, max_length=80)),
                ('urgency', models.CharField(choices=[('CRITICAL', 'Critical'), ('NORMAL', 'Normal'), ('QUIET', 'Quiet')], default='NORMAL', max_length=8, verbose_name='urgency')),
                ('dedupe_key', models.CharField(blank=True, max_length=160)),
                ('created_at', models.DateTimeField(verbose_name='at')),
                ('archived_at', models.DateTimeField(blank=True, null=True, verbose_name='archived')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'indexes': [models.Index(fields=['merchant', '-id'], name='notices_notice_recent'), models.Index(condition=models.Q(('archived_at__isnull', True)), fields=['merchant', '-id'], name='notices_notice_inbox')],
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='notices_notice_tenant'), models.UniqueConstraint(fields=('merchant', 'id'), name='notices_notice_key'), models.UniqueConstraint(condition=models.Q(('dedupe_key', ''), _negated=True), fields=('merchant', 'kind', 'dedupe_key'), name='notices_notice_once')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('generation', models.PositiveIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.TextField(blank=True, default='')),
                ('channel', models.CharField(choices=[('EMAIL', 'E-mail'), ('WEBHOOK', 'Webhook')], max_length=8, verbose_name='channel')),
                ('recipient', models.CharField(max_length=254, verbose_name='to')),
                ('body_sealed', models.TextField(blank=True)),
                ('status', models.CharField(choices=[('PENDING', 'Waiting'), ('DELIVERED', 'Delivered'), ('DEAD', 'Given up')], default='PENDING', max_length=10, verbose_name='status')),
                ('dedupe_key', models.CharField(blank=True, max_length=160)),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('delivered_at', models.DateTimeField(blank=True, null=True, verbose_name='delivered')),
                ('merchant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
                ('notice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notices.notice')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at', 'id'], name='notices_delivery_due')],
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='notices_delivery_tenant'), merchant_protection.foundation.tenancy.SameMerchant(field='notice', name='notices_delivery_notice'), models.UniqueConstraint(condition=models.Q(('dedupe_key', ''), _negated=True), fields=('merchant', 'channel', 'dedupe_key'), name='notices_delivery_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60)),
                ('by_email', models.BooleanField()),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='notices_preference_tenant'), models.UniqueConstraint(fields=('merchant', 'user', 'kind'), name='notices_preference_once')],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('read_at', models.DateTimeField()),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='notices.notice')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='notices_reading_tenant'), merchant_protection.foundation.tenancy.SameMerchant(field='notice', name='notices_reading_notice'), models.UniqueConstraint(fields=('merchant', 'notice', 'user'), name='notices_reading_once')],
            },
        ),
    ]
