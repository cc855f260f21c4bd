from datetime import UTC, datetime

from sqlalchemy import bindparam, select

from app.core.clock import now
from app.core.database import db
from app.core.statements import Prepared
from app.models.households import Household
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
