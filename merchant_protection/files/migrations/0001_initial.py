import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import merchant_protection.foundation.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('generation', models.PositiveIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.TextField(blank=True, default='')),
                ('purpose', models.CharField(max_length=30, verbose_name='purpose')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('status', models.CharField(choices=[('UPLOADING', 'Being sent'), ('QUARANTINED', 'Being checked'), ('CLEAN', 'Ready'), ('REJECTED', 'Not accepted'), ('DISCARDED', 'Removed')], default='UPLOADING', max_length=12, verbose_name='status')),
                ('reason', models.CharField(blank=True, max_length=40, verbose_name='reason')),
                ('kind', models.CharField(blank=True, choices=[('IMAGE', 'Picture'), ('PDF', 'PDF'), ('VIDEO', 'Video'), ('AUDIO', 'Recording'), ('TEXT', 'Text')], max_length=6, verbose_name='kind')),
                ('media_type', models.CharField(blank=True, max_length=60)),
                ('bytes_expected', models.BigIntegerField(verbose_name='size')),
                ('bytes_received', models.BigIntegerField(default=0)),
                ('parts', models.JSONField(blank=True, default=list)),
                ('place', models.CharField(blank=True, max_length=40)),
                ('digest', models.CharField(blank=True, max_length=64, verbose_name='SHA-256')),
                ('facts', models.JSONField(blank=True, default=dict, verbose_name='what the file says of itself')),
                ('picture', models.CharField(blank=True, max_length=16, verbose_name='likeness')),
                ('picture_bands', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), blank=True, default=list, size=None)),
                ('bound_to', models.CharField(blank=True, max_length=60)),
                ('scanned_at', models.DateTimeField(blank=True, null=True, verbose_name='scanned')),
                ('is_erased', models.BooleanField(default=False)),
                ('uploaded_by_kind', models.CharField(max_length=10)),
                ('uploaded_by_id', models.BigIntegerField(blank=True, null=True)),
                ('uploaded_by', models.CharField(max_length=200, verbose_name='by')),
                ('created_at', models.DateTimeField(verbose_name='sent')),
                ('received_at', models.DateTimeField(blank=True, null=True)),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='checked')),
                ('merchant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
            ],
            options={
                'verbose_name': 'file',
                'verbose_name_plural': 'files',
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='files_storedfile_due'), models.Index(condition=models.Q(('status', 'UPLOADING')), fields=['created_at'], name='files_storedfile_unfinished'), models.Index(condition=models.Q(('status', 'CLEAN')), fields=['scanned_at'], name='files_storedfile_scanned'), models.Index(fields=['merchant', 'digest'], name='files_storedfile_digest'), django.contrib.postgres.indexes.GinIndex(fields=['picture_bands'], name='files_storedfile_bands')],
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='files_storedfile_tenant'), models.UniqueConstraint(fields=('merchant', 'id'), name='files_storedfile_key'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'CLEAN'), _negated=True), models.Q(models.Q(('digest', ''), _negated=True), models.Q(('place', ''), _negated=True), models.Q(('kind', ''), _negated=True)), _connector='OR'), name='files_storedfile_clean_is_known'), models.CheckConstraint(condition=models.Q(('bytes_received__gte', 0), ('bytes_received__lte', models.F('bytes_expected'))), name='files_storedfile_received')],
            },
        ),
        migrations.CreateModel(
            name='Derivative',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('CLEAN', 'Clean copy'), ('THUMBNAIL', 'Small picture'), ('STILL', 'Still'), ('PAGE', 'Page')], max_length=10)),
                ('number', models.PositiveSmallIntegerField(default=0)),
                ('media_type', models.CharField(max_length=60)),
                ('place', models.CharField(max_length=40)),
                ('size', models.BigIntegerField()),
                ('width', models.PositiveIntegerField(default=0)),
                ('height', models.PositiveIntegerField(default=0)),
                ('merchant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='derivatives', to='files.storedfile')),
            ],
            options={
                'verbose_name': 'copy for viewing',
                'verbose_name_plural': 'copies for viewing',
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='files_derivative_tenant'), merchant_protection.foundation.tenancy.SameMerchant(field='file', name='files_derivative_file'), models.UniqueConstraint(fields=('merchant', 'file', 'role', 'number'), name='files_derivative_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Allowance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('used', models.BigIntegerField(default=0, verbose_name='bytes kept')),
                ('cap', models.BigIntegerField(verbose_name='bytes allowed')),
                ('merchant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant')),
            ],
            options={
                'verbose_name': 'storage of a shop',
                'verbose_name_plural': 'storage of shops',
                'constraints': [merchant_protection.foundation.tenancy.TenantRows(name='files_allowance_tenant'), models.CheckConstraint(condition=models.Q(('used__gte', 0)), name='files_allowance_not_negative')],
            },
        ),
    ]
