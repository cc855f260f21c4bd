from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from app.core.clock import now
from app.core.database import db
from app.core.statements import Insertion, Prepared
from app.models.households import Household, Member
from app.models.sync import Device
from app.rules.vocabulary import ConsentAnswer
from tests import factories

_HOMES = Prepared(
    select(
        Household.id,
        Household.consent_answer,
        Household.registered_at,
        Household.registered_on,
        Household.revisions,
        Household.head_name,
        Household.code,
    ).where(Household.id.in_(bindparam("ids", expanding=True)), Household.consent_answer == ConsentAnswer.YES)
)


def test_rows_are_what_the_session_would_give(app):
    homes = [factories.household(head_name=f"Mẫu {number}") for number in range(5)]
    ids = [home.id for home in homes]
    expected = {
        (home.id, home.consent_answer, home.registered_at, home.registered_on, home.head_name, home.code)
        for home in homes
    }
    for asked in (ids, ids[:3], ids[:1]):
        rows = _HOMES.rows(ids=asked)
        assert {(*row[:4], *row[5:]) for row in rows} == {each for each in expected if each[0] in asked}
        assert [row[4] for row in rows] == [homes[0].revisions] * len(asked)
    assert _HOMES.rows(ids=[]) == []


def test_what_the_session_holds_is_seen_and_changed(app):
    user = factories.user()
    device = Device(
        id="d", user_id=user.id, name="x", secret="s", receipt_head=0, created_at=now(), seen_at=now()
    )
    db.session.add(device)
    head = Prepared(select(Device.receipt_head).where(Device.id == bindparam("which")))
    assert head.rows(which="d") == [(0,)]
    table = db.metadata.tables["devices"]
    change = Prepared(
        table.update()
        .where(table.c.id == bindparam("which"))
        .values(receipt_head=bindparam("head"), seen_at=bindparam("at"))
    )
    at = datetime(2026, 11, 24, 8, tzinfo=UTC)
    change.run([{"which": "d", "head": 7, "at": at}, {"which": "nobody", "head": 8, "at": at}])
    change.run([])
    db.session.refresh(device)
    assert (device.receipt_head, device.seen_at, device.name) == (7, at, "x")


def test_rows_are_inserted_whatever_their_types_and_changed_where_the_key_is_known(app):
    home = factories.household()
    table = db.metadata.tables["members"]
    members = Insertion(table, ["household_id", "id", "label"], on_conflict=["household_id", "id"])
    labels = {"m1": "Mẫu “một” \\x00", "m2": None, "m3": "ba\n\t{}"}
    members.run([{"household_id": home.id, "id": each, "label": label} for each, label in labels.items()])
    members.run([{"household_id": home.id, "id": "m2", "label": "hai"}])
    members.run([])
    found = db.session.execute(select(Member.id, Member.label).where(Member.household_id == home.id))
    assert dict(found.all()) == labels | {"m2": "hai"}


def test_columns_with_defaults_may_not_be_left_out(app):
    with pytest.raises(TypeError, match="revised_by"):
        Insertion(db.metadata.tables["households"], ["id"])


def test_a_failure_is_told_as_sqlalchemy_tells_it_and_hides_the_values(app):
    home = factories.household()
    member = Insertion(db.metadata.tables[Member.__tablename__], ["household_id", "id", "label"])
    row = {"household_id": home.id, "id": "m1", "label": "chị Mẫu"}
    member.run([row])

    def twice() -> None:
        with db.session.begin_nested():
            member.run([row | {"id": "m2"}])
            member.run([row])

    with pytest.raises(IntegrityError) as caught:
        twice()
    assert "Mẫu" not in str(caught.value)
    known = Prepared(select(Member.id).where(Member.household_id == bindparam("home")))
    assert known.rows(home=home.id) == [("m1",)]
