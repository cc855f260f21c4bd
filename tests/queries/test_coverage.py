from datetime import date

import pytest
from sqlalchemy import select

from app.core import errors
from app.core.database import db
from app.models.units import UnitSpan
from app.queries import coverage
from app.rules.permissions import Actor
from app.rules.vocabulary import Outcome, Role, UnitKind
from tests import factories

DAY = date(2025, 6, 30)


@pytest.fixture
def commune(app):
    return factories.commune(parent=factories.province())


def official(commune):
    return Actor("official", Role.OFFICIAL, commune.id)


def only(lines):
    (line,) = lines
    return line.count


def test_homes_are_registered_visited_interviewed_and_stale(commune):
    hamlet = factories.hamlet(parent=commune)
    homes = [factories.household(unit=hamlet, registered_on=date(2025, 3, 1)) for _ in range(4)]
    factories.visit(household=homes[0], visited_on=date(2025, 6, 1))
    factories.visit(household=homes[1], visited_on=date(2025, 6, 2), outcome=Outcome.ABSENT)
    factories.visit(household=homes[2], visited_on=date(2025, 3, 31))
    factories.visit(household=homes[3], visited_on=date(2025, 7, 1))
    factories.household(unit=hamlet, registered_on=date(2025, 7, 1))
    factories.baseline(hamlet, households=9)
    found = only(coverage.lines(official(commune), DAY))
    assert found == coverage.Count(
        registered=4, visited=3, interviewed=2, stale=1, last_visit_on=date(2025, 6, 2), baseline=9
    )


def test_a_visit_turns_stale_after_ninety_days(commune):
    hamlet = factories.hamlet(parent=commune)
    factories.visit(
        household=factories.household(unit=hamlet, registered_on=date(2025, 1, 1)),
        visited_on=date(2025, 4, 1),
    )
    assert only(coverage.lines(official(commune), date(2025, 6, 30))).stale == 0
    assert only(coverage.lines(official(commune), date(2025, 7, 1))).stale == 1


def test_a_visit_that_does_not_count_covers_nothing(commune):
    home = factories.household(unit=factories.hamlet(parent=commune))
    factories.visit(household=home, is_counting=False)
    assert only(coverage.lines(official(commune), DAY)).visited == 0


def test_a_home_is_counted_where_it_lived_that_day(commune):
    first, second = factories.hamlet(parent=commune), factories.hamlet(parent=commune)
    home = factories.household(unit=first, registered_on=date(2025, 1, 1))
    factories.residence(home, second, from_on=date(2025, 6, 1))
    for day, expected in ((date(2025, 5, 31), [1, 0]), (date(2025, 6, 1), [0, 1])):
        lines = coverage.lines(official(commune), day, level=UnitKind.HAMLET)
        assert [line.count.registered for line in lines] == expected


def test_a_commune_without_hamlets_appears_with_nothing(commune):
    (line,) = coverage.lines(official(commune), DAY)
    assert (line.unit and line.unit.id, line.count, line.is_partial) == (commune.id, coverage.Count(), False)


def test_a_unit_wider_than_the_scope_sums_only_what_is_inside_and_is_partial(commune):
    mine = factories.hamlet(parent=commune)
    neighbour = factories.commune(parent=factories.province())
    factories.household(unit=factories.hamlet(parent=neighbour))
    factories.household(unit=mine)
    factories.unit_span(mine, parent=neighbour, valid_from=date(2025, 7, 1))
    first_span = next(span for span in mine_spans(mine) if span.parent_id == commune.id)
    first_span.valid_to = DAY
    lines = coverage.lines(official(commune), date(2025, 7, 1))
    assert [(line.unit and line.unit.id, line.count.registered, line.is_partial) for line in lines] == [
        (commune.id, 0, False),
        (neighbour.id, 1, True),
    ]


def mine_spans(unit):
    return list(db.session.scalars(select(UnitSpan).where(UnitSpan.unit_id == unit.id)))


def test_another_commune_is_not_found(commune):
    with pytest.raises(errors.NotFound):
        coverage.lines(official(commune), DAY, factories.commune().id)


def test_someone_without_a_unit_sees_nothing(app):
    with pytest.raises(errors.NotFound):
        coverage.lines(Actor("nobody", Role.PROVINCE), DAY)
