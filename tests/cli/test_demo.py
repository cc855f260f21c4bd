"""`flask demo`: a made-up world that is whole, says so, repeats itself by seed, and keeps away from real data."""

import contextvars
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, func, select

from app.core.clock import today
from app.core.database import db
from app.models.households import Household, Residence
from app.models.sync import FeedEntry
from app.models.teams import Membership, Team
from app.models.units import Succession, Unit, UnitSpan
from app.models.users import User
from app.models.visits import Visit
from app.queries import units
from app.rules.vocabulary import ConsentAnswer, UnitKind
from tests import factories

HOMES = 200


def run(app: Flask, *arguments: str) -> str:
    """Run a command as a process of its own would, whatever app the test looks into."""
    done = contextvars.Context().run(app.test_cli_runner().invoke, args=arguments)
    assert done.exit_code == 0, done.output
    return str(done.output)


@pytest.fixture(scope="module")
def demo(make_app: Callable[[str], Flask]) -> Iterator[Flask]:
    app = make_app("demo")
    run(app, "setup")
    run(app, "demo", "--households", str(HOMES), "--seed", "5")
    with app.app_context():
        yield app


def count(condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).where(condition)) or 0


def visits() -> set[tuple[object, ...]]:
    rows = db.session.execute(select(Visit.id, Visit.visited_on, Visit.outcome))
    return {tuple(row) for row in rows}


def test_about_as_many_homes_as_asked_for_and_a_fifth_of_them_in_the_ward(demo):
    assert db.session.scalar(select(func.count(Household.id))) == HOMES
    ward = units.by_option("25747@2025-07-01")
    assert count(Household.unit_id.in_(units.hamlets_of(ward.id, today()))) == HOMES // 5


def test_the_volunteers_hamlet_was_of_hiep_thanh_and_holds_a_twentieth(demo):
    hamlet = db.session.scalars(
        select(Team.unit_id)
        .join(Membership, Membership.team_id == Team.id)
        .join(User, User.id == Membership.user_id)
        .where(User.username.in_(["volunteer", "leader"]))
    ).all()
    assert len(hamlet) == 2
    assert hamlet[0] == hamlet[1]
    register = units.register()
    assert register.units[register.ancestor(hamlet[0], UnitKind.COMMUNE, date(2025, 6, 30))].code == "25741"
    assert count(Household.unit_id == hamlet[0]) == HOMES // 20


def test_every_pair_of_old_and_new_commune_has_a_hamlet_that_says_it_is_made_up(demo):
    moves = set()
    spans = db.session.scalars(
        select(UnitSpan).join(Unit, Unit.id == UnitSpan.unit_id).where(Unit.kind == "hamlet")
    )
    by_hamlet: dict[str, list[UnitSpan]] = {}
    for span in spans:
        assert span.name.endswith("(mẫu)")
        by_hamlet.setdefault(span.unit_id, []).append(span)
    for each in by_hamlet.values():
        old, new = sorted(each, key=lambda span: span.valid_from)
        assert (old.valid_to, new.valid_from) == (date(2025, 6, 30), date(2025, 7, 1))
        moves.add((old.parent_id, new.parent_id))
    pairs = {(fact.old_id, fact.new_id) for fact in db.session.scalars(select(Succession))}
    assert len(pairs) == 107
    assert pairs == moves


def test_only_the_five_accounts_can_sign_in(demo):
    able = db.session.scalars(select(User.username).where(User.password_hash.isnot(None)))
    assert set(able) == {"volunteer", "leader", "official", "province", "admin"}


def test_of_every_family_the_last_standing_visit_counts_and_no_other(demo):
    families: dict[str, list[Visit]] = {}
    for visit in db.session.scalars(select(Visit)):
        families.setdefault(visit.family_id, []).append(visit)
    assert any(len(family) > 1 for family in families.values())
    for family in families.values():
        standing = [visit for visit in family if visit.is_standing]
        last = max(standing, key=lambda visit: (visit.recorded_at, visit.id), default=None)
        assert [visit for visit in family if visit.is_counting] == ([last] if last else [])


def test_homes_without_consent_have_no_personal_fields(demo):
    for home in db.session.scalars(select(Household).where(Household.consent_answer != ConsentAnswer.YES)):
        assert (home.head_name, home.address, home.phone) == (None, None, None)


def test_every_home_is_at_home_somewhere_and_in_its_teams_feed(demo):
    assert db.session.scalar(select(func.count()).select_from(Residence)) == HOMES
    heard = select(FeedEntry.household_id).join(Household, Household.id == FeedEntry.household_id)
    own = set(db.session.scalars(heard.where(FeedEntry.team_id == Household.team_id)))
    assert len(own) == HOMES
    for team in db.session.scalars(select(Team)):
        last = db.session.scalar(select(func.max(FeedEntry.seq)).where(FeedEntry.team_id == team.id))
        assert team.feed_head == (last or 0)


def test_no_visit_lies_in_the_future(demo):
    assert count(Visit.visited_on >= today()) == 0
    assert count(Visit.received_at < Visit.recorded_at) == 0


def test_repeating_it_changes_nothing_and_tells_the_accounts_again(demo):
    db.session.rollback()  # the command is another process, which must not wait for this one
    assert "tung-nha-demo" in run(demo, "demo")
    assert db.session.scalar(select(func.count(Household.id))) == HOMES


def test_the_same_seed_makes_the_same_world(demo, make_app):
    other = make_app("demo_again")
    run(other, "setup")
    run(other, "demo", "--households", str(HOMES), "--seed", "5")
    here = visits()
    with other.app_context():
        there = visits()
    assert here == there


def test_a_database_with_real_data_is_refused(app, db_session):
    factories.household()
    runner = app.test_cli_runner()
    refused = runner.invoke(args=["demo", "--households", "10"])
    assert refused.exit_code == 1
    assert "real data" in refused.output
    assert runner.invoke(args=["demo", "--if-empty"]).exit_code == 0
    assert db_session.scalar(select(func.count(Household.id))) == 1
