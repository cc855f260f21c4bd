"""Acts on units: dated, entered in advance, undone exactly, and nobody's scope changes before the day."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from app.core import clock
from app.core.clock import now, today
from app.models.units import Succession, Unit, UnitSpan
from app.queries import scope, units
from app.rules.permissions import OPERATOR, Actor
from app.rules.units import acts as paper
from app.rules.units.acts import NewUnit, Plan, Refused
from app.rules.vocabulary import ActKind, Role, TeamKind, UnitKind
from app.services.units import acts
from tests import factories

DAY = today() + timedelta(days=1)
NO = "1685/NQ-UBTVQH15"


@dataclass
class Map:
    province: Unit
    a: Unit
    b: Unit
    a1: Unit
    a2: Unit
    b1: Unit


@pytest.fixture
def land(app) -> Map:
    province = factories.province(name="Tỉnh Thử")
    a = factories.commune(parent=province, name="Xã A", code="10001")
    b = factories.commune(parent=province, name="Xã B", code="10002")
    hamlets = [factories.hamlet(parent=each, name=name) for each, name in ((a, "A1"), (a, "A2"), (b, "B1"))]
    return Map(province, a, b, *hamlets)


def state(db_session) -> list[str]:
    rows = [
        *((each.id, each.code, each.kind, each.valid_from, each.valid_to) for each in db_session.query(Unit)),
        *(
            (each.unit_id, each.name, each.sort_key, each.parent_id, each.valid_from, each.valid_to)
            for each in db_session.query(UnitSpan)
        ),
        *((each.old_id, each.new_id, each.on, each.part) for each in db_session.query(Succession)),
    ]
    return sorted(map(str, rows))


def merger(land: Map, on: date = DAY) -> Plan:
    return Plan(ActKind.MERGE, on, (land.a.id, land.b.id), (NewUnit("10001", "Xã Mới", None),))


def plans(land: Map) -> dict[str, Plan]:
    new = paper.unit_id("10009", DAY)
    return {
        "merge": merger(land),
        "absorb": Plan(ActKind.MERGE, DAY, (land.a.id,), to=land.b.id, name="Xã AB"),
        "split": Plan(
            ActKind.SPLIT,
            DAY,
            (land.a.id,),
            (NewUnit("10009", "Xã C", None),),
            places={land.a1.id: new, land.a2.id: land.b.id},
        ),
        "rename": Plan(ActKind.RENAME, DAY, (land.a.id,), name="Phường A"),
        "move": Plan(ActKind.MOVE, DAY, (land.a2.id,), to=land.b.id),
        "abolish": Plan(ActKind.ABOLISH, DAY, (land.a.id,), to=land.b.id),
        "found": Plan(ActKind.FOUND, DAY, new=(NewUnit("10001.09", "A9", land.a.id),), level=UnitKind.HAMLET),
    }


@pytest.mark.parametrize("kind", ["merge", "absorb", "split", "rename", "move", "abolish", "found"])
def test_an_act_entered_in_advance_changes_nothing_today_and_is_undone_exactly(kind, land, db_session):
    before, on_paper = state(db_session), units.register()
    act = acts.enact(OPERATOR, plans(land)[kind], decision=NO)
    register = units.register()
    assert state(db_session) != before
    for hamlet in (land.a1, land.a2, land.b1):
        assert register.ancestor(hamlet.id, UnitKind.COMMUNE, today()) == on_paper.ancestor(
            hamlet.id, UnitKind.COMMUNE, today()
        )
        assert register.ancestor(hamlet.id, UnitKind.COMMUNE, DAY) is not None
    acts.undo(OPERATOR, act.id)
    assert state(db_session) == before


def test_merged_communes_pass_whole_with_all_their_hamlets_into_the_new_one(land):
    acts.enact(OPERATOR, merger(land), decision=NO)
    register = units.register()
    new = register.by_code("10001", DAY)
    assert new.name(DAY) == "Xã Mới"
    assert register.hamlets_under(new.id, DAY) == {land.a1.id, land.a2.id, land.b1.id}
    assert {fact.old_id for fact in register.predecessors[new.id]} == {land.a.id, land.b.id}
    assert [unit.id for unit in register.children(land.province.id, DAY)] == [new.id]


def test_a_commune_is_split_only_where_every_hamlet_is_given_a_place(land):
    plan = Plan(
        ActKind.SPLIT,
        DAY,
        (land.a.id,),
        (NewUnit("10009", "Xã C", None),),
        places={land.a1.id: paper.unit_id("10009", DAY)},
    )
    with pytest.raises(Refused) as refused:
        acts.enact(OPERATOR, plan, decision=NO)
    assert "places" in refused.value.fields


def test_a_code_is_taken_only_once_at_a_time(land):
    plan = Plan(
        ActKind.FOUND, DAY, new=(NewUnit("10002", "Xã Trùng", land.province.id),), level=UnitKind.COMMUNE
    )
    with pytest.raises(Refused) as refused:
        acts.enact(OPERATOR, plan, decision=NO)
    assert "code" in refused.value.fields


def test_a_unit_that_changes_later_is_not_changed_before_that(land):
    acts.enact(OPERATOR, merger(land, DAY + timedelta(days=30)), decision=NO)
    with pytest.raises(Refused):
        acts.enact(OPERATOR, plans(land)["rename"], decision=NO)


def test_what_rests_on_an_act_is_undone_first(land):
    first = acts.enact(OPERATOR, merger(land), decision=NO)
    new = units.register().by_code("10001", DAY)
    later = acts.enact(
        OPERATOR, Plan(ActKind.RENAME, DAY + timedelta(days=9), (new.id,), name="Phường Mới"), decision=NO
    )
    with pytest.raises(acts.BuiltUpon):
        acts.undo(OPERATOR, first.id)
    acts.undo(OPERATOR, later.id)
    acts.undo(OPERATOR, first.id)


def test_a_founded_unit_that_has_a_team_is_not_taken_away(land):
    act = acts.enact(OPERATOR, merger(land), decision=NO)
    new = units.register().by_code("10001", DAY)
    factories.team(units.by_option(f"10001@{DAY}"), kind=TeamKind.COMMUNE, founded_on=DAY)
    assert new.id == act.facts[0][1]
    with pytest.raises(acts.BuiltUpon):
        acts.undo(OPERATOR, act.id)


def test_a_day_that_has_come_is_refused_unless_it_is_meant_and_then_stays(land):
    plan = Plan(ActKind.RENAME, today(), (land.a.id,), name="Phường A")
    with pytest.raises(acts.DayPassed):
        acts.enact(OPERATOR, plan, decision=NO)
    act = acts.enact(OPERATOR, plan, decision=NO, is_late=True)
    with pytest.raises(acts.TooLate):
        acts.undo(OPERATOR, act.id)


def test_scope_follows_on_the_day_and_not_before(land, monkeypatch):
    official = Actor(id=None, role=Role.OFFICIAL, unit_id=land.b.id)
    team = factories.team(land.b, kind=TeamKind.COMMUNE)
    acts.enact(OPERATOR, plans(land)["move"], decision=NO)
    assert scope.home_hamlets(official) == scope.area(team) == {land.b1.id}
    assert scope.teams_over([land.a2.id]) == {land.a2.id: set()}
    tomorrow = now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    assert scope.home_hamlets(official) == scope.area(team) == {land.b1.id, land.a2.id}
    assert scope.teams_over([land.a2.id]) == {land.a2.id: {team.id}}


def test_homes_of_a_merged_hamlet_stay_in_the_scope_of_whoever_looks_after_the_new_one(land, monkeypatch):
    official = Actor(id=None, role=Role.OFFICIAL, unit_id=land.a.id)
    plan = Plan(ActKind.MERGE, DAY, (land.a1.id, land.a2.id), (NewUnit("10001.09", "A1-2", None),))
    acts.enact(OPERATOR, plan, decision=NO)
    new = units.by_option(f"10001.09@{DAY}")
    team = factories.team(new, founded_on=today())
    tomorrow = now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    assert scope.home_hamlets(official) == {new.id, land.a1.id, land.a2.id}
    assert scope.area(team) == {new.id, land.a1.id, land.a2.id}
    assert scope.teams_over([land.a1.id])[land.a1.id] == {team.id}


def test_the_register_of_a_moment_is_as_it_was_known_then(land):
    start = now()
    act = acts.enact(OPERATOR, merger(land), decision=NO)
    entered = now()
    acts.undo(OPERATOR, act.id)
    assert units.register_known_at(start).units == units.register().units
    assert len(units.register_known_at(entered).children(land.province.id, DAY)) == 1
