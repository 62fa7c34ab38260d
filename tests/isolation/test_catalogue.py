"""What PostgreSQL's own catalogue says, asked through the program's login: each query names faults, and finds none."""

from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from tests.fixtures import servers

TENANT_TABLES = """
SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND (c.relname = 'accounts_merchant' OR EXISTS (
  SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'merchant_id' AND NOT a.attisdropped))
"""
WITHOUT_SECURITY = f"""
SELECT t.relname FROM ({TENANT_TABLES}) t JOIN pg_class c USING (oid)
WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)
"""
# One permissive policy for all verbs and all roles, which judges what is read and what is written.
WITHOUT_POLICY = f"""
SELECT t.relname FROM ({TENANT_TABLES}) t WHERE 1 <> (
  SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid AND p.polpermissive) OR NOT EXISTS (
  SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polcmd = '*' AND p.polroles = '{{0}}'
  AND pg_get_expr(p.polqual, p.polrelid) LIKE '%portal_scope()%portal_merchant()%'
  AND pg_get_expr(p.polwithcheck, p.polrelid) = pg_get_expr(p.polqual, p.polrelid))
"""
DEFINERS = """
SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'public' AND p.prosecdef
"""
VIEWS = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND (c.relkind = 'm'
  OR c.relkind = 'v' AND NOT coalesce(c.reloptions::text LIKE '%security_invoker=true%', false))
"""
POWERS = """
SELECT rolname FROM pg_roles WHERE rolname = current_user AND (
  rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication)
UNION ALL SELECT 'owns ' || relname FROM pg_class
  WHERE pg_get_userbyid(relowner) = current_user AND relpersistence <> 't'
UNION ALL SELECT 'may create' WHERE has_schema_privilege('public', 'CREATE')
UNION ALL SELECT 'may truncate ' || relname FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND has_table_privilege(oid, 'TRUNCATE')
UNION ALL SELECT 'is a member of ' || b.rolname FROM pg_roles b
  WHERE b.rolname <> current_user AND (b.rolsuper OR b.rolbypassrls OR b.rolname = 'portal_owner')
  AND pg_has_role(current_user, b.oid, 'MEMBER')
UNION ALL SELECT 'is not portal_app' WHERE current_user <> 'portal_app'
"""
# A foreign key is named by its table and columns.
COLUMNS = """(SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute a
  WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey))"""
UNIQUE_WITHOUT_MERCHANT = f"""
SELECT i.relname FROM ({TENANT_TABLES}) t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indisunique AND NOT x.indisprimary AND t.relname <> 'accounts_merchant'
AND NOT EXISTS (
  SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = x.indkey[0] AND a.attname = 'merchant_id')
"""
FOREIGN_WITHOUT_MERCHANT = f"""
SELECT c.conrelid::regclass || ': ' || {COLUMNS} FROM pg_constraint c JOIN ({TENANT_TABLES}) t ON t.oid = c.conrelid
JOIN ({TENANT_TABLES}) f ON f.oid = c.confrelid
WHERE c.contype = 'f' AND f.relname <> 'accounts_merchant' AND NOT EXISTS (
  SELECT FROM pg_constraint s WHERE s.contype = 'f' AND s.conrelid = c.conrelid AND s.confrelid = c.confrelid
  AND s.conkey @> c.conkey AND (
    SELECT a.attname FROM pg_attribute a WHERE a.attrelid = s.conrelid AND a.attnum = s.conkey[1]) = 'merchant_id')
"""
POINTING_FROM_OUTSIDE = f"""
SELECT c.conrelid::regclass || ': ' || {COLUMNS} FROM pg_constraint c JOIN ({TENANT_TABLES}) f ON f.oid = c.confrelid
WHERE c.contype = 'f' AND c.conrelid NOT IN (SELECT t.oid FROM ({TENANT_TABLES}) t)
"""
# Keys that a merchant does not begin, each with why nothing of another shop is told by it.
ALLOWED = {
    "accounts_apikey_prefix_key": "ten random letters of our own making, never a shop's choice",
    "marketplace_inboundsource_public_id_key": "random, of our own making, never a shop's choice",
    "marketplace_inboundsecret: source_id": "the command takes shop and source from the one source it has locked",
    "marketplace_inboxevent: source_id": "most events come from the platform's own source, which is no shop's",
    "audit_link: entry_id": "holds nothing of an entry but its digest, and must chain all shops' together",
}


@pytest.mark.case("T01")
@pytest.mark.parametrize(
    "query",
    [
        pytest.param(WITHOUT_SECURITY, id="security is on and forced"),
        pytest.param(WITHOUT_POLICY, id="one policy for all verbs"),
        pytest.param(DEFINERS, id="no definer functions"),
        pytest.param(VIEWS, id="no materialized views, and views of the invoker"),
        pytest.param(POWERS, id="the role has no powers"),
        pytest.param(UNIQUE_WITHOUT_MERCHANT, id="unique keys begin with the merchant"),
        pytest.param(FOREIGN_WITHOUT_MERCHANT, id="foreign keys carry the merchant"),
        pytest.param(POINTING_FROM_OUTSIDE, id="what points at a shop's rows is a shop's"),
    ],
)
def test_the_catalogue_names_no_fault(db: None, query: str) -> None:
    assert sorted(set(_names(query)) - set(ALLOWED)) == []


def test_the_catalogue_knows_the_shops_tables(db: None) -> None:
    """A query that finds no table at all would pass in silence."""
    names = {row[1] for row in _rows(TENANT_TABLES)}

    assert {"accounts_merchant", "accounts_apikey", "marketplace_order", "audit_entry", "notices_notice"} <= names


def test_what_the_list_allows_is_still_there(db: None) -> None:
    there = {*_names(UNIQUE_WITHOUT_MERCHANT), *_names(FOREIGN_WITHOUT_MERCHANT), *_names(POINTING_FROM_OUTSIDE)}

    assert set(ALLOWED) - there == set()


@pytest.mark.parametrize(
    ("breach", "query"),
    [
        ("ALTER TABLE marketplace_order DISABLE ROW LEVEL SECURITY", WITHOUT_SECURITY),
        ("ALTER TABLE marketplace_order NO FORCE ROW LEVEL SECURITY", WITHOUT_SECURITY),
        ("CREATE POLICY wide ON marketplace_order USING (true)", WITHOUT_POLICY),
        ("DROP POLICY accounts_apikey_tenant ON accounts_apikey", WITHOUT_POLICY),
        ("CREATE FUNCTION f() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'", DEFINERS),
        ("CREATE MATERIALIZED VIEW m AS SELECT 1 AS one", VIEWS),
        ("CREATE VIEW v AS SELECT * FROM marketplace_order", VIEWS),
        ("GRANT TRUNCATE ON marketplace_order TO portal_app", POWERS),
        ("ALTER ROLE portal_app BYPASSRLS", POWERS),
        ("CREATE UNIQUE INDEX wide ON marketplace_order (number, merchant_id)", UNIQUE_WITHOUT_MERCHANT),
        (
            "CREATE TABLE o (id bigint, merchant_id bigint, o bigint REFERENCES marketplace_order)",
            FOREIGN_WITHOUT_MERCHANT,
        ),
        ("CREATE TABLE o (id bigint, o bigint REFERENCES marketplace_order)", POINTING_FROM_OUTSIDE),
    ],
    ids=lambda value: value if len(value) < 110 else "seen",
)
def test_each_query_sees_its_breach(db: None, breach: str, query: str) -> None:
    with (
        servers.superuser(database=str(connection.settings_dict["NAME"])) as server,
        server.transaction(force_rollback=True),
    ):
        before = _seen_by(server, query)
        server.execute(breach.encode())
        after = _seen_by(server, query)

    assert len(after) > len(before)


def _seen_by(server: psycopg.Connection, query: str) -> list[Any]:
    server.execute("SET LOCAL ROLE portal_app")
    rows = server.execute(query.encode()).fetchall()
    server.execute("RESET ROLE")
    return rows


def _names(query: str) -> list[str]:
    return [row[0] for row in _rows(query)]


def _rows(query: str) -> list[Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
