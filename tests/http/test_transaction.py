"""Returning commits, raising rolls back, and only a failed sign-in keeps what it wrote although it raised."""

import pytest
from sqlalchemy import func, select

from app.core import errors
from app.core.database import db
from app.models.audit import AuditEntry
from app.models.operations import Operation
from app.models.sessions import SignInAttempt
from app.queries import sync as feed
from app.services import sessions
from tests import factories
from tests.phones import Phone


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def entries():
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()


@pytest.fixture
def phone(app, signed_in):
    factories.epoch()
    team = factories.team()
    return Phone(signed_in, factories.user(team=team), team)


@pytest.mark.parametrize("failure", [RuntimeError("late"), errors.Conflict(), errors.Invalid()])
def test_raising_after_the_work_is_done_leaves_nothing_of_it(phone, monkeypatch, failure):
    before = len(entries())

    def failing():
        raise failure

    monkeypatch.setattr(feed, "epoch", failing)
    answer = phone.push(phone.operation("op.void", {}))
    told = answer.json["error"]
    assert answer.status_code == getattr(failure, "status", 500)
    assert count(Operation) == 0
    assert [entry.details.get("refused") for entry in entries()[before:]] == [
        told["code"]
    ]  # all that is kept


def test_returning_commits(phone):
    phone.store(phone.operation("op.void", {}))
    assert count(Operation) == 1


def test_an_error_that_keeps_changes_commits_them(client):
    client.post("/api/v1/session", json={"username": "nobody", "password": "wrong"})
    assert count(SignInAttempt) == 2
    assert sessions.Refused.keeps_changes
    assert not errors.Unauthenticated.keeps_changes


def test_a_failure_after_a_refusal_does_not_inherit_its_wish(client, phone, monkeypatch):
    client.post("/api/v1/session", json={"username": "nobody", "password": "wrong"})
    monkeypatch.setattr(feed, "epoch", lambda: 1 / 0)
    assert phone.push(phone.operation("op.void", {})).status_code == 500
    assert count(Operation) == 0
