"""Statements whose SQL and column types SQLAlchemy makes once, for those that run on every push.

Nothing else differs from `db.session.execute`: same connection, same transaction, same types. But making the SQL
and its result anew costs some ten times what a small statement costs the database, and a push runs twenty.
Where a statement runs seldom, or its rows are wanted as objects, the session is the plainer choice.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Executable, Row, Select

from app.core.database import db

Process = Any  # what SQLAlchemy gives to turn a value into the driver's, or back; None: as it is


class Prepared:
    """A select, insert or update with bound parameters; those of `in_(bindparam(…, expanding=True))` take lists.

    An insert or update that names no parameters itself gets them from `columns`.
    """

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._made: dict[tuple[str, tuple[int, ...]], _Made] = {}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Run it once and return its rows, columns in the order selected."""
        db.session.flush()
        made = self._for(values)
        found = db.session.connection().exec_driver_sql(made.sql, made.bind(values))
        return made.read(found.fetchall())

    def run(self, sets: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each set of values; all sets have the same names. No lists here."""
        if sets:
            db.session.flush()
            made = self._for({})
            made_sets = [made.bind(each) for each in sets]
            db.session.connection().exec_driver_sql(
                made.sql, made_sets if len(made_sets) > 1 else made_sets[0]
            )

    def _for(self, values: Mapping[str, Any]) -> "_Made":
        dialect = db.engine.dialect
        sizes = tuple(_padded(len(each)) for each in values.values() if isinstance(each, list))
        made = self._made.get((dialect.name, sizes))
        if made is None:
            made = self._made[dialect.name, sizes] = _Made(self._statement, self._columns, values, dialect)
        return made


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
        dialect: Dialect,
    ) -> None:
        self._lists = {name: _padded(len(each)) for name, each in values.items() if isinstance(each, list)}
        if values:
            places = {name: [None] * self._lists[name] if name in self._lists else None for name in values}
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
            process = _binding(bind, dialect)
            if name in values or bind.required:
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

    def read(self, found: Sequence[Row[Any]]) -> list[tuple[Any, ...]]:
        """Return the driver's rows with their values as the columns' types have them."""
        if not self._results:
            return [tuple(row) for row in found]
        read = []
        for row in found:
            values = list(row)
            for place, process in self._results:
                values[place] = process(values[place])
            read.append(tuple(values))
        return read


def _binding(bind: Any, dialect: Dialect) -> Process:
    return bind.type.dialect_impl(dialect).bind_processor(dialect)
