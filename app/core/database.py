"""The database: `db`, its column types, and what SQLite must be told on connecting.

SQLite runs in WAL mode with synchronous=FULL, because NORMAL may lose commits already acknowledged when
the power fails, which would break the promise of sync. The driver's own transaction handling is off:
we emit BEGIN ourselves, so that savepoints work, and BEGIN IMMEDIATE where the transaction may write,
because a read lock that is upgraded later fails at once with "database is locked". Writers wait for one
another here rather than in SQLite, whose waiting doubles its naps: on two busy workers the lock then lies
unused for a fifth of the time, and some wait for 40 ms where 12 would do.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, Enum, MetaData, Uuid, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """Base of all tables; constraint names follow one convention so that migrations can name them."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Model, disable_autonaming=True)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values, because SQLite drops time zones and would hide the mistake."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any aware instant into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: an instant needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give every instant back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Id(Uuid[str]):
    """A UUID as text. Where the database keeps bare digits (SQLite), dashes are put in without parsing them."""

    def __init__(self) -> None:
        super().__init__(as_uuid=False)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Give the text with its dashes."""
        if dialect.supports_native_uuid:
            return super().result_processor(dialect, coltype)  # type: ignore[no-untyped-call]
        return lambda kept: (
            None if kept is None else f"{kept[:8]}-{kept[8:12]}-{kept[12:16]}-{kept[16:20]}-{kept[20:]}"
        )


def words(enumeration: Any) -> Enum:
    """Make the column type of a vocabulary enumeration: stored as its wire string, without native types."""
    return Enum(
        enumeration,
        native_enum=False,
        create_constraint=False,
        length=24,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


PATIENCE = 10.0
"""Seconds that a statement waits for SQLite's locks before it fails with "database is locked"."""
_NAP = 0.0005

_only_reading: ContextVar[bool] = ContextVar("only_reading", default=False)


@contextmanager
def only_reading() -> Iterator[None]:
    """Begin the transactions inside without the write lock (SQLite: BEGIN instead of BEGIN IMMEDIATE)."""
    token = _only_reading.set(True)
    try:
        yield
    finally:
        _only_reading.reset(token)


@event.listens_for(Engine, "connect")
def _configure_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={PATIENCE * 1000:.0f}",
        "temp_store=MEMORY",
        "cache_size=-65536",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if _only_reading.get():
        connection.exec_driver_sql("BEGIN")
    else:
        _begin_writing(connection)


def _begin_writing(connection: Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    end = time.monotonic() + PATIENCE
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < end:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    break
                time.sleep(_NAP)
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # a failure is told as SQLAlchemy tells all others
    finally:
        driver.execute(f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}")
