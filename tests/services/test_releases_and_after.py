"""What happens after a publication is told with its reason, and the release can be made again as if it had not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from app.core.clock import now
from app.core.database import db
from app.core.ids import new_id
from app.models.audit import AuditEntry
from app.models.households import Household, Residence
from app.models.releases import Release, ReleaseCell
from app.models.teams import Team
from app.models.units import Unit
from app.models.visits import Visit
from app.queries import reproductions
from app.queries.indicators.restatements import restatements
from app.rules import periods
from app.rules.permissions import OPERATOR, Actor
from app.rules.units.acts import Plan
from app.rules.vocabulary import ActKind, Outcome, Role, TeamKind, Topic
from app.services import baselines, households, releases, reviews, rollups, teams, visits
from app.services.baselines import BaselineRow
from app.services.units import acts
from tests import factories

JUNE = periods.parse("2025-06")
NOON = datetime(2025, 6, 20, 5, tzinfo=UTC)


@dataclass
class World:
    """A published June: two hamlets of one commune, a team with its volunteer, a home with a visit."""

    commune: Unit
    hamlet: Unit
    other: Unit
    team: Team
    volunteer: Actor
    official: Actor
    publisher: Actor
    home: Household
    visit: Visit
    release: Release

    def record(self, home: Household, received_at: datetime | None = None, **details: object) -> str:
        """Let the volunteer record a visit of 20 June; return its id."""
        data = {
            "id": new_id(),
            "household_id": home.id,
            "team_id": self.team.id,
            "visited_on": date(2025, 6, 20),
            "outcome": Outcome.INTERVIEWED,
            "fibre": "none",
            "other_smart_device": False,
            "members": [
                {
                    "id": "a",
                    "sex": "male",
                    "birth_year": 1970,
                    "birth_year_to": None,
                    "phone": "smartphone",
                    "account": "no",
                    "skills": None,
                }
            ],
            "topics": [{"topic": Topic.VNEID, "people": 3}],
        }
        known, _ = visits.record(
            self.volunteer, data | details, recorded_at=NOON, received_at=received_at or now()
        )
        return known.id

    def amend(self, unit: Unit, moved_on: date) -> None:
        """Let the volunteer move the home."""
        changes = {"unit_id": unit.id}
        base = {"unit_id": self.home.revisions["unit_id"]}
        data = {"id": self.home.id, "changes": changes, "base": base, "moved_on": moved_on}
        households.amend(self.volunteer, data, op_id=new_id(), recorded_at=now())

    def register(self) -> Household:
        """Let the volunteer register a home that has been there since early June."""
        data = {
            "id": new_id(),
            "team_id": self.team.id,
            "unit_id": self.hamlet.id,
            "consent": {"answer": "no", "text_version": "1", "at": NOON},
        }
        known, _ = households.register(self.volunteer, data, recorded_at=NOON)
        return db.session.get_one(Household, known.id)


@pytest.fixture
def world(app) -> World:
    province = factories.province()
    commune = factories.commune(parent=province)
    factories.hamlet(parent=factories.commune(parent=province))
    hamlet, other = factories.hamlet(parent=commune), factories.hamlet(parent=commune)
    team = factories.team(hamlet)
    volunteer = factories.user(team=team)
    home = factories.household(unit=hamlet, team=team, author=volunteer, registered_on=date(2025, 6, 1))
    visit = factories.visit(household=home, visited_on=date(2025, 6, 10))
    factories.observation(visit, member_id="a", birth_year=1970)
    factories.visit_topic(visit, topic=Topic.VNEID, people=2)
    factories.baseline(commune, year=2025, households=10)
    rollups.fold()
    publisher = Actor(factories.user(Role.PROVINCE, unit=province).id, Role.PROVINCE, province.id)
    release = releases.publish(publisher, JUNE, accept_missing=True)
    return World(
        commune,
        hamlet,
        other,
        team,
        Actor(volunteer.id, volunteer.role),
        Actor(factories.user(Role.OFFICIAL, unit=commune).id, Role.OFFICIAL, commune.id),
        publisher,
        home,
        visit,
        release,
    )


def late_visit(world: World) -> None:
    world.record(world.home)


def accepted_late(world: World) -> None:
    """A visit that arrived in time, waited in quarantine and was accepted after the publication."""
    world.record(world.home, received_at=world.release.published_at - timedelta(days=1))


def late_home(world: World) -> None:
    world.record(world.register())


def correction(world: World) -> None:
    world.record(world.home, corrects=world.visit.id)


def correction_into_july(world: World) -> None:
    world.record(world.home, corrects=world.visit.id, visited_on=date(2025, 7, 3))


def withdrawal(world: World) -> None:
    visits.withdraw(world.volunteer, {"id": world.visit.id, "reason": None})


def give_back(world: World) -> None:
    reviews.give_back(world.official, world.visit.id, "Chưa khớp với hộ")


def moved_home(world: World) -> None:
    world.amend(world.other, date(2025, 6, 15))
    db.session.expire_all()
    world.amend(world.hamlet, date(2025, 6, 15))
    world.amend(world.other, date(2025, 6, 15))


def baseline(world: World) -> None:
    code = f"{world.commune.code}@2025-01-01"
    baselines.load(OPERATOR, [BaselineRow(2, code, 2025, (1, None, None, None))])
    baselines.load(OPERATOR, [BaselineRow(2, code, 2025, (2, 5, None, None))])
    baselines.load(OPERATOR, [BaselineRow(2, code, 2024, (9, None, None, None))])


def new_team(world: World) -> None:
    founded_on = date(2025, 6, 1)
    teams.add(
        OPERATOR,
        kind=TeamKind.HAMLET,
        unit=world.other,
        name="Tổ mới",
        decision="2/QĐ",
        founded_on=founded_on,
    )


def ended_team(world: World) -> None:
    teams.end(OPERATOR, world.team, date(2025, 6, 12))
    teams.end(OPERATOR, world.team, date(2025, 6, 5))


def border_act(world: World) -> None:
    plan = Plan(ActKind.RENAME, date(2025, 6, 15), (world.hamlet.id,), name="Khu phố mới")
    acts.enact(OPERATOR, plan, decision="1/NQ", is_late=True)


AFTER = {
    late_visit: {"late_visit"},
    accepted_late: {"late_visit"},
    late_home: {"late_visit"},
    correction: {"correction"},
    correction_into_july: {"correction"},
    withdrawal: {"withdrawal"},
    give_back: {"return"},
    baseline: {"baseline"},
    new_team: {"team"},
    ended_team: {"team"},
}


@pytest.mark.parametrize("deed", AFTER, ids=lambda deed: deed.__name__)
def test_each_figure_that_differs_is_told_with_its_reason(world, deed):
    assert restatements(world.publisher, world.release) == []
    deed(world)
    found = restatements(world.publisher, world.release)
    assert found
    assert {reason.value for each in found for reason in each.reasons} == AFTER[deed]
    assert all(each.reasons for each in found)


@pytest.mark.parametrize("deed", [*AFTER, moved_home, border_act], ids=lambda deed: deed.__name__)
def test_a_release_is_made_again_from_what_was_known_then(world, deed: Callable[[World], None]):
    assert reproductions.differences(world.release) == []
    deed(world)
    assert reproductions.differences(world.release) == []
    rollups.fold()
    assert reproductions.differences(world.release) == []


def test_all_that_can_happen_together_does_not_change_what_was_known(world):
    for deed in (
        late_home,
        accepted_late,
        give_back,
        correction,
        moved_home,
        baseline,
        ended_team,
        border_act,
    ):
        deed(world)
    assert reproductions.differences(world.release) == []
    again = releases.restate(world.publisher, JUNE)
    assert reproductions.differences(again) == []
    assert again.fingerprint != world.release.fingerprint


def test_the_command_says_what_differs_and_fails(world, cli):
    assert cli.invoke(args=["releases", "verify"]).exit_code == 0
    cell = db.session.get_one(ReleaseCell, (world.release.id, world.hamlet.id))
    cell.stock = bytes([7]) + cell.stock[1:]
    world.release.teams = {**world.release.teams, "hamlet": []}
    db.session.flush()
    told = cli.invoke(args=["releases", "verify", world.release.id])
    assert told.exit_code == 1
    assert "fingerprint: what is kept is not what was published" in told.output
    assert f"{world.hamlet.id}: registered: 7, worked out 1" in told.output
    assert f"teams hamlet: [], worked out ['{world.hamlet.id}']" in told.output


def test_a_correction_is_told_beside_new_official_counts_without_mixing_them_up(world):
    correction(world)
    baseline(world)
    found = {(each.indicator, each.sex): each for each in restatements(world.publisher, world.release)}
    assert found["fibre_subscribed", None].reasons == ["baseline", "correction"]
    assert found["account", "male"].reasons == ["correction"]


def test_a_change_behind_the_trails_back_is_found(world):
    world.visit.outcome = Outcome.ABSENT
    db.session.flush()
    assert any("interviewed: 1, worked out 0" in line for line in reproductions.differences(world.release))


def test_what_the_trail_does_not_tell_is_said_and_not_guessed(world, cli):
    residence = db.session.get_one(Residence, (world.home.id, date(1900, 1, 1)))
    residence.unit_id = world.other.id
    details = {"fields": ["unit_id"], "conflicts": []}
    db.session.add(
        AuditEntry(
            at=now(), actor_id=None, action="households.amend", subject_id=world.home.id, details=details
        )
    )
    db.session.flush()
    told = cli.invoke(args=["releases", "verify"])
    assert told.exit_code == 1
    assert f"? households.amend {world.home.id}: the trail does not say how it was before." in told.output


def test_releases_are_listed_with_their_fingerprints(world, cli):
    told = cli.invoke(args=["releases", "list"]).output
    assert world.release.id in told
    assert world.release.fingerprint[:12] in told
    assert "2025-06  civil  1" in told


def test_a_release_that_nobody_published_is_explained(world, cli):
    assert cli.invoke(args=["releases", "verify", "la"]).exit_code != 0
