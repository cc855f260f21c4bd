"""Whatever order operations arrive in, from whichever batch, the same state comes of them."""

from itertools import pairwise, permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core.database import db
from app.models.households import Household, Member
from app.models.operations import Operation
from app.models.visits import Observation, Visit, VisitTopic
from tests.phones import member


def chain(place: Any) -> list[dict[str, Any]]:
    """Register, visit, correct it, correct that, withdraw the correction, and revisit."""
    phone = place.phone
    home = phone.register(place.here, recorded_at="2025-06-12T01:00:00Z")
    visit = phone.visit(
        home,
        fibre="none",
        members=[member("m1", label="chị Lan", phone="basic")],
        topics=[{"topic": "vneid", "people": 1}],
    )
    correction = phone.correct(visit, recorded_at="2025-06-13T01:00:00Z", fibre="subscribed")
    second = phone.correct(
        correction, recorded_at="2025-06-14T01:00:00Z", outcome="absent", fibre=None, members=[]
    )
    revisit = phone.visit(
        home, visited_on="2025-06-20", members=[member("m1", label="cô Lan", phone="smartphone")]
    )
    return [home, visit, correction, second, phone.withdraw(second), revisit]


def state(home_id: str) -> dict[str, Any]:
    """Return all that is known of a home but when it arrived."""
    visits = select(Visit).where(Visit.household_id == home_id).order_by(Visit.id)
    ids = select(Visit.id).where(Visit.household_id == home_id)
    return {
        "visits": [
            (
                each.id,
                each.family_id,
                each.corrects_id,
                each.is_counting,
                each.withdrawn_at is None,
                each.outcome,
            )
            for each in db.session.scalars(visits)
        ],
        "seen": sorted(
            (row.visit_id, row.member_id, str(row.phone))
            for row in db.session.scalars(select(Observation).where(Observation.visit_id.in_(ids)))
        ),
        "topics": sorted(
            (row.visit_id, str(row.topic), row.people)
            for row in db.session.scalars(select(VisitTopic).where(VisitTopic.visit_id.in_(ids)))
        ),
        "labels": [
            (row.id, row.label)
            for row in db.session.scalars(select(Member).where(Member.household_id == home_id))
        ],
        "outcomes": {
            row.op_id: (row.outcome, row.code, row.waits_for) for row in db.session.scalars(select(Operation))
        },
    }


@settings(max_examples=30)
@given(data=st.data())
def test_any_order_and_any_batches_end_in_the_same_state(place, data):
    operations = chain(place)
    home_id = operations[0]["data"]["id"]
    order = data.draw(st.permutations(range(len(operations))))
    cuts = data.draw(st.sets(st.integers(1, len(operations) - 1)))
    bounds = [0, *sorted(cuts), len(operations)]
    for first, last in pairwise(bounds):
        batch = [operations[n] for n in order[first:last]]
        assert {each["outcome"] for each in place.phone.results(*batch)} <= {"stored", "deferred"}
    found = state(home_id)
    _, visit, correction, second, _, revisit = operations
    ids = [each["data"]["id"] for each in (visit, correction, second, revisit)]
    counting = {each[0] for each in found["visits"] if each[3]}
    assert [each[0] for each in found["visits"]] == sorted(ids)
    assert counting == {ids[1], ids[3]}
    assert {each[1] for each in found["visits"] if each[0] != ids[3]} == {ids[0]}
    assert {each[0] for each in found["visits"] if not each[4]} == {ids[2]}
    assert found["labels"] == [("m1", "cô Lan")]
    assert found["topics"] == sorted((each, "vneid", 1) for each in ids[:3])
    assert {found["outcomes"][each["op_id"]] for each in operations} == {("stored", None, None)}
    told = [item for item in place.phone.pull(limit=500)["items"] if item.get("id") == home_id]
    assert told[0]["last_visit"]["id"] == ids[3]


def test_every_order_of_register_visit_correction_withdrawal_ends_alike(place):
    """All 24 orders, each operation in a push of its own."""
    ends = []
    for order in permutations(range(4)):
        home = place.phone.register(place.here)
        visit = place.phone.visit(home)
        correction = place.phone.correct(visit, fibre="none")
        operations = [home, visit, correction, place.phone.withdraw(correction)]
        for n in order:
            place.phone.push(operations[n])
        ids = [visit["data"]["id"], correction["data"]["id"]]
        visits = [db.session.get_one(Visit, each) for each in ids]
        ends.append(
            [(each.is_counting, each.withdrawn_at is None, each.family_id == ids[0]) for each in visits]
        )
    assert ends == [[(True, True, True), (False, False, True)]] * 24
    assert len(db.session.scalars(select(Household.id)).all()) == 24


def test_the_same_work_from_two_phones_by_turns_is_stored_once(place):
    """A queue that is retried from the start after each lost answer."""
    operations = chain(place)
    for upto in range(1, len(operations) + 1):
        place.phone.push(*operations[:upto])
    assert len(db.session.scalars(select(Operation.op_id)).all()) == len(operations)
    assert len(db.session.scalars(select(Visit.id)).all()) == 4


def test_corrections_recorded_in_the_same_instant_are_ordered_by_their_ids(place):
    home = place.home()
    visit = place.phone.visit(home)
    one, two = (place.phone.correct(visit, recorded_at="2025-06-13T01:00:00Z") for _ in range(2))
    last = max(one["data"]["id"], two["data"]["id"])
    place.phone.store(visit, two, one)
    assert db.session.scalars(select(Visit.id).where(Visit.is_counting)).all() == [last]


def test_what_corrects_itself_or_goes_in_a_circle_never_breaks_the_server(place):
    home = place.home()
    own = place.phone.visit(home)
    own["data"]["corrects"] = own["data"]["id"]
    one, two = place.phone.visit(home), place.phone.visit(home)
    one["data"]["corrects"], two["data"]["corrects"] = two["data"]["id"], one["data"]["id"]
    outcomes = {each["outcome"] for each in place.phone.results(own, one, two)}
    assert outcomes <= {"deferred", "invalid"}
    assert db.session.scalars(select(Visit.id)).all() == []


def test_an_older_visit_that_arrives_late_does_not_overwrite_newer_labels(place):
    home = place.home()
    new = place.phone.visit(home, visited_on="2025-06-20", members=[member("m1", label="cô Lan")])
    other = place.phone.visit(home, visited_on="2025-06-25", members=[member("m2", label="ông Tư")])
    old = place.phone.visit(
        home, visited_on="2025-06-01", members=[member("m1", label="chị Lan"), member("m3", label="bé")]
    )
    for operation in (other, old, new):
        place.phone.store(operation)
    rows = db.session.scalars(select(Member).order_by(Member.id)).all()
    assert [(row.id, row.label) for row in rows] == [("m1", "cô Lan"), ("m2", "ông Tư"), ("m3", "bé")]
