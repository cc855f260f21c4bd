"""Migrations and models agree, up and down, and there is one way from the first to the last."""

import re
from collections.abc import Callable
from pathlib import Path

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from app.core.database import Model, db

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Model.metadata))


def test_models_and_migrations_agree_up_and_down_and_up_again(make_app: Callable[[str], Flask]):
    with make_app("migrations").app_context():
        flask_migrate.upgrade()
        assert differences() == []
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        flask_migrate.upgrade()
        assert differences() == []


def test_migrations_are_numbered_without_a_gap_and_have_one_head():
    names = sorted(path.name for path in (FOLDER / "versions").glob("*.py"))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", each) for each in names), names
    assert [int(each[:4]) for each in names] == list(range(1, len(names) + 1))
    assert len(ScriptDirectory(str(FOLDER)).get_heads()) == 1
