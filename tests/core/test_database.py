"""SQLite as the app sets it up: one writer after the other, none turned away too soon."""

import threading

import pytest
from sqlalchemy import create_engine, literal, select, text
from sqlalchemy.exc import OperationalError

from app.core import database
from app.core.database import Id, only_reading


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'one.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (text)"))
    yield engine
    engine.dispose()


def count(engine):
    with only_reading(), engine.begin() as connection:
        return connection.execute(text("SELECT count(*) FROM notes")).scalar_one()


def test_a_writer_waits_for_another_while_readers_go_on(engine):
    def write():
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO notes VALUES ('second')"))

    waiting = threading.Thread(target=write)
    with engine.begin() as first:
        first.execute(text("INSERT INTO notes VALUES ('first')"))
        waiting.start()
        assert count(engine) == 0
        assert waiting.is_alive()
    waiting.join()
    assert count(engine) == 2


def test_a_writer_that_waited_in_vain_is_told_so(engine, monkeypatch):
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    with engine.begin(), pytest.raises(OperationalError, match="locked"), engine.begin():
        pass


def test_other_failures_are_told_as_they_are(engine):
    with engine.connect() as connection:
        connection.connection.dbapi_connection.execute("BEGIN")
        with pytest.raises(OperationalError, match="within a transaction"):
            connection.execute(text("SELECT 1"))


def test_ids_are_text_with_dashes_whatever_the_database_keeps(app, db_session):
    given = "0190a3c5-1111-7222-8333-444455556666"
    kept = db_session.scalar(select(literal(given, Id())))
    assert kept == given
    assert db_session.scalar(select(literal(None, Id()))) is None
