from tortoise import migrations
from tortoise.migrations import operations as ops
from db.models.columns import SortKeyField
from domain.enums import ClassStatus, EnrollmentStatus, LoginState, MatchPolicy, ProviderKind, ProviderState, Role
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Facility',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=255)),
                ('sort_key', SortKeyField(generated=False, null=False, unique=False)),
                ('time_zone', fields.CharField(max_length=64)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'facility', 'app': 'homeroom', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Fact',
            fields=[
                ('key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=200)),
                ('provider_id', fields.IntField(db_index=True)),
                ('kind', fields.CharField(max_length=32)),
                ('payload', fields.BinaryField()),
                ('fetched_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'fact', 'app': 'homeroom', 'pk_attr': 'key'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='IdempotencyRecord',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('actor_id', fields.IntField()),
                ('key', fields.CharField(max_length=255)),
                ('mutation', fields.CharField(max_length=64)),
                ('request_hash', fields.CharField(max_length=64)),
                ('response', fields.BinaryField(null=True)),
                ('created_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'idempotency_record', 'app': 'homeroom', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Program',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=255)),
                ('sort_key', SortKeyField(db_index=True, generated=False, null=False, unique=False)),
                ('description', fields.TextField(null=True, unique=False)),
                ('is_active', fields.BooleanField(default=True)),
                ('types', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('credit_types', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('funding_type', fields.CharField(null=True, max_length=255)),
                ('archived_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'program', 'app': 'homeroom', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ProgramFacility',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('program', fields.ForeignKeyField('homeroom.Program', source_field='program_id', db_constraint=True, to_field='id', related_name='offers', on_delete=OnDelete.RESTRICT)),
                ('facility', fields.ForeignKeyField('homeroom.Facility', source_field='facility_id', db_index=True, db_constraint=True, to_field='id', related_name='offers', on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'program_facility', 'app': 'homeroom', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Provider',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=255)),
                ('sort_key', SortKeyField(generated=False, null=False, unique=False)),
                ('kind', fields.CharEnumField(description='', enum_type=ProviderKind, max_length=32)),
                ('state', fields.CharEnumField(default=ProviderState.ENABLED, description='', enum_type=ProviderState, max_length=32)),
                ('base_url', fields.CharField(max_length=2000)),
                ('account_id', fields.CharField(max_length=64)),
                ('sealed_access_key', fields.TextField(null=True, unique=False)),
                ('access_key_fingerprint', fields.CharField(null=True, max_length=64)),
                ('match_policy', fields.CharEnumField(default=MatchPolicy.SAFE, description='', enum_type=MatchPolicy, max_length=32)),
                ('facility_limited', fields.BooleanField(default=False)),
                ('nightly_sync', fields.BooleanField(default=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('updated_at', fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={'table': 'provider', 'app': 'homeroom', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='OidcRegistration',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('provider', fields.ForeignKeyField('homeroom.Provider', source_field='provider_id', db_constraint=True, to_field='id', related_name='oidc_registrations', on_delete=OnDelete.RESTRICT)),
                ('client_id', fields.CharField(max_length=255)),
                ('sealed_client_secret', fields.TextField(unique=False)),
                ('redirect_uris', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('scopes', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('canvas_provider_id', fields.CharField(null=True, max_length=64)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('replaced_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'oidc_registration', 'app': 'homeroom', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ProviderFacility',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('provider', fields.ForeignKeyField('homeroom.Provider', source_field='provider_id', db_constraint=True, to_field='id', related_name='switched_on', on_delete=OnDelete.RESTRICT)),
                ('facility', fields.ForeignKeyField('homeroom.Facility', source_field='facility_id', db_index=True, db_constraint=True, to_field='id', related_name='switched_on', on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'provider_facility', 'app': 'homeroom', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SchoolClass',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('program', fields.ForeignKeyField('homeroom.Program', source_field='program_id', db_index=True, db_constraint=True, to_field='id', related_name='classes', on_delete=OnDelete.RESTRICT)),
                ('facility', fields.ForeignKeyField('homeroom.Facility', source_field='facility_id', db_index=True, db_constraint=True, to_field='id', related_name='classes', on_delete=OnDelete.RESTRICT)),
                ('name', fields.CharField(max_length=255)),
                ('sort_key', SortKeyField(db_index=True, generated=False, null=False, unique=False)),
                ('description', fields.TextField(null=True, unique=False)),
                ('status', fields.CharEnumField(description='', enum_type=ClassStatus, max_length=32)),
                ('start_date', fields.DateField(null=True)),
                ('end_date', fields.DateField(null=True)),
                ('capacity', fields.IntField(null=True)),
                ('credit_hours', fields.FloatField(null=True)),
                ('instructors', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('deleted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'class', 'app': 'homeroom', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='User',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('username', fields.CharField(max_length=255)),
                ('username_key', SortKeyField(generated=False, null=False, unique=False)),
                ('first_name', fields.CharField(max_length=255)),
                ('last_name', fields.CharField(max_length=255)),
                ('sort_key', SortKeyField(db_index=True, generated=False, null=False, unique=False)),
                ('email', fields.CharField(null=True, max_length=320)),
                ('doc_id', fields.CharField(null=True, max_length=255)),
                ('role', fields.CharEnumField(description='', enum_type=Role, max_length=32)),
                ('facility', fields.ForeignKeyField('homeroom.Facility', source_field='facility_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name='users', on_delete=OnDelete.RESTRICT)),
                ('deactivated_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'user_account', 'app': 'homeroom', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=True)),
                ('actor', fields.ForeignKeyField('homeroom.User', source_field='actor_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('facility_id', fields.IntField(null=True, db_index=True)),
                ('action', fields.CharField(max_length=64)),
                ('object_type', fields.CharField(max_length=64)),
                ('object_key', fields.CharField(max_length=255)),
                ('before', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('after', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('request_id', fields.CharField(null=True, max_length=64)),
                ('address', fields.CharField(null=True, max_length=64)),
            ],
            options={'table': 'audit_entry', 'app': 'homeroom', 'indexes': [Index(fields=['object_type', 'object_key'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Enrollment',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('school_class', fields.ForeignKeyField('homeroom.SchoolClass', source_field='school_class_id', db_index=True, db_constraint=True, to_field='id', related_name='enrollments', on_delete=OnDelete.RESTRICT)),
                ('user', fields.ForeignKeyField('homeroom.User', source_field='user_id', db_index=True, db_constraint=True, to_field='id', related_name='enrollments', on_delete=OnDelete.RESTRICT)),
                ('status', fields.CharEnumField(default=EnrollmentStatus.ENROLLED, description='', enum_type=EnrollmentStatus, max_length=32)),
                ('enrolled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'enrollment', 'app': 'homeroom', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='EnrollmentChange',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('enrollment', fields.ForeignKeyField('homeroom.Enrollment', source_field='enrollment_id', db_index=True, db_constraint=True, to_field='id', related_name='changes', on_delete=OnDelete.RESTRICT)),
                ('from_status', fields.CharEnumField(null=True, description='', enum_type=EnrollmentStatus, max_length=32)),
                ('to_status', fields.CharEnumField(description='', enum_type=EnrollmentStatus, max_length=32)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('by', fields.ForeignKeyField('homeroom.User', source_field='by_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('reason', fields.TextField(null=True, unique=False)),
            ],
            options={'table': 'enrollment_change', 'app': 'homeroom', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ProviderLink',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('user', fields.ForeignKeyField('homeroom.User', source_field='user_id', db_index=True, db_constraint=True, to_field='id', related_name='links', on_delete=OnDelete.RESTRICT)),
                ('provider', fields.ForeignKeyField('homeroom.Provider', source_field='provider_id', db_index=True, db_constraint=True, to_field='id', related_name='links', on_delete=OnDelete.RESTRICT)),
                ('external_user_id', fields.CharField(max_length=64)),
                ('external_username', fields.CharField(null=True, max_length=255)),
                ('canvas_name', fields.CharField(null=True, max_length=255)),
                ('canvas_name_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('canvas_state', fields.CharField(default='PRESENT', max_length=16)),
                ('merged_into_id', fields.CharField(null=True, max_length=64)),
                ('login_state', fields.CharEnumField(default=LoginState.NONE, description='', enum_type=LoginState, max_length=32)),
                ('linked_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('linked_by', fields.ForeignKeyField('homeroom.User', source_field='linked_by_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('unlinked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('unlinked_by', fields.ForeignKeyField('homeroom.User', source_field='unlinked_by_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('undo_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'provider_link', 'app': 'homeroom', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "enrollment_live" ON "enrollment" ("school_class_id", "user_id") WHERE status = \'ENROLLED\'',
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "facility_name" ON "facility" ("sort_key")',
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "idempotency_key" ON "idempotency_record" ("actor_id", "key")',
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "oidc_registration_live" ON "oidc_registration" ("provider_id") WHERE replaced_at IS NULL',
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "program_live_name" ON "program" ("sort_key") WHERE archived_at IS NULL',
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "program_facility_once" ON "program_facility" ("program_id", "facility_id")',
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "provider_name" ON "provider" ("sort_key")',
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "provider_facility_once" ON "provider_facility" ("provider_id", "facility_id")',
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "provider_link_live_user" ON "provider_link" ("provider_id", "user_id") WHERE unlinked_at IS NULL',
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "provider_link_live_external" ON "provider_link" ("provider_id", "external_user_id") WHERE unlinked_at IS NULL',
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "user_username" ON "user_account" ("username_key")',
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "user_doc_id" ON "user_account" ("doc_id") WHERE doc_id IS NOT NULL',
        ),
    ]
