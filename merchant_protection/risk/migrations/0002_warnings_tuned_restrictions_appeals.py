import django.contrib.postgres.fields
import django.db.models.deletion
import merchant_protection.foundation.tenancy
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_saved_views'),
        ('accounts', '__first__'),
        ('marketplace', '0008_exempted_orders_and_doubted_listings'),
        ('risk', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='warning',
            name='rank',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(level='HIGH', then=1), models.When(level='MEDIUM', then=2), default=3), output_field=models.SmallIntegerField()),
        ),
        migrations.AddIndex(
            model_name='warning',
            index=models.Index(fields=['merchant', 'status', 'rank', '-raised_at', '-id'], name='risk_warning_urgent'),
        ),
        migrations.AddIndex(
            model_name='warning',
            index=models.Index(fields=['merchant', 'buyer', '-raised_at'], name='risk_warning_buyer_recent'),
        ),
        migrations.CreateModel(
            name='BulkAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('generation', models.PositiveIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.TextField(blank=True, default='')),
                ('answer', models.CharField(max_length=20, verbose_name='answer')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('snooze_until', models.DateTimeField(blank=True, null=True)),
                ('warning_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('status', models.CharField(choices=[('RUNNING', 'Running'), ('DONE', 'Done'), ('CANCELLED', 'Cancelled')], default='RUNNING', max_length=9, verbose_name='status')),
                ('answered', models.PositiveIntegerField(default=0, verbose_name='answered')),
                ('refused', models.PositiveIntegerField(default=0, verbose_name='left as they are')),
                ('refusals', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(verbose_name='asked')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'answer to many warnings',
                'verbose_name_plural': 'answers to many warnings',
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='risk_bulkanswer_due')],
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='risk_bulkanswer_tenant')],
            },
        ),
        migrations.CreateModel(
            name='BuyerSignal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('CLAIMS', 'Claims for money')], max_length=8, verbose_name='kind')),
                ('shops', models.PositiveIntegerField(verbose_name='shops')),
                ('cases', models.PositiveIntegerField(verbose_name='cases')),
                ('weight', models.FloatField(verbose_name='weight')),
                ('newest_at', models.DateTimeField(verbose_name='newest')),
                ('counted_at', models.DateTimeField(verbose_name='counted')),
            ],
            options={
                'verbose_name': 'count over shops',
                'verbose_name_plural': 'counts over shops',
                'constraints': [models.UniqueConstraint(fields=('key', 'kind'), name='risk_buyersignal_once')],
            },
        ),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.CharField(choices=[('ORDINARY', 'Ordinary'), ('SUSPECT', 'Suspect')], max_length=8, verbose_name='label')),
                ('source', models.CharField(max_length=40, verbose_name='from')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('actor_name', models.CharField(max_length=200, verbose_name='by')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='marketplace.order')),
            ],
            options={
                'verbose_name': 'label',
                'verbose_name_plural': 'labels',
                'indexes': [models.Index(fields=['merchant', 'order', '-id'], name='risk_label_newest')],
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='risk_label_tenant'), merchant_protection.foundation.tenancy.SameMerchant(field='order', name='risk_label_order'), merchant_protection.foundation.tenancy.AppendOnly(name='risk_label_append_only')],
            },
        ),
        migrations.CreateModel(
            name='Restriction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('limits', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('NO_ORDERS', 'No orders'), ('NO_CASH_ON_DELIVERY', 'No cash on delivery'), ('SHORT_PAYMENT', 'Shorter time to pay')], max_length=20), size=None)),
                ('payment_minutes', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='minutes to pay')),
                ('reason', models.TextField(verbose_name='reason')),
                ('status', models.CharField(choices=[('IN_REVIEW', 'In force, in review'), ('CONFIRMED', 'In force'), ('LIFTED', 'Lifted'), ('REJECTED', 'Lifted by review'), ('LAPSED', 'Ended')], default='IN_REVIEW', max_length=9, verbose_name='status')),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('made_by', models.CharField(max_length=200, verbose_name='by')),
                ('review_due_at', models.DateTimeField(verbose_name='to be reviewed by')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed')),
                ('reviewed_by', models.CharField(blank=True, max_length=200, verbose_name='reviewed by')),
                ('ends_at', models.DateTimeField(verbose_name='ends')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('ended_by', models.CharField(blank=True, max_length=200, verbose_name='ended by')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='restrictions', to='marketplace.buyer')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
                ('warning', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='risk.warning')),
            ],
            options={
                'verbose_name': 'restriction',
                'verbose_name_plural': 'restrictions',
                'indexes': [models.Index(fields=['merchant', '-made_at', '-id'], name='risk_restriction_recent'), models.Index(condition=models.Q(('status', 'IN_REVIEW')), fields=['review_due_at'], name='risk_restriction_review'), models.Index(condition=models.Q(('status__in', ('IN_REVIEW', 'CONFIRMED'))), fields=['ends_at'], name='risk_restriction_end')],
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='risk_restriction_tenant'), merchant_protection.foundation.tenancy.SameMerchant(field='buyer', name='risk_restriction_buyer'), merchant_protection.foundation.tenancy.SameMerchant(field='warning', name='risk_restriction_warning'), models.UniqueConstraint(condition=models.Q(('status__in', ('IN_REVIEW', 'CONFIRMED'))), fields=('merchant', 'buyer'), name='risk_restriction_one'), models.UniqueConstraint(fields=('merchant', 'id'), name='risk_restriction_key'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('status__in', ('IN_REVIEW', 'CONFIRMED'))), models.Q(models.Q(('status__in', ('IN_REVIEW', 'CONFIRMED')), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='risk_restriction_end_is_dated')],
            },
        ),
        migrations.CreateModel(
            name='SignalDispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('CLAIMS', 'Claims for money')], max_length=8, verbose_name='kind')),
                ('words', models.TextField(verbose_name='what is said')),
                ('status', models.CharField(choices=[('OPEN', 'Waits for an answer'), ('UPHELD', 'Upheld'), ('DISMISSED', 'Dismissed')], default='OPEN', max_length=9, verbose_name='status')),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('opened_by', models.CharField(max_length=200, verbose_name='opened by')),
                ('due_at', models.DateTimeField(verbose_name='to be answered by')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('answered_by', models.CharField(blank=True, max_length=200, verbose_name='by')),
                ('answer_note', models.TextField(blank=True, verbose_name='answer')),
            ],
            options={
                'verbose_name': 'dispute of a count',
                'verbose_name_plural': 'disputes of counts',
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'OPEN')), fields=('key', 'kind'), name='risk_signaldispute_one_open')],
            },
        ),
        migrations.CreateModel(
            name='Snooze',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('until', models.DateTimeField(verbose_name='until')),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('made_by', models.CharField(max_length=200, verbose_name='by')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='marketplace.buyer')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
            ],
            options={
                'verbose_name': 'snooze',
                'verbose_name_plural': 'snoozes',
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='risk_snooze_tenant'), merchant_protection.foundation.tenancy.SameMerchant(field='buyer', name='risk_snooze_buyer'), models.UniqueConstraint(fields=('merchant', 'buyer', 'kind'), name='risk_snooze_once')],
            },
        ),
        migrations.CreateModel(
            name='WarningLimits',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('values', models.JSONField(default=dict, verbose_name='limits')),
                ('version', models.PositiveIntegerField(default=1)),
                ('changed_at', models.DateTimeField(verbose_name='changed')),
                ('changed_by', models.CharField(max_length=200, verbose_name='by')),
                ('merchant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
            ],
            options={
                'verbose_name': 'limits of warnings',
                'verbose_name_plural': 'limits of warnings',
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='risk_warninglimits_tenant')],
            },
        ),
        migrations.CreateModel(
            name='RestrictionMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('move', models.CharField(max_length=20)),
                ('status', models.CharField(choices=[('IN_REVIEW', 'In force, in review'), ('CONFIRMED', 'In force'), ('LIFTED', 'Lifted'), ('REJECTED', 'Lifted by review'), ('LAPSED', 'Ended')], max_length=9)),
                ('at', models.DateTimeField()),
                ('actor_name', models.CharField(max_length=200)),
                ('note', models.TextField(blank=True)),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
                ('restriction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='history', to='risk.restriction')),
            ],
            options={
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='risk_restrictionmove_tenant'), merchant_protection.foundation.tenancy.SameMerchant(field='restriction', name='risk_restrictionmove_of'), merchant_protection.foundation.tenancy.AppendOnly(name='risk_restrictionmove_append_only')],
            },
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=80, verbose_name='appeal number')),
                ('source', models.CharField(choices=[('PLATFORM', 'The buyer, through the platform'), ('MERCHANT', 'The shop')], max_length=8, verbose_name='from')),
                ('order_number', models.CharField(blank=True, max_length=80, verbose_name='order number')),
                ('decision_id', models.CharField(blank=True, max_length=80, verbose_name='order decision')),
                ('words', models.TextField(verbose_name='what is said')),
                ('status', models.CharField(choices=[('OPEN', 'Waits for an answer'), ('UPHELD', 'Upheld'), ('DISMISSED', 'Dismissed')], default='OPEN', max_length=9, verbose_name='status')),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('opened_by', models.CharField(max_length=200, verbose_name='opened by')),
                ('due_at', models.DateTimeField(verbose_name='to be answered by')),
                ('overdue_told_at', models.DateTimeField(blank=True, null=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('answered_by', models.CharField(blank=True, max_length=200, verbose_name='by')),
                ('answer_note', models.TextField(blank=True, verbose_name='answer')),
                ('buyer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='marketplace.buyer')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='marketplace.order')),
                ('restriction', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='risk.restriction')),
            ],
            options={
                'verbose_name': 'mis-hit appeal',
                'verbose_name_plural': 'mis-hit appeals',
                'indexes': [models.Index(fields=['merchant', '-opened_at', '-id'], name='risk_appeal_recent'), models.Index(condition=models.Q(('status', 'OPEN')), fields=['due_at'], name='risk_appeal_due')],
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='risk_appeal_tenant'), merchant_protection.foundation.tenancy.SameMerchant(field='order', name='risk_appeal_order'), merchant_protection.foundation.tenancy.SameMerchant(field='buyer', name='risk_appeal_buyer'), merchant_protection.foundation.tenancy.SameMerchant(field='restriction', name='risk_appeal_restriction'), models.UniqueConstraint(fields=('merchant', 'reference'), name='risk_appeal_once'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', True), ('status', 'OPEN')), models.Q(models.Q(('status', 'OPEN'), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='risk_appeal_answer_is_dated')],
            },
        ),
    ]
