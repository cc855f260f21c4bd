"""Months are approved, periods published, and what is published stays as it was."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from app.core.clock import now, today
from app.models.units import Unit
from app.models.users import User
from app.rules import periods
from app.rules.permissions import OPERATOR, Actor
from app.rules.units.acts import Plan
from app.rules.vocabulary import Account, ActKind, Calendar, Fibre, Phone, Role, SkillRule, Topic
from app.services import releases
from app.services.units import acts
from tests import factories

JUNE = periods.parse("2025-06")
VALUES = "/api/v1/indicators/values?period=2025-06&level=commune"


@dataclass
class World:
    province: Unit
    commune: Unit
    other: Unit
    hamlet: Unit
    official: User
    staff: User

    @property
    def officer(self) -> Actor:
        return Actor(self.official.id, Role.OFFICIAL, self.commune.id)

    @property
    def publisher(self) -> Actor:
        return Actor(self.staff.id, Role.PROVINCE, self.province.id)


@pytest.fixture
def world(app) -> World:
    province = factories.province()
    commune, other = factories.commune(parent=province), factories.commune(parent=province)
    hamlet = factories.hamlet(parent=commune)
    factories.hamlet(parent=other)
    for number in range(3):
        home = factories.household(unit=hamlet, registered_on=date(2025, 6, 1))
        visit = factories.visit(household=home, visited_on=date(2025, 6, 10), fibre=Fibre.SUBSCRIBED)
        factories.observation(
            visit, member_id="a", birth_year=1960 + 20 * number, account=Account.YES, phone=Phone.SMARTPHONE
        )
        factories.observation(visit, member_id="b", birth_year=None, account=Account.NO, skills=1 + number)
        factories.visit_topic(visit, topic=Topic.VNEID, people=2)
    factories.team(hamlet)
    factories.baseline(commune, year=2025, households=10)
    return World(
        province,
        commune,
        other,
        hamlet,
        factories.user(Role.OFFICIAL, unit=commune),
        factories.user(Role.PROVINCE, unit=province),
    )


def late_visit(world: World) -> None:
    home = factories.household(unit=world.hamlet, registered_on=date(2025, 6, 2))
    visit = factories.visit(household=home, visited_on=date(2025, 6, 20), fibre=Fibre.NONE)
    visit.received_at = now() + timedelta(seconds=1)
    factories.observation(visit, birth_year=1990, account=Account.NO)


def statuses(answer) -> set[str]:
    return {item["status"] for item in answer.get_json()["items"]}


@pytest.mark.parametrize(
    "more",
    [
        "",
        "&by=sex&by=age&by=topic",
        "&ages=working",
        "&basis=confirmed",
        *(f"&rule={rule.value}&by=age" for rule in SkillRule),
    ],
)
def test_a_published_period_is_summed_from_its_cells_to_the_same_figures(world, signed_in, more):
    staff = signed_in(world.staff)
    before = staff.get(VALUES + more).get_json()["items"]
    releases.publish(world.publisher, JUNE, accept_missing=True)
    after = staff.get(VALUES + more).get_json()["items"]
    assert [item | {"status": None} for item in after] == [item | {"status": None} for item in before]
    assert {item["status"] for item in after} == {"published"}


def test_published_figures_stay_and_live_ones_follow(world, signed_in):
    releases.publish(world.publisher, JUNE, accept_missing=True)
    staff = signed_in(world.staff)
    before = staff.get(VALUES).get_json()
    late_visit(world)
    assert staff.get(VALUES).get_json() == before
    live = staff.get(VALUES + "&live=true")
    assert live.get_json() != before
    assert statuses(live) == {"provisional"}


def test_a_month_is_provisional_then_approved_then_published(world, signed_in):
    official = signed_in(world.official)
    assert statuses(official.get(VALUES)) == {"provisional"}
    releases.approve(world.officer, JUNE)
    assert statuses(official.get(VALUES)) == {"approved"}
    releases.take_back(world.officer, JUNE)
    assert statuses(official.get(VALUES)) == {"provisional"}
    releases.approve(world.officer, JUNE)
    release = releases.publish(world.publisher, JUNE, accept_missing=True)
    assert statuses(official.get(VALUES)) == {"published"}
    assert {each["unit_id"]: each["approved"] for each in release.approvals} == {
        world.commune.id: True,
        world.other.id: False,
    }
    with pytest.raises(releases.AlreadyPublished):
        releases.take_back(world.officer, JUNE)


def test_a_month_that_is_not_over_is_neither_approved_nor_published(world):
    month = periods.parse(f"{today():%Y-%m}")
    with pytest.raises(releases.TooEarly):
        releases.approve(world.officer, month)
    with pytest.raises(releases.TooEarly):
        releases.publish(world.publisher, month, accept_missing=True)


def test_only_months_are_approved_and_missing_approvals_must_be_accepted(world):
    with pytest.raises(releases.NotAMonth):
        releases.approve(world.officer, periods.parse("2025-Q2"))
    with pytest.raises(releases.ApprovalsMissing):
        releases.publish(world.publisher, JUNE)
    releases.publish(world.publisher, periods.parse("2025-9M", Calendar.REPORT), accept_missing=True)


def test_a_late_visit_is_told_as_a_restatement_with_its_reason(world, signed_in):
    release = releases.publish(world.publisher, JUNE, accept_missing=True)
    staff = signed_in(world.staff)
    address = f"/api/v1/releases/{release.id}/restatements"
    assert staff.get(address).get_json() == {"items": [], "next": None}
    late_visit(world)
    found = staff.get(address).get_json()["items"]
    fibre = next(item for item in found if item["indicator"] == "fibre_subscribed")
    assert fibre["unit"]["id"] == world.commune.id
    assert (fibre["old"]["denominator"], fibre["new"]["denominator"]) == (3, 4)
    assert all("late_visit" in item["reasons"] for item in found)


def test_a_restated_release_stands_beside_the_old_one(world, signed_in):
    first = releases.publish(world.publisher, JUNE, accept_missing=True)
    late_visit(world)
    second = releases.restate(world.publisher, JUNE)
    staff = signed_in(world.staff)
    assert {item["number"] for item in staff.get("/api/v1/releases").get_json()["items"]} == {1, 2}
    assert staff.get(f"/api/v1/releases/{second.id}/restatements").get_json()["items"] == []
    assert staff.get(f"/api/v1/releases/{first.id}/restatements").get_json()["items"] != []
    with pytest.raises(releases.AlreadyPublished):
        releases.publish(world.publisher, JUNE, accept_missing=True)


def test_a_border_act_entered_after_publication_does_not_change_what_is_published(world, signed_in):
    release = releases.publish(world.publisher, JUNE, accept_missing=True)
    staff = signed_in(world.staff)
    before = staff.get(VALUES).get_json()
    plan = Plan(ActKind.MOVE, date(2025, 6, 15), (world.hamlet.id,), to=world.other.id)
    acts.enact(OPERATOR, plan, decision="1/NQ", is_late=True)
    assert staff.get(VALUES).get_json() == before
    found = staff.get(f"/api/v1/releases/{release.id}/restatements").get_json()["items"]
    assert found
    assert all("border_act" in item["reasons"] for item in found)


def test_published_figures_are_summed_on_later_borders_too(world, signed_in):
    releases.publish(world.publisher, JUNE, accept_missing=True)
    plan = Plan(ActKind.ABOLISH, today() + timedelta(days=1), (world.commune.id,), to=world.other.id)
    acts.enact(OPERATOR, plan, decision="1/NQ")
    later = today() + timedelta(days=2)
    items = signed_in(world.staff).get(f"{VALUES}&borders={later}&indicator=fibre_subscribed").get_json()
    assert [(item["unit"]["id"], item["denominator"]) for item in items["items"]] == [(world.other.id, 3)]


def test_a_release_is_read_in_scope_only(world, signed_in):
    release = releases.publish(world.publisher, JUNE, accept_missing=True)
    stranger = signed_in(factories.user(Role.PROVINCE, unit=factories.province()))
    assert stranger.get("/api/v1/releases").get_json()["items"] == []
    assert stranger.get(f"/api/v1/releases/{release.id}").status_code == 404
    assert stranger.get(f"/api/v1/releases/{release.id}/restatements").status_code == 404
    shown = signed_in(world.official).get(f"/api/v1/releases/{release.id}").get_json()
    assert shown["fingerprint"] == release.fingerprint
    assert shown["definitions"]["account"] == "2022.1"
    assert (
        signed_in(factories.user(team=factories.team(world.hamlet))).get("/api/v1/releases").status_code
        == 403
    )
