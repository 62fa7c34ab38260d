import django.db.models.deletion
import merchant_protection.foundation.tenancy
from django.db import migrations, models

KEEPS_ITS_TERMS = """
CREATE TRIGGER scalper_baseline_keeps_its_terms BEFORE UPDATE ON scalper_policies_baselineversion
FOR EACH ROW WHEN (OLD.status <> 'DRAFT' AND NEW.terms IS DISTINCT FROM OLD.terms)
EXECUTE FUNCTION scalper_refuse_other_terms()
"""
MAY_CHANGE = "DROP TRIGGER scalper_baseline_keeps_its_terms ON scalper_policies_baselineversion"


class Migration(migrations.Migration):

    dependencies = [
        ('scalper_policies', '0005_baseline_counts'),
    ]

    operations = [
        migrations.CreateModel(
            name='BaselineMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('move', models.CharField(max_length=20, verbose_name='move')),
                ('from_status', models.CharField(blank=True, max_length=10)),
                ('to_status', models.CharField(choices=[('DRAFT', 'Draft'), ('SUBMITTED', 'Waits for a second person'), ('SHADOW', 'Shadow'), ('ENFORCING', 'Enforcing'), ('RETIRED', 'Retired')], max_length=10, verbose_name='status')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.BigIntegerField(blank=True, null=True)),
                ('actor_name', models.CharField(max_length=200, verbose_name='by')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
            ],
            options={
                'verbose_name': 'history of the baseline rules',
                'verbose_name_plural': 'history of the baseline rules',
            },
        ),
        migrations.CreateModel(
            name='BaselineTrial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('generation', models.PositiveIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.TextField(blank=True, default='')),
                ('revision', models.PositiveIntegerField(default=1)),
                ('since', models.DateTimeField(verbose_name='from')),
                ('until', models.DateTimeField(verbose_name='to')),
                ('status', models.CharField(choices=[('WAITING', 'In line'), ('RUNNING', 'Running'), ('DONE', 'Done'), ('FAILED', 'Failed')], default='WAITING', max_length=10, verbose_name='status')),
                ('reached', models.BigIntegerField(default=0)),
                ('shops_done', models.PositiveIntegerField(default=0, verbose_name='shops seen')),
                ('report', models.JSONField(default=dict, verbose_name='result')),
                ('created_at', models.DateTimeField(verbose_name='begun')),
                ('created_by', models.CharField(max_length=200, verbose_name='by')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
            ],
            options={
                'verbose_name': 'trial of the baseline rules',
                'verbose_name_plural': 'trials of the baseline rules',
            },
        ),
        migrations.CreateModel(
            name='BaselineVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True, verbose_name='version')),
                ('status', models.CharField(choices=[('DRAFT', 'Draft'), ('SUBMITTED', 'Waits for a second person'), ('SHADOW', 'Shadow'), ('ENFORCING', 'Enforcing'), ('RETIRED', 'Retired')], default='DRAFT', max_length=10, verbose_name='status')),
                ('terms', models.JSONField(verbose_name='terms')),
                ('harshest', models.CharField(choices=[('ALLOW', 'Allow'), ('VERIFY', 'Check'), ('HOLD', 'Hold'), ('REVIEW', 'Review'), ('REJECT', 'Reject')], max_length=6, verbose_name='harshest answer')),
                ('revision', models.PositiveIntegerField(default=1)),
                ('author', models.CharField(max_length=200, verbose_name='author')),
                ('author_id', models.BigIntegerField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('changed_at', models.DateTimeField(verbose_name='changed')),
                ('approved_by', models.CharField(blank=True, max_length=200, verbose_name='approved by')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='approved')),
                ('watched_since', models.DateTimeField(blank=True, null=True, verbose_name='in shadow since')),
                ('acts_since', models.DateTimeField(blank=True, null=True, verbose_name='acts since')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
            ],
            options={
                'verbose_name': 'version of the baseline rules',
                'verbose_name_plural': 'baseline rules',
            },
        ),
        migrations.AddConstraint(
            model_name='baselineversion',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['SHADOW', 'ENFORCING'])), fields=('status',), name='scalper_baseline_one_live'),
        ),
        migrations.AddConstraint(
            model_name='baselineversion',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['DRAFT', 'SUBMITTED', 'RETIRED']), ('approved_at__isnull', False), _connector='OR'), name='scalper_baseline_approval_is_dated'),
        ),
        migrations.AddField(
            model_name='baselinetrial',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='trials', to='scalper_policies.baselineversion'),
        ),
        migrations.AddField(
            model_name='baselinemove',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='history', to='scalper_policies.baselineversion'),
        ),
        migrations.AddIndex(
            model_name='baselinetrial',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='scalper_baseline_trial_due'),
        ),
        migrations.AddConstraint(
            model_name='baselinemove',
            constraint=merchant_protection.foundation.tenancy.AppendOnly(name='scalper_baseline_move_append_only'),
        ),
        migrations.RunSQL(KEEPS_ITS_TERMS, MAY_CHANGE),
    ]
