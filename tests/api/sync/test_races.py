"""Two phones at the same moment, each on a connection of its own: nothing waits for ever, nothing is overwritten.

Only on PostgreSQL, where the locks of services/ledger.py must see to it. SQLite lets one writer in at a time; the
fault suite has two volunteers at one home there.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from app.core.clock import now
from app.core.database import db
from app.core.ids import new_id
from app.models.households import Household, Member
from app.models.operations import FieldConflict, Operation
from app.models.sync import Epoch
from app.models.users import User
from app.rules.vocabulary import OperationOutcome
from tests import factories
from tests.conftest import DATABASE, Client
from tests.phones import Body, Phone

pytestmark = pytest.mark.skipif(DATABASE != "postgresql", reason="SQLite has one writer at a time")

ROUNDS = 8


@pytest.fixture(scope="module")
def raced(make_app: Callable[[str], Flask]) -> Flask:
    made = make_app("races")
    made.test_client_class = Client
    with made.app_context():
        upgrade()
        db.session.add(Epoch(number=1, id=new_id(), began_at=now()))
        db.session.commit()
    return made


class Pair:
    """Two volunteers of one team."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.hamlet = factories.hamlet()
        team = factories.team(self.hamlet)
        users = [factories.user(team=team) for _ in range(2)]
        db.session.expunge_all()  # what is read again would open a transaction, and hold the write lock
        db.session.commit()
        self.phones = [Phone(self.signed_in, user, team) for user in users]

    def signed_in(self, user: User, device_id: str) -> Client:
        client = self.app.test_client()
        assert isinstance(client, Client)
        signed_in = client.sign_in(user, device_id)
        db.session.rollback()
        return signed_in

    def race(self, *operations: Body) -> list[Body]:
        """Let both phones push their operation at the same moment; return the two results."""
        start = threading.Barrier(2)
        found: dict[int, Body] = {}

        def push(place: int) -> None:
            with self.app.app_context():
                start.wait()
                found[place] = self.phones[place].results(operations[place])[0]

        threads = [threading.Thread(target=push, args=(place,)) for place in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        db.session.rollback()
        return [found[0], found[1]]


def read(query: Any) -> list[Any]:
    """Read in a transaction of its own: an open one would hold SQLite's write lock against the phones."""
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found


@pytest.fixture
def pair(raced: Flask):
    with raced.app_context():
        yield Pair(raced)


def test_a_visit_beside_its_homes_registration_is_taken_in(pair):
    for _ in range(ROUNDS):
        home = pair.phones[0].register(pair.hamlet)
        pair.race(home, pair.phones[1].visit(home))
    waiting = select(Operation.op_id).where(Operation.outcome == OperationOutcome.DEFERRED)
    assert read(waiting) == []


def test_of_two_changes_of_one_field_the_second_is_a_conflict(pair):
    for _ in range(ROUNDS):
        home = pair.phones[0].register(pair.hamlet)
        pair.phones[0].store(home)
        db.session.rollback()
        home_id = home["data"]["id"]
        names = ("Hộ Thử Một", "Hộ Thử Hai")
        changes = [
            phone.operation(
                "household.amend", {"id": home_id, "changes": {"head_name": name}, "base": {"head_name": 1}}
            )
            for phone, name in zip(pair.phones, names, strict=True)
        ]
        outcomes = sorted(each["outcome"] for each in pair.race(*changes))
        assert outcomes == ["conflict", "stored"]
        conflict = db.session.scalars(
            select(FieldConflict).where(FieldConflict.household_id == home_id)
        ).one()
        kept = db.session.get_one(Household, home_id).head_name
        assert {f'"{kept}"', conflict.offered} == {f'"{name}"' for name in names}


def test_changes_of_two_fields_each_count_one_revision(pair):
    for _ in range(ROUNDS):
        home = pair.phones[0].register(pair.hamlet)
        pair.phones[0].store(home)
        db.session.rollback()
        home_id = home["data"]["id"]
        changes = [
            phone.operation("household.amend", {"id": home_id, "changes": {field: "9"}, "base": {field: 1}})
            for phone, field in zip(pair.phones, ("phone", "address"), strict=True)
        ]
        assert [each["outcome"] for each in pair.race(*changes)] == ["stored", "stored"]
        revisions = read(select(Household.revisions).where(Household.id == home_id))[0]
        assert (revisions["phone"], revisions["address"]) == (2, 2)


def test_no_label_outlives_a_consent_taken_back_beside_it(pair):
    for _ in range(ROUNDS):
        home = pair.phones[0].register(pair.hamlet)
        pair.phones[0].store(home)
        db.session.rollback()
        home_id = home["data"]["id"]
        consent = {"answer": "no", "text_version": "2026-01", "at": "2025-06-12T02:00:00Z"}
        withdrawal = pair.phones[0].operation(
            "household.amend", {"id": home_id, "changes": {"consent": consent}, "base": {"consent": 1}}
        )
        member = {"id": "m1", "label": "chị Thử", "sex": "female", "phone": "none", "account": "no"}
        pair.race(withdrawal, pair.phones[1].visit(home, members=[member]))
        labels = select(Member.label).where(Member.household_id == home_id, Member.label.is_not(None))
        assert read(labels) == []
        bodies = select(Operation.body).where(Operation.household_id == home_id)
        assert not any("chị Thử" in body for body in read(bodies))
