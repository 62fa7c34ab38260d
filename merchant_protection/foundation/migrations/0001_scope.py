from django.db import migrations

GRANTS = """
GRANT USAGE ON SCHEMA public TO portal_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO portal_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO portal_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO portal_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM portal_app;
"""

FUNCTIONS = """
CREATE FUNCTION portal_scope() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE scope text := nullif(current_setting('portal.scope', true), '');
BEGIN
  IF scope IS NULL THEN
    RAISE EXCEPTION 'no tenant scope is set' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN scope;
END $$;
CREATE FUNCTION portal_merchant() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN portal_scope() <> 'platform' THEN portal_scope()::bigint END $$;
CREATE FUNCTION portal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'history in % is never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""

NO_FUNCTIONS = """
DROP FUNCTION portal_refuse_change();
DROP FUNCTION portal_merchant();
DROP FUNCTION portal_scope();
"""


class Migration(migrations.Migration):
    """What every merchant's table stands on: the scope in the database and the runtime role's rights."""

    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
    ]
