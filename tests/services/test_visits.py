"""Which visit of a family counts (product.md), whatever is corrected, withdrawn or returned, in any order."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.clock import now
from app.core.database import db
from app.core.errors import NotFound
from app.core.ids import new_id
from app.models.visits import Visit
from app.rules.permissions import Actor
from app.rules.vocabulary import Outcome, Role, VisitStatus
from app.services import reviews, visits
from tests import factories

T = datetime(2025, 6, 12, 3, tzinfo=UTC)
DAY = T.date()


class Home:
    """A home, its volunteer, and the official of its commune."""

    def __init__(self):
        commune = factories.commune()
        team = factories.team(factories.hamlet(parent=commune))
        volunteer = factories.user(team=team)
        self.actor = Actor(id=volunteer.id, role=volunteer.role)
        official = factories.user(Role.OFFICIAL, unit=commune)
        self.official = Actor(id=official.id, role=official.role, unit_id=commune.id)
        self.home = factories.household(team=team, author=volunteer, unit=factories.hamlet(parent=commune))

    def record(self, hours, corrects=None, outcome=Outcome.ABSENT, visited_on=DAY):
        data = {
            "id": new_id(),
            "household_id": self.home.id,
            "team_id": self.home.team_id,
            "visited_on": visited_on,
            "outcome": outcome,
            "corrects": corrects and corrects.id,
        }
        return visits.record(self.actor, data, recorded_at=T + timedelta(hours=hours), received_at=now())[0]

    def withdraw(self, visit):
        visits.withdraw(self.actor, {"id": visit.id, "reason": None})

    def give_back(self, visit, reason="Chưa khớp với hộ"):
        return reviews.give_back(self.official, visit.id, reason)


@pytest.fixture
def home(app):
    return Home()


def counting(*family):
    return [db.session.get_one(Visit, visit.id).is_counting for visit in family]


def test_the_last_recorded_of_a_family_counts_whichever_arrived_last(home):
    first = home.record(0)
    late = home.record(5, corrects=first)
    early = home.record(2, corrects=first)
    assert counting(first, late, early) == [False, True, False]


def test_a_correction_of_a_correction_is_of_the_same_family(home):
    first = home.record(0)
    second = home.record(1, corrects=first)
    third = home.record(2, corrects=second)
    assert {first.family_id, second.family_id, third.family_id} == {first.id}
    assert counting(first, second, third) == [False, False, True]


def test_a_correction_counts_whatever_its_date_and_outcome(home):
    first = home.record(0, outcome=Outcome.INTERVIEWED)
    second = home.record(1, corrects=first, outcome=Outcome.MOVED, visited_on=T.date() - timedelta(days=400))
    assert counting(first, second) == [False, True]


def test_a_correction_recorded_before_what_it_corrects_by_a_wrong_clock_does_not_count(home):
    first = home.record(0)
    second = home.record(-5, corrects=first)
    assert counting(first, second) == [True, False]


def test_withdrawing_the_counting_one_lets_the_one_before_count_again(home):
    first = home.record(0)
    second = home.record(1, corrects=first)
    third = home.record(2, corrects=second)
    home.withdraw(third)
    assert counting(first, second, third) == [False, True, False]
    home.withdraw(first)
    assert counting(first, second, third) == [False, True, False]
    home.withdraw(second)
    assert counting(first, second, third) == [False, False, False]


def test_other_families_of_the_same_home_are_left_alone(home):
    first, other = home.record(0), home.record(1)
    home.withdraw(first)
    assert counting(first, other) == [False, True]


def test_a_returned_visit_does_not_count_and_the_one_before_does_again(home):
    first = home.record(0)
    second = home.record(1, corrects=first)
    assert home.give_back(second).status is VisitStatus.RETURNED
    assert counting(first, second) == [True, False]
    third = home.record(2, corrects=second)
    assert counting(first, second, third) == [False, False, True]


def test_only_what_counts_is_returned(home):
    first = home.record(0)
    second = home.record(1, corrects=first)
    with pytest.raises(reviews.NotStanding):
        home.give_back(first)
    home.give_back(second)
    with pytest.raises(reviews.NotStanding):
        home.give_back(second)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_returning_needs_a_reason(home, reason):
    visit = home.record(0)
    with pytest.raises(reviews.ReasonMissing):
        home.give_back(visit, reason)
    assert counting(visit) == [True]


def test_an_official_of_another_commune_finds_no_such_visit(home):
    visit = home.record(0)
    commune = factories.commune()
    stranger = Actor(
        id=factories.user(Role.OFFICIAL, unit=commune).id, role=Role.OFFICIAL, unit_id=commune.id
    )
    with pytest.raises(NotFound):
        reviews.give_back(stranger, visit.id, "không phải của tôi")


def test_a_visit_refused_leaves_nothing_behind(home):
    first = home.record(0)
    home.actor = Actor(id=factories.user().id, role=Role.VOLUNTEER)
    with pytest.raises(visits.NotYours):
        home.record(1, corrects=first)
    assert counting(first) == [True]
