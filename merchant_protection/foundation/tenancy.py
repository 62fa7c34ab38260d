"""Whose rows the database shows: a merchant's, everybody's (staff, workers), or an error when nobody said."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection as default_connection
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint
from django.http import StreamingHttpResponse
from psycopg.pq import TransactionStatus

PLATFORM = "platform"
_scope: ContextVar[str] = ContextVar("tenant_scope", default="")


class ScopeMissing(RuntimeError):
    """Nobody said whose rows are meant."""


@contextmanager
def merchant(merchant_id: int) -> Iterator[None]:
    """Show and accept only the rows of this merchant."""
    with _scoped(str(int(merchant_id))):
        yield


@contextmanager
def platform() -> Iterator[None]:
    """Show and accept everybody's rows: for staff, the selling platform, sweeps and drains."""
    with _scoped(PLATFORM):
        yield


@contextmanager
def nobody() -> Iterator[None]:
    """Forget the scope: any look at a merchant's rows is an error."""
    with _scoped(""):
        yield


def current() -> str:
    """Return the scope in force: a merchant's id as text, "platform", or nothing."""
    return _scope.get()


def require_scope() -> None:
    """Raise when nobody said whose rows are meant: no rows would look like all data gone."""
    if not _scope.get():
        raise ScopeMissing("No tenant scope is set.")


def keep_for_stream(response: StreamingHttpResponse) -> StreamingHttpResponse:
    """Let a streamed body run in the scope of its request, which ends before the body is sent."""
    scope = _scope.get()
    body = response.streaming_content

    def scoped() -> Iterator[bytes]:
        with _scoped(scope):
            yield from body  # type: ignore[misc]

    response.streaming_content = scoped()
    return response


@contextmanager
def _scoped(scope: str) -> Iterator[None]:
    before = _scope.set(scope)
    _agree()
    try:
        yield
    finally:
        _scope.reset(before)
        _agree()


def _agree() -> None:
    """Make an open connection agree; one that opens later, or comes from the pool, is told before it is used."""
    raw = default_connection.connection
    if raw is None or raw.closed or raw.info.transaction_status == TransactionStatus.INERROR:
        return  # a failed transaction takes its own set_config back with it
    tell(raw)


def tell(raw: Any) -> None:
    """Tell a connection the scope in force, whatever it was told by who had it before."""
    raw.execute("SELECT set_config('portal.scope', %s, false)", [_scope.get()])


class PostgresConstraint(BaseConstraint):
    """A constraint in words of our own, kept up by makemigrations like any other."""

    def statement(self, model: Any, schema_editor: Any) -> Statement:
        """Return the SQL that makes the constraint."""
        raise NotImplementedError

    def create_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        """Make it when the migration ends: what it refers to may be made later in the same one."""
        schema_editor.deferred_sql.append(self.statement(model, schema_editor))

    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        self.create_sql(model, schema_editor)

    def validate(self, *_: Any, **__: Any) -> None:
        """Only the database can tell."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]

    def _statement(self, model: Any, schema_editor: Any, template: str, **parts: object) -> Statement:
        quote = schema_editor.quote_name
        return Statement(template, table=Table(model._meta.db_table, quote), name=quote(self.name), **parts)


class TenantRows(PostgresConstraint):
    """Row-level security: rows are seen and written only in their merchant's scope or the platform's."""

    def __init__(self, *, name: str, column: str = "merchant_id", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.column = column

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs if self.column == "merchant_id" else kwargs | {"column": self.column}

    def statement(self, model: Any, schema_editor: Any) -> Statement:
        rule = f"((SELECT portal_scope()) = 'platform' OR {self.column} = (SELECT portal_merchant()))"
        return self._statement(
            model,
            schema_editor,
            "ALTER TABLE %(table)s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; "
            f"CREATE POLICY %(name)s ON %(table)s USING {rule} WITH CHECK {rule}",
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Statement:  # type: ignore[override]
        return self._statement(model, schema_editor, "DROP POLICY %(name)s ON %(table)s")


class SameMerchant(PostgresConstraint):
    """The row that `field` points at belongs to this row's merchant (composite foreign key)."""

    def __init__(self, *, field: str, name: str, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.field = field

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"field": self.field}

    def statement(self, model: Any, schema_editor: Any) -> Statement:
        field = model._meta.get_field(self.field)
        return self._statement(
            model,
            schema_editor,
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (merchant_id, %(column)s) "
            "REFERENCES %(to)s (merchant_id, id) DEFERRABLE INITIALLY DEFERRED",
            column=schema_editor.quote_name(field.column),
            to=Table(field.related_model._meta.db_table, schema_editor.quote_name),
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Statement:  # type: ignore[override]
        return self._statement(model, schema_editor, "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s")


class AppendOnly(PostgresConstraint):
    """History: the database refuses to change, delete or truncate a row once written."""

    def statement(self, model: Any, schema_editor: Any) -> Statement:
        return self._statement(
            model,
            schema_editor,
            "CREATE TRIGGER %(name)s BEFORE UPDATE OR DELETE OR TRUNCATE ON %(table)s "
            "FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse_change(); "
            "REVOKE UPDATE, DELETE ON %(table)s FROM portal_app",
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Statement:  # type: ignore[override]
        return self._statement(
            model,
            schema_editor,
            "DROP TRIGGER %(name)s ON %(table)s; GRANT UPDATE, DELETE ON %(table)s TO portal_app",
        )
