"""Statements whose SQL and column types SQLAlchemy makes once, for those that run on every push.

Nothing else differs from `db.session.execute`: same connection, same transaction, same types, same errors. But
making the SQL and its result anew costs some ten times what a small statement costs the database, and a push runs
twenty; so they run on the driver's own cursor.
Where a statement runs seldom, or its rows are wanted as objects, the session is the plainer choice.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    Column,
    Date,
    Dialect,
    Enum,
    Executable,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from app.core.database import UTCDateTime, db

Process = Any  # what SQLAlchemy gives to turn a value into the driver's, or back; None: as it is


class Prepared:
    """A select, insert or update with bound parameters; those of `in_(bindparam(…, expanding=True))` take lists.

    An insert that names no parameters itself gets them from `columns`.
    """

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._lists = [
            each.key
            for each in visitors.iterate(statement)  # type: ignore[arg-type]
            if isinstance(each, BindParameter) and each.expanding
        ]
        self._made: dict[tuple[str, tuple[int, ...]], _Made] = {}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Run it once and return its rows, columns in the order selected."""
        made = self._for(values)
        with _running(made.sql) as cursor:
            cursor.execute(made.sql, made.bind(values))
            return made.read(cursor.fetchall())

    def run(self, sets: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each set of values; all sets have the same names."""
        if sets:
            made = self._for(sets[0])
            with _running(made.sql) as cursor:
                if len(sets) == 1:
                    cursor.execute(made.sql, made.bind(sets[0]))
                else:
                    cursor.executemany(made.sql, [made.bind(each) for each in sets])

    def _for(self, values: Mapping[str, Any]) -> "_Made":
        dialect = db.engine.dialect
        sizes = tuple(_padded(len(values[name])) for name in self._lists)
        made = self._made.get((dialect.name, sizes))
        if made is None:
            lists = dict(zip(self._lists, sizes, strict=True))
            made = _Made(self._statement, self._columns, values, lists, dialect)
            self._made[dialect.name, sizes] = made
        return made


class Insertion:
    """Inserts rows of a table that have the columns `names`, whether many or one.

    `on_conflict` are the columns of a key: a row that is there already is changed instead. PostgreSQL takes all
    rows in one statement, as JSON, where the driver would send and the server run each by itself.
    """

    def __init__(self, table: Table, names: Sequence[str], on_conflict: Sequence[str] = ()) -> None:
        left_out = [each.name for each in table.c if each.default is not None and each.name not in names]
        if left_out:
            raise TypeError(f"{table.name} needs {left_out}: defaults are not filled in here")
        self._columns = [table.c[name] for name in names]
        self._by_row = Prepared(_upsert(sqlite.insert(table), on_conflict, names), names)
        sent = func.json_to_recordset(cast(bindparam("rows", type_=Text), postgresql.JSON))
        row = sent.table_valued(
            *(column(each.name, Text() if _is_json(each) else each.type) for each in self._columns)
        ).render_derived(with_types=True)
        values = [
            cast(row.c[each.name], each.type) if _is_json(each) else row.c[each.name]
            for each in self._columns
        ]
        whole = postgresql.insert(table).from_select(names, select(*values), include_defaults=False)
        self._as_json = Prepared(_upsert(whole, on_conflict, names))

    def run(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert the rows, each with just the columns `names`."""
        if not rows:
            return
        if db.engine.dialect.name != "postgresql":
            self._by_row.run(rows)
        else:
            self._as_json.run([{"rows": json.dumps(self._bound(rows), default=_as_json)}])

    def _bound(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        dialect = db.engine.dialect
        parts = [
            (each.name, json.dumps if _is_json(each) else _binding(each.type, dialect))
            for each in self._columns
        ]
        return [
            {name: process(row[name]) if process else row[name] for name, process in parts} for row in rows
        ]


def _is_json(each: Column[Any]) -> bool:
    """Say whether a column holds JSON: inside of JSON that is text, for it may name what PostgreSQL cannot."""
    return isinstance(each.type, JSON)


def _as_json(value: Any) -> str:
    """Write what JSON has no form for as PostgreSQL reads it."""
    raw = getattr(value, "obj", value)  # the driver wraps bytes
    return "\\x" + raw.hex() if isinstance(raw, bytes) else str(raw.isoformat())


def _upsert(statement: Any, on_conflict: Sequence[str], names: Sequence[str]) -> Any:
    statement = statement.inline()
    if not on_conflict:
        return statement
    changed = {name: statement.excluded[name] for name in names if name not in on_conflict}
    return statement.on_conflict_do_update(index_elements=on_conflict, set_=changed)


STARTED: list[Callable[[str], None]] = []
"""What is told the SQL of each statement of this module before it runs; SQLAlchemy's events do not see them."""


@contextmanager
def _running(sql: str) -> Iterator[Any]:
    """Give a cursor of the driver in the session's transaction; a failure is told as SQLAlchemy tells it."""
    session = db.session()
    session.flush()
    connection = _connection(session)
    for tell in STARTED:
        tell(sql)
    fairy = connection.connection
    cursor = fairy.cursor()
    try:
        yield cursor
    except connection.dialect.loaded_dbapi.Error as error:
        if connection.dialect.is_disconnect(error, fairy.dbapi_connection, cursor):
            connection.invalidate(error)
        raise DBAPIError.instance(
            sql, None, error, connection.dialect.loaded_dbapi.Error, hide_parameters=True
        ) from error
    finally:
        cursor.close()


def _connection(session: Session) -> Connection:
    """Return the session's connection, asked for once in each transaction and savepoint: asking begins them."""
    kept: tuple[object, Connection] | None = session.info.get("connection")
    if kept is None or kept[0] is not _innermost(session) or kept[1].closed:
        connection = session.connection()
        kept = session.info["connection"] = (_innermost(session), connection)
    return kept[1]


def _innermost(session: Session) -> object:
    return session.get_nested_transaction() or session.get_transaction()


def _padded(size: int) -> int:
    """Return how many places a list of `size` gets: few forms of one statement, so that each is made once."""
    return 1 << max(size - 1, 0).bit_length()


class _Made:
    """A statement's SQL for one dialect and one size of each list, with what its values go through."""

    def __init__(
        self,
        statement: Any,
        columns: Sequence[str] | None,
        values: Mapping[str, Any],
        lists: Mapping[str, int],
        dialect: Dialect,
    ) -> None:
        self._lists = lists
        if lists:
            places = {name: [None] * lists[name] if name in lists else None for name in values}
            compiled = statement.params(places).compile(
                dialect=dialect, compile_kwargs={"render_postcompile": True}
            )
        else:
            compiled = statement.compile(dialect=dialect, column_keys=columns)
        self.sql = str(compiled)
        self._order: Sequence[str] | None = compiled.positiontup
        self._fixed = {}
        self._given: list[tuple[str, Process]] = []
        for name, bind in compiled.binds.items():
            process = _binding(bind.type, dialect)
            if name in values:
                self._given.append((name, process))
            elif not name.startswith("%("):
                self._fixed[name] = process(bind.value) if process else bind.value
        given = dict(self._given)
        is_plain = self._order is not None and given.keys() == set(self._order) and not self._lists
        self._in_order = [(name, given[name]) for name in self._order or ()] if is_plain else None
        self._results: list[tuple[int, Process]] = []
        if isinstance(statement, Select):
            kinds = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
            processes = [kind.result_processor(dialect, None) for kind in kinds]
            self._results = [(place, each) for place, each in enumerate(processes) if each is not None]

    def bind(self, values: Mapping[str, Any]) -> Any:
        """Return the driver's parameters."""
        if self._in_order is not None:
            return tuple(
                [process(values[name]) if process else values[name] for name, process in self._in_order]
            )
        bound = dict(self._fixed)
        for name, process in self._given:
            value = values[name]
            if name in self._lists:
                for place in range(self._lists[name]):
                    each = value[place] if place < len(value) else None
                    bound[f"{name}_{place + 1}"] = process(each) if process else each
            else:
                bound[name] = process(value) if process else value
        return bound if self._order is None else tuple([bound[name] for name in self._order])

    def read(self, found: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the driver's rows with their values as the columns' types have them."""
        if not self._results:
            return list(found)
        read = []
        for row in found:
            values = list(row)
            for place, process in self._results:
                values[place] = process(values[place])
            read.append(tuple(values))
        return read


@cache
def _binding(kind: Any, dialect: Dialect) -> Process:
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if process is not None and isinstance(kind, (Date, Enum, UTCDateTime)):
        return lru_cache(maxsize=1024)(process)  # the same few days, moments and words over and over
    return process
