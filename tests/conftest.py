"""What every test may ask for: the app on a real database built by the migrations, clients, query counts.

`TEST_DATABASE=sqlite` (default) or `postgresql` chooses the database; `bin/test` runs all on both. Each test
lives in one transaction that is rolled back at its end; requests and commits inside it are savepoints.
"""

import contextvars
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.config import Config
from app.core import crypto
from app.core.database import db
from app.core.statements import STARTED
from tests import factories, postgresql

DATA_KEY = crypto.new_key()
DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
IN_CI = os.environ.get("CI") == "true"

# Examples are found by their seed again and again; a slow machine is not a bug.
settings.register_profile(
    "tests", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("tests")

_SERVER = pytest.StashKey[str]()
_STACK = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-database", action="store_true", help="leave out tests that use no database")


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL once; the processes of xdist share it."""
    if DATABASE not in {"sqlite", "postgresql"}:
        raise pytest.UsageError(f"TEST_DATABASE is sqlite or postgresql, not {DATABASE}")
    if DATABASE != "postgresql":
        return
    if (handed_down := getattr(config, "workerinput", None)) is not None:
        config.stash[_SERVER] = handed_down["postgresql"]
        return
    stack = config.stash[_STACK] = ExitStack()
    try:
        config.stash[_SERVER] = stack.enter_context(postgresql.running())
    except postgresql.Missing as missing:
        if IN_CI:
            raise
        pytest.exit(f"Not tested on PostgreSQL. {missing}", returncode=0)


def pytest_configure_node(node: Any) -> None:
    """Tell a process of xdist where the server is."""
    node.workerinput["postgresql"] = node.config.stash.get(_SERVER, None)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash.get(_STACK, ExitStack()).close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--only-database"):
        without = [item for item in items if "new_database" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in set(without)]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests talk to this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in {
            "127.0.0.1",
            "::1",
            "localhost",
        }:
            raise RuntimeError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


# --- databases ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def new_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """Make an empty database of the given name and return its URL."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")

    def make(name: str) -> str:
        if DATABASE == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('database') / name}.sqlite3"
        url = request.config.stash[_SERVER]
        with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}_{worker}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}_{worker}"')
        return str(url.format(f"{name}_{worker}"))

    return make


@pytest.fixture(scope="session")
def make_app(
    new_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Flask]]:
    """Make an app on an empty database of its own, for tests of migrations, setup and the like.

    Nothing there is rolled back, and its clients and commands run as they are.
    """
    made: list[Flask] = []

    def make(name: str) -> Flask:
        instance = tmp_path_factory.mktemp("instance")
        app = create_app(
            Config(database_url=new_database(name), secret_key="tests", data_key=DATA_KEY, instance=instance)
        )
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def migrated_app(make_app: Callable[[str], Flask]) -> Flask:
    """The app of this process, its database built by the migrations. Tests ask for `app` instead."""
    app = make_app("tests")
    app.test_client_class = Client
    app.test_cli_runner_class = CliRunner
    with app.app_context():
        upgrade()
    return app


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The app in a transaction that is rolled back after the test, with an app context for `db.session`."""
    with migrated_app.app_context():
        engines = db._app_engines[migrated_app]
        engine = engines[None]
        db.session.configure(join_transaction_mode="create_savepoint")
        with engine.connect() as connection:
            transaction = connection.begin()
            engines[None] = connection  # type: ignore[assignment] # sessions bind to it as they would to the engine
            try:
                yield migrated_app
            finally:
                db.session.remove()
                engines[None] = engine
                transaction.rollback()


@pytest.fixture
def db_session(app: Flask) -> Session:
    """The session of the test's own app context."""
    return db.session()


# --- clients --------------------------------------------------------------------------------------------------


class Client(FlaskClient):
    """Sends each request as a server would get it: nothing of the test's context is seen in it.

    Before a request the test's unflushed rows are written; after it they are read afresh when next asked for.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs["buffered"] = True
        db.session.flush()
        response: TestResponse = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.expire_all()
        return response

    def sign_in(self, user: Any, device_id: str | None = None) -> "Client":
        """Sign in with the password of all factory users; later changes then carry the CSRF token."""
        body: dict[str, Any] = {"username": user.username, "password": factories.PASSWORD}
        if device_id is not None:
            body["device"] = {"id": device_id, "name": "test phone"}
        answer = self.post("/api/v1/session", json=body)
        assert answer.status_code == 200, answer.text
        self.environ_base["HTTP_X_CSRFTOKEN"] = answer.get_json()["csrf_token"]
        return self


class CliRunner(FlaskCliRunner):
    """Runs a command as a process of its own would: with a fresh app context."""

    def invoke(self, *args: Any, **kwargs: Any) -> Any:
        db.session.flush()
        result = contextvars.Context().run(super().invoke, *args, **kwargs)
        db.session.expire_all()
        return result


@pytest.fixture
def client(app: Flask) -> Client:
    """A client that nobody has signed in with; `client.sign_in(user)` does."""
    made = app.test_client()
    assert isinstance(made, Client)
    return made


@pytest.fixture
def signed_in(app: Flask) -> Callable[..., Client]:
    """Make a client in which `user` has signed in, with a device where `device_id` is given."""

    def make(user: Any, device_id: str | None = None) -> Client:
        made = app.test_client()
        assert isinstance(made, Client)
        return made.sign_in(user, device_id)

    return make


@pytest.fixture
def cli(app: Flask) -> CliRunner:
    """Runs `flask` commands: `result = cli.invoke(args=["setup"])`."""
    made = app.test_cli_runner()
    assert isinstance(made, CliRunner)
    return made


# --- counting -------------------------------------------------------------------------------------------------


@pytest.fixture
def count_queries() -> Callable[[], Any]:
    """Collect the statements run in a `with` block; `len` counts them."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN")):
                statements.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        STARTED.append(statements.append)
        try:
            yield statements
        finally:
            STARTED.remove(statements.append)
            event.remove(Engine, "before_cursor_execute", note)

    return counting
