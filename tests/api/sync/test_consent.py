"""Without a yes nothing personal is in the database, and with one nothing of it can be read there."""

from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from app.core.database import db
from app.models.households import Household, Member
from app.models.operations import Operation
from app.models.visits import Visit
from tests.phones import PERSONAL, member

LABEL, NOTE, REASON = "cô Hai Nhãn", "ghi chú kín đáo", "lý do riêng tư"


def everything_stored() -> str:
    """Return every cell of every table as the database has it, bytes also as the text they may hold."""
    cells: list[str] = []
    for table in inspect(db.engine).get_table_names():
        for row in db.session.execute(text(f'SELECT * FROM "{table}"')):
            for cell in row:
                is_bytes = isinstance(cell, bytes | memoryview)
                cells.append(bytes(cell).decode("utf-8", "replace") if is_bytes else str(cell))
    return "\n".join(cells)


def readable_bodies() -> str:
    """Return the operations as whoever holds the key could read them."""
    return "\n".join(row.body for row in db.session.query(Operation))


def push_all(place: Any, answer: str) -> list[Any]:
    home = place.phone.register(place.here, answer=answer, **PERSONAL)
    visit = place.phone.visit(home, note=NOTE, members=[member("m1", label=LABEL, phone="smartphone")])
    results: list[Any] = place.phone.results(home, visit, place.phone.withdraw(visit, REASON))
    return results


@pytest.mark.parametrize("answer", ["no", "later"])
def test_without_a_yes_personal_fields_and_labels_are_left_out_and_the_phone_is_told(place, answer):
    results = push_all(place, answer)
    assert [(each["outcome"], each["code"]) for each in results] == [
        ("stored", "consent.stripped"),
        ("stored", "consent.stripped"),
        ("stored", None),
    ]
    home = db.session.query(Household).one()
    assert (home.address, home.head_name, home.phone) == (None, None, None)
    assert all(row.label is None for row in db.session.query(Member))
    for personal in (*PERSONAL.values(), LABEL):
        assert personal not in readable_bodies()


@pytest.mark.parametrize("answer", ["yes", "no", "later"])
def test_no_plaintext_of_anything_personal_is_stored(place, answer):
    push_all(place, answer)
    # and the ways into quarantine: malformed, someone else's, another's number, unknown kinds, waiting
    place.phone.push(place.phone.register(place.here, answer=answer, **PERSONAL, code=7))
    place.phone.push(place.phone.register(place.here, answer=answer, **PERSONAL, team_id=place.other_team.id))
    place.phone.push(place.phone.operation("household.sing", PERSONAL))
    place.phone.push({"type": None, "data": PERSONAL})
    home = place.home(**PERSONAL)
    place.phone_of().push(home)
    place.phone.push(home | {"recorded_at": "2025-06-13T00:00:00Z"})
    unseen = place.phone.visit(
        "0195d4c5-0000-7000-8000-000000000000", members=[member("m1", label=LABEL)], note=NOTE
    )
    assert place.phone.results(unseen)[0]["outcome"] == "deferred"
    stored = everything_stored()
    assert place.volunteer.username in stored  # we do look
    for personal in (*PERSONAL.values(), LABEL, NOTE, REASON):
        assert personal not in stored


def test_with_a_yes_the_team_can_read_what_it_wrote(place):
    home = place.phone.register(place.here, **PERSONAL)
    visit = place.phone.visit(home, note=NOTE, members=[member("m1", label=LABEL)])
    place.phone.store(home, visit)
    told = next(item for item in place.phone.pull()["items"] if item["kind"] == "household")
    assert {name: told[name] for name in PERSONAL} == PERSONAL
    assert told["last_visit"]["note"] == NOTE
    assert told["last_visit"]["members"][0]["label"] == LABEL
    assert db.session.query(Visit).one().note == NOTE


def test_nothing_to_leave_out_is_nothing_to_tell(place):
    home = place.phone.register(place.here, answer="no", head_name=None, address="", phone="  ")
    visit = place.phone.visit(home, members=[member("m1", label=None), member("m2", label="")])
    place.phone.store(home, visit)


def test_the_receipt_still_proves_what_was_sent_when_names_were_left_out(place):
    home = place.phone.register(place.here, answer="no", **PERSONAL)
    first = place.phone.results(home)[0]
    again = place.phone.results(home)[0]
    assert (again["outcome"], again["code"]) == ("duplicate", "consent.stripped")
    assert again["receipt"] == first["receipt"]


def test_refused_work_about_a_home_without_consent_keeps_nothing_personal(place):
    home = place.phone.register(place.here, answer="no")
    place.phone.store(home)
    home_id = home["data"]["id"]
    later = place.phone.visit(home, visited_on="2199-01-01", members=[member("m1", label="chị Kín")])
    torn = place.phone.visit(home, outcome="dancing", members=[member("m1", label="chị Kín")])
    moved = place.phone.operation(
        "household.amend",
        {"id": home_id, "changes": {"unit_id": "nowhere", "head_name": "Bà Kín"}, "base": {}},
    )
    unknown = place.phone.operation("household.praise", {"household_id": home_id, "head_name": "Bà Kín"})
    codes = [each["code"] for each in place.phone.results(later, torn, moved, unknown)]
    assert codes == ["visit.in_future", "op.malformed", "units.unknown", "op.unknown_type"]
    reused = place.phone.operation(
        "visit.record", {"household_id": home_id, "note": "x", "members": [{"label": "Kín"}]}
    )
    reused["op_id"] = later["op_id"]
    assert place.phone.results(reused)[0]["code"] == "op.reused"
    bodies = db.session.scalars(select(Operation.body)).all()
    assert len(bodies) == 6
    assert not [body for body in bodies if "Kín" in body]
