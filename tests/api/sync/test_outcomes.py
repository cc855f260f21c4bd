"""Every outcome that a push can answer, and the codes with which it is refused (sync.md)."""

import hashlib
import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.core.clock import today
from app.core.database import db
from app.models.audit import AuditEntry
from app.models.households import Household
from app.models.operations import Operation
from app.models.visits import Observation, Visit
from app.rules.vocabulary import Role
from tests import factories
from tests.phones import Phone, member


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_home_and_its_visit_arrive_with_a_receipt_each(place):
    home = place.phone.register(place.here)
    visit = place.phone.visit(home, fibre="subscribed", members=[member("m1", phone="smartphone", skills=[])])
    answer = place.phone.push(home, visit).json
    assert set(answer) == {"epoch", "server_time", "results"}
    for operation, result in zip((home, visit), answer["results"], strict=True):
        assert (result["outcome"], result["code"], result["fields"]) == ("stored", None, {})
        text = json.dumps(operation, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert result["receipt"]["hash"] == hashlib.sha256(text.encode()).hexdigest()
        assert result["receipt"]["hmac"]
    assert [each["receipt"]["seq"] for each in answer["results"]] == [1, 2]
    stored = db.session.get_one(Visit, visit["data"]["id"])
    assert (stored.visited_on, stored.author_id) == (date(2025, 6, 12), place.volunteer.id)
    assert db.session.scalars(select(Observation.skills)).one() == 0  # assessed, and nothing of it


def test_pushing_the_same_visit_twice_stores_it_once_and_answers_the_first_receipt(place):
    home = place.home()
    visit = place.phone.visit(home)
    first = place.phone.results(visit)[0]
    again = place.phone.results(visit)[0]
    assert again["outcome"] == "duplicate"
    assert again["receipt"] == first["receipt"]
    assert count(Visit) == 1


def test_the_same_operation_twice_in_one_batch_is_stored_once(place):
    home = place.phone.register(place.here)
    first, again = place.phone.results(home, home)
    assert (first["outcome"], again["outcome"]) == ("stored", "duplicate")
    assert first["receipt"] == again["receipt"]
    assert (count(Household), count(Operation)) == (1, 1)


def test_repeating_a_refused_operation_tells_again_why_it_was_refused(place):
    late = place.phone.visit(place.home(), visited_on=(today() + timedelta(days=2)).isoformat())
    place.phone.push(late)
    again = place.phone.results(late)[0]
    assert (again["outcome"], again["code"]) == ("duplicate", "visit.in_future")


def test_another_phone_of_the_same_author_may_repeat_an_operation(place, signed_in):
    home = place.phone.register(place.here)
    receipt = place.phone.results(home)[0]["receipt"]
    second = Phone(signed_in, place.volunteer, place.team)
    assert second.results(home)[0]["receipt"] == receipt


def test_an_op_id_with_other_content_is_refused_and_kept_beside_the_first(place):
    home = place.home()
    other = home | {"data": home["data"] | {"code": "another"}}
    result = place.phone.results(other)[0]
    assert (result["outcome"], result["code"]) == ("invalid", "op.reused")
    assert result["receipt"]["seq"] == 2
    assert (count(Operation), count(Household)) == (2, 1)
    assert place.phone.results(other)[0]["receipt"] == result["receipt"]
    assert count(Operation) == 2


def test_an_op_id_of_another_author_is_refused_without_a_receipt(place):
    home = place.home()
    colleague = place.phone_of()
    result = colleague.results(home)[0]
    assert (result["outcome"], result["code"], result["receipt"]) == ("invalid", "op.reused", None)


def test_registering_a_known_home_again_is_refused(place):
    home = place.home()
    again = place.phone.register(place.here, id=home["data"]["id"], code="2")
    assert place.phone.outcomes(again) == [("invalid", "household.exists")]
    assert db.session.get_one(Household, home["data"]["id"]).code is None


def test_a_visit_id_cannot_be_used_twice(place):
    home = place.home()
    visit = place.phone.visit(home)
    again = place.phone.visit(home, id=visit["data"]["id"], outcome="absent")
    assert place.phone.outcomes(visit, again) == [("stored", None), ("invalid", "visit.exists")]


def test_what_depends_on_something_unseen_waits_and_is_judged_when_that_comes(place):
    home = place.phone.register(place.here)
    visit = place.phone.visit(home)
    correction = place.phone.correct(visit, outcome="absent")
    withdrawal = place.phone.withdraw(correction)
    for operation in (withdrawal, correction, visit):
        assert place.phone.results(operation)[0]["outcome"] == "deferred"
    assert count(Visit) == 0
    place.phone.store(home)
    assert count(Visit) == 2
    assert {row.outcome for row in db.session.scalars(select(Operation))} == {"stored"}
    again = place.phone.results(visit)[0]
    assert (again["outcome"], again["was"]) == ("duplicate", "stored")


def test_a_colleagues_registration_frees_what_waited_for_it(place):
    colleague = place.phone_of()
    home = colleague.register(place.here)
    visit = place.phone.visit(home)
    assert place.phone.results(visit)[0]["outcome"] == "deferred"
    colleague.store(home)
    assert db.session.get_one(Visit, visit["data"]["id"]).author_id == place.volunteer.id


def test_another_teams_home_is_out_of_scope_and_stays_in_quarantine(place):
    stranger = place.phone_of(team=place.other_team)
    home = place.home()
    visit = stranger.visit(home)
    result = stranger.results(visit)[0]
    assert result["outcome"] == "out_of_scope"
    assert result["receipt"]
    row = db.session.get_one(Operation, visit["op_id"])
    assert (row.unit_id, row.team_id) == (place.here.id, place.other_team.id)
    assert count(Visit) == 0


@pytest.mark.parametrize("known", [True, False])
def test_a_team_that_is_not_the_authors_is_out_of_scope(place, known):
    team_id = place.other_team.id if known else str(uuid4())
    home = place.home()
    assert [
        outcome
        for outcome, _ in place.phone.outcomes(
            place.phone.register(place.here, team_id=team_id),
            place.phone.visit(home, team_id=team_id),
        )
    ] == ["out_of_scope", "out_of_scope"]
    assert count(Visit) == 0


def test_a_dissolved_team_takes_no_more_work_whatever_day_the_phone_names(place):
    home = place.home()
    place.team.dissolved_on = today()
    visit = place.phone.visit(home, visited_on="2025-06-12")
    assert place.phone.results(visit)[0]["outcome"] == "out_of_scope"


def test_a_home_in_the_area_of_another_hamlet_that_the_team_registered_is_its_own(place):
    home = place.phone.register(place.there)
    place.phone.store(home, place.phone.visit(home))


def test_only_the_author_corrects_a_visit(place):
    home = place.home()
    visit = place.phone.visit(home)
    place.phone.store(visit)
    leader = place.phone_of(Role.LEADER)
    assert leader.outcomes(leader.correct(visit)) == [("invalid", "visit.not_yours")]


def test_a_leader_withdraws_the_teams_visits_and_a_colleague_does_not(place):
    home = place.home()
    visit = place.phone.visit(home)
    place.phone.store(visit)
    colleague, leader = place.phone_of(), place.phone_of(Role.LEADER)
    assert colleague.outcomes(colleague.withdraw(visit)) == [("invalid", "visit.not_yours")]
    leader.store(leader.withdraw(visit))
    stored = db.session.get_one(Visit, visit["data"]["id"])
    assert (stored.is_counting, stored.withdrawal_reason) == (False, "nhầm nhà")


def test_a_leader_of_another_team_does_not_withdraw(place):
    home = place.home()
    visit = place.phone.visit(home)
    place.phone.store(visit)
    stranger = place.phone_of(Role.LEADER, team=place.other_team)
    assert stranger.outcomes(stranger.withdraw(visit)) == [("invalid", "visit.not_yours")]


def test_withdrawing_twice_changes_nothing(place):
    visit = place.phone.visit(place.home())
    place.phone.store(visit, place.phone.withdraw(visit), place.phone.withdraw(visit, "khác"))
    assert db.session.get_one(Visit, visit["data"]["id"]).withdrawal_reason == "nhầm nhà"


def test_a_withdrawn_visit_may_be_corrected_and_a_corrected_one_withdrawn(place):
    visit = place.phone.visit(place.home())
    correction = place.phone.correct(visit, outcome="absent")
    place.phone.store(visit, place.phone.withdraw(visit), correction)
    counting = select(Visit.id).where(Visit.is_counting)
    assert list(db.session.scalars(counting)) == [correction["data"]["id"]]
    place.phone.store(place.phone.withdraw(visit))
    assert list(db.session.scalars(counting)) == [correction["data"]["id"]]


def test_a_correction_may_move_a_visit_to_the_right_home(place):
    wrong, right = place.home(), place.home()
    visit = place.phone.visit(wrong)
    place.phone.store(visit)
    cursor = place.phone.pull()["cursor"]
    place.phone.store(place.phone.correct(visit, household_id=right["data"]["id"]))
    told = {item["id"]: item for item in place.phone.pull(cursor)["items"]}
    assert told[right["data"]["id"]]["last_visit"]["corrects"] == visit["data"]["id"]
    assert told[wrong["data"]["id"]]["last_visit"] is None


def test_a_visit_may_be_dated_tomorrow_but_not_later(place):
    home = place.home()
    tomorrow = place.phone.visit(home, visited_on=(today() + timedelta(days=1)).isoformat())
    later = place.phone.visit(home, visited_on=(today() + timedelta(days=2)).isoformat())
    assert place.phone.outcomes(tomorrow, later) == [("stored", None), ("invalid", "visit.in_future")]


def test_a_visit_may_be_years_old(place):
    place.phone.store(place.phone.visit(place.home(), visited_on="2022-01-01"))


def test_nobody_is_born_after_the_visit(place):
    home = place.home()
    born = place.phone.visit(home, members=[member("m1", birth_year=2025)])
    unborn = place.phone.visit(home, members=[member("m1"), member("m2", birth_year=2026)])
    first, second = place.phone.results(born, unborn)
    assert first["outcome"] == "stored"
    assert (second["outcome"], second["code"]) == ("invalid", "member.born_later")
    assert list(second["fields"]) == ["members.1.birth_year"]


@pytest.mark.parametrize(
    ("seen", "field"),
    [
        ({"outcome": "absent", "fibre": "none"}, "fibre"),
        ({"outcome": "refused", "members": [member("m1")]}, "members"),
        ({"outcome": "moved", "other_smart_device": False}, "other_smart_device"),
        ({"members": [member("m1"), member("m1")]}, "members.1.id"),
        ({"members": [member("m1", birth_year=1980, birth_year_to=1991)]}, "members.0.birth_year_to"),
        ({"members": [member("m1", birth_year=1980, birth_year_to=1979)]}, "members.0.birth_year_to"),
        ({"members": [member("m1", birth_year=None, birth_year_to=1980)]}, "members.0.birth_year_to"),
        ({"topics": [{"topic": "vneid", "people": 1}] * 2}, "topics.1.topic"),
        ({"outcome": "gone"}, "outcome"),
        ({"household_id": None}, "household_id"),
        ({"gps": [10.9, 106.6]}, "gps"),
    ],
)
def test_a_visit_that_cannot_be_is_refused_with_its_field(place, seen, field):
    result = place.phone.results(place.phone.visit(place.home(), **seen))[0]
    assert result["outcome"] == "invalid"
    assert list(result["fields"]) == [field]
    assert result["message"]
    assert count(Visit) == 0


def test_an_empty_list_of_members_is_no_observation(place):
    place.phone.store(place.phone.visit(place.home(), outcome="absent", members=[], fibre=None))


@pytest.mark.parametrize("unit", ["commune", "nowhere"])
def test_a_home_is_registered_in_a_hamlet_that_exists(place, unit):
    unit_id = place.commune.id if unit == "commune" else "99999-20250701"
    result = place.phone.results(place.phone.register(place.here, unit_id=unit_id))[0]
    assert (result["outcome"], result["code"]) == ("invalid", "units.unknown")


def test_a_consent_text_that_the_server_does_not_know_is_kept_as_sent(place):
    consent = {"answer": "yes", "text_version": "2031-bản-mới", "at": "2025-06-12T02:00:00+07:00"}
    home = place.home(consent=consent)
    assert db.session.get_one(Household, home["data"]["id"]).consent_text_version == "2031-bản-mới"


def test_an_operation_undone_before_it_was_sent_leaves_nothing_behind(place):
    void = place.phone.operation("op.void", {})
    place.phone.store(void)
    assert place.phone.results(void)[0]["outcome"] == "duplicate"
    assert (count(Operation), count(Household)) == (1, 0)


def test_a_kind_that_the_server_does_not_know_yet_is_kept(place):
    result = place.phone.results(place.phone.operation("visit.sing", {"song": "quan họ"}))[0]
    assert (result["outcome"], result["code"]) == ("invalid", "op.unknown_type")
    assert result["receipt"]


def test_every_change_leaves_an_audit_entry_of_its_author(place):
    visit = place.phone.visit(place.home())
    place.phone.store(visit, place.phone.withdraw(visit))
    of_deeds = select(AuditEntry).where(AuditEntry.subject_id == visit["data"]["id"])
    entries = list(db.session.scalars(of_deeds.order_by(AuditEntry.id)))
    assert [each.action for each in entries] == ["visits.record", "visits.withdraw"]
    assert {each.actor_id for each in entries} == {place.volunteer.id}


def test_officials_and_province_staff_do_not_push(place, signed_in):
    device_id = str(uuid4())
    official = signed_in(factories.user(Role.OFFICIAL, unit=place.commune), device_id)
    body = {"schema": 1, "device_id": device_id, "sent_at": "2025-06-12T02:00:00Z", "operations": []}
    answer = official.post("/api/v1/sync/push", json=body)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "permission.denied")
