"""What an official decides of work in quarantine and of fields changed on both sides, and what follows from it."""

import json
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.core.errors import NotFound
from app.core.ids import new_id
from app.models.audit import AuditEntry
from app.models.households import Household
from app.models.operations import FieldConflict, Operation
from app.models.users import User
from app.models.visits import Visit
from app.queries import operations as looks
from app.rules.permissions import Actor
from app.rules.vocabulary import OperationOutcome, Role, Settlement
from app.schemas.operations import read
from app.services import households, operations, visits
from tests import factories
from tests.phones import PERSONAL, Phone


@pytest.fixture
def scene(app, signed_in):
    """Two communes; in the first two hamlets, each with a team and a phone, and the official of each commune."""
    factories.epoch()
    commune, elsewhere = factories.commune(), factories.commune()
    here, there = factories.hamlet(parent=commune), factories.hamlet(parent=commune)
    team, other_team = factories.team(here), factories.team(there)
    author = factories.user(team=team)
    official = factories.user(Role.OFFICIAL, unit=commune)
    stranger = factories.user(Role.OFFICIAL, unit=elsewhere)
    return SimpleNamespace(
        here=here,
        there=there,
        author=author,
        team=team,
        phone=Phone(signed_in, author, team),
        colleague=Phone(signed_in, factories.user(team=team), team),
        other=Phone(signed_in, factories.user(team=other_team), other_team),
        official=Actor(id=official.id, role=official.role, unit_id=commune.id),
        stranger=Actor(id=stranger.id, role=stranger.role, unit_id=elsewhere.id),
    )


def row(session, operation):
    return session.get_one(Operation, operation["op_id"])


def home(session, registration):
    return session.get(Household, registration["data"]["id"])


def noted(session, action):
    query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
    return [(each.subject_id, each.details) for each in session.scalars(query)]


def foreign_visit(scene):
    """A visit to a home of the hamlet next door; kept for the official."""
    registration = scene.other.register(scene.there)
    scene.other.store(registration)
    visit = scene.phone.visit(registration)
    assert scene.phone.outcomes(visit) == [("out_of_scope", "household.not_yours")]
    return visit


# --- taking in ------------------------------------------------------------------------------------------------


def test_work_outside_the_authors_area_is_taken_in_as_the_authors(scene, db_session):
    visit = foreign_visit(scene)
    taken = operations.take_in(scene.official, visit["op_id"], read)
    assert (taken.outcome, taken.settlement) == (OperationOutcome.STORED, Settlement.TAKEN_IN)
    assert taken.settled_by_id == scene.official.id
    assert db_session.get_one(Visit, visit["data"]["id"]).author_id == scene.author.id
    assert noted(db_session, "operations.take_in") == [(visit["op_id"], {"outcome": "stored", "code": None})]
    assert looks.quarantine(scene.official) == []


def test_what_waited_for_it_follows(scene, db_session):
    registration = scene.phone.register(scene.here, team_id=scene.other.team_id)
    first = scene.phone.visit(registration, team_id=scene.phone.team_id)
    second = scene.phone.correct(first)
    assert scene.phone.outcomes(second, first, registration) == [
        ("deferred", "household.waited_for"),
        ("deferred", "household.waited_for"),
        ("out_of_scope", "team.not_yours"),
    ]
    operations.take_in(scene.official, registration["op_id"], read)
    assert home(db_session, registration) is not None
    assert [row(db_session, each).outcome for each in (first, second)] == [OperationOutcome.STORED] * 2
    assert row(db_session, first).settlement is None
    assert db_session.get_one(Visit, second["data"]["id"]).is_counting


def test_what_still_cannot_be_taken_in_keeps_its_new_reason(scene, db_session):
    visit = foreign_visit(scene)
    stored = row(db_session, visit)
    raw = json.loads(stored.body)
    raw["data"]["id"] = factories.visit().id
    stored.body = json.dumps(raw)
    with pytest.raises(operations.StillRefused) as refused:
        operations.take_in(scene.official, visit["op_id"], read)
    assert refused.value.keeps_changes
    assert (stored.outcome, stored.code, stored.settlement) == (
        OperationOutcome.INVALID,
        "visit.exists",
        None,
    )
    assert looks.quarantine(scene.official) == [stored]


def test_what_could_not_be_opened_keeps_saying_so(scene, db_session):
    sealed = factories.operation(
        author=scene.author, type=None, outcome=OperationOutcome.INVALID, code="op.unreadable"
    )
    sealed.body = json.dumps({"sealed": "nonsense"})
    with pytest.raises(operations.StillRefused):
        operations.take_in(scene.official, sealed.op_id, read)
    assert (sealed.code, sealed.fields) == ("op.unreadable", None)


def test_all_of_one_sender_is_taken_in_and_one_that_fails_stops_no_other(scene, db_session):
    registration = scene.phone.register(scene.here, team_id=scene.other.team_id)
    visit = scene.phone.visit(registration, team_id=scene.other.team_id)
    broken = scene.phone.visit(registration, visited_on="2199-01-01", recorded_at="2025-06-12T03:00:00Z")
    scene.phone.results(visit, broken, registration)
    others = foreign_visit(scene)
    colleague = scene.other.visit(scene.phone.register(scene.here))
    scene.other.results(colleague)
    assert operations.take_in_all(scene.official, scene.author.id, read) == (3, 4)
    assert {row(db_session, each).settlement for each in (registration, visit, others)} == {
        Settlement.TAKEN_IN
    }
    assert (row(db_session, broken).code, row(db_session, broken).settlement) == ("visit.in_future", None)
    assert row(db_session, colleague).settlement is None
    assert len(noted(db_session, "operations.take_in")) == 4


def test_an_unexpected_failure_stops_no_other(scene, db_session, monkeypatch):
    bad, good = foreign_visit(scene), foreign_visit(scene)
    record = visits.record

    def fail(author, data, **rest):
        if data["id"] == bad["data"]["id"]:
            raise ZeroDivisionError
        return record(author, data, **rest)

    monkeypatch.setattr(visits, "record", fail)
    assert operations.take_in_all(scene.official, scene.author.id, read) == (1, 2)
    assert row(db_session, bad).code == "op.failed"
    assert row(db_session, good).settlement is Settlement.TAKEN_IN


# --- setting aside --------------------------------------------------------------------------------------------


def test_setting_aside_keeps_the_work_and_tells_its_author_why(scene, db_session):
    visit = foreign_visit(scene)
    operations.set_aside(scene.official, visit["op_id"], "  Nhà này tổ bên đã thăm ")
    stored = row(db_session, visit)
    assert (stored.settlement, stored.settlement_reason) == (
        Settlement.SET_ASIDE,
        "Nhà này tổ bên đã thăm",
    )
    assert json.loads(stored.body)["data"] == visit["data"]
    assert db_session.get(Visit, visit["data"]["id"]) is None
    assert looks.quarantine(scene.official) == []
    assert [subject for subject, _ in noted(db_session, "operations.set_aside")] == [visit["op_id"]]
    listed = scene.phone.client.get(
        "/api/v1/sync/receipts", query_string={"device_id": scene.phone.device_id}
    ).json["items"]
    assert [(each["settlement"], each["settlement_reason"]) for each in listed] == [
        ("set_aside", "Nhà này tổ bên đã thăm")
    ]


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 501])
def test_setting_aside_needs_a_reason(scene, db_session, reason):
    visit = foreign_visit(scene)
    with pytest.raises(operations.ReasonMissing):
        operations.set_aside(scene.official, visit["op_id"], reason)
    assert row(db_session, visit).settlement is None


def test_what_was_set_aside_is_not_taken_in_when_its_home_arrives(scene, db_session):
    registration = scene.phone.register(scene.here)
    visit = scene.phone.visit(registration)
    scene.phone.results(visit)
    operations.set_aside(scene.official, visit["op_id"], "nhầm nhà")
    scene.phone.store(registration)
    assert db_session.get(Visit, visit["data"]["id"]) is None
    assert row(db_session, visit).outcome is OperationOutcome.DEFERRED


# --- whose it is to decide, and once only ---------------------------------------------------------------------


def test_another_communes_official_finds_nothing(scene, db_session):
    visit = foreign_visit(scene)
    clash = conflict(scene, db_session)[0]
    with pytest.raises(NotFound):
        operations.take_in(scene.stranger, visit["op_id"], read)
    with pytest.raises(NotFound):
        operations.take_in_all(scene.stranger, scene.author.id, read)
    with pytest.raises(NotFound):
        operations.set_aside(scene.stranger, visit["op_id"], "x")
    with pytest.raises(NotFound):
        households.settle(scene.stranger, clash.id, take_offered=True)
    assert row(db_session, visit).settlement is None
    assert looks.count_to_settle(scene.stranger) == 0
    assert looks.count_to_settle(scene.official) == 2


def test_what_is_settled_is_not_settled_again(scene):
    taken, aside = foreign_visit(scene), foreign_visit(scene)
    operations.take_in(scene.official, taken["op_id"], read)
    operations.set_aside(scene.official, aside["op_id"], "x")
    for visit in (taken, aside):
        with pytest.raises(households.AlreadySettled):
            operations.take_in(scene.official, visit["op_id"], read)
        with pytest.raises(households.AlreadySettled):
            operations.set_aside(scene.official, visit["op_id"], "y")
    with pytest.raises(NotFound):
        operations.take_in_all(scene.official, scene.author.id, read)


def test_nothing_of_that_name_is_not_found(scene):
    with pytest.raises(NotFound):
        operations.take_in(scene.official, new_id(), read)


def test_work_that_names_neither_home_nor_team_lies_with_its_authors_commune(scene, db_session):
    unknown = scene.phone.operation("visit.sing", {})
    scene.phone.results(unknown)
    brought = factories.operation(
        author=db_session.get_one(User, scene.official.id),
        outcome=OperationOutcome.INVALID,
        code="op.unproven",
    )
    waiting = {each.op_id for each in looks.quarantine(scene.official)}
    assert waiting == {unknown["op_id"], brought.op_id}
    assert looks.quarantine(scene.stranger) == []


# --- fields changed on both sides -----------------------------------------------------------------------------


def conflict(scene, session, field="phone", ours="0911", theirs="0922"):
    """Let two phones change a field of one home; return what the official finds, and the home."""
    registration = scene.phone.register(scene.here, **PERSONAL)
    scene.phone.store(registration)
    data = {"id": registration["data"]["id"], "base": {field: 1}}
    scene.phone.store(scene.phone.operation("household.amend", data | {"changes": {field: ours}}))
    late = scene.colleague.operation("household.amend", data | {"changes": {field: theirs}})
    assert scene.colleague.outcomes(late) == [("conflict", None)]
    return session.scalars(select(FieldConflict)).one(), home(session, registration)


def test_keeping_the_servers_value_closes_the_conflict(scene, db_session):
    clash, found = conflict(scene, db_session)
    households.settle(scene.official, clash.id, take_offered=False)
    assert (found.phone, clash.took_offered, clash.settled_by_id) == ("0911", False, scene.official.id)
    assert looks.open_conflicts(scene.official) == []
    assert noted(db_session, "operations.settle") == [(found.id, {"field": "phone", "took_offered": False})]


def test_taking_the_phones_value_reaches_the_teams(scene, db_session):
    clash, found = conflict(scene, db_session)
    cursor = scene.phone.pull()["cursor"]
    households.settle(scene.official, clash.id, take_offered=True)
    assert (found.phone, found.revisions["phone"]) == ("0922", 3)
    told = [each for each in scene.phone.pull(cursor)["items"] if each["kind"] == "household"]
    assert [each["phone"] for each in told] == ["0922"]


def test_the_hamlet_of_the_phone_is_taken(scene, db_session):
    clash, found = conflict(scene, db_session, "unit_id", scene.there.id, scene.here.id)
    households.settle(scene.official, clash.id, take_offered=True)
    assert found.unit_id == scene.here.id


def test_a_conflict_is_settled_once(scene, db_session):
    clash, _ = conflict(scene, db_session)
    households.settle(scene.official, clash.id, take_offered=True)
    with pytest.raises(households.AlreadySettled):
        households.settle(scene.official, clash.id, take_offered=False)
    assert clash.took_offered is True


def test_consent_taken_back_wipes_what_was_in_conflict(scene, db_session):
    clash, found = conflict(scene, db_session)
    refusal = {"answer": "no", "text_version": "2026-01", "at": "2025-06-14T02:00:00Z"}
    data = {"id": found.id, "base": {"consent": 1}, "changes": {"consent": refusal}}
    scene.phone.store(scene.phone.operation("household.amend", data))
    db_session.refresh(clash)
    assert (clash.kept, clash.offered) == (None, None)
    households.settle(scene.official, clash.id, take_offered=True)
    assert found.phone is None
    assert looks.open_conflicts(scene.official) == []
