"""What the random histories of test_indicators_oracle.py meet too rarely, and what figures cost."""

from datetime import date

import pytest

from app.core import errors
from app.queries import indicators
from app.queries.indicators import Question
from app.rules import periods
from app.rules.indicators import DEFINITIONS, is_working_age
from app.rules.permissions import Actor
from app.rules.vocabulary import (
    Account,
    Basis,
    Fibre,
    Outcome,
    Phone,
    Role,
    Sex,
    SuccessionPart,
    TeamKind,
    Topic,
    UnitKind,
)
from tests import factories

CUT_OFF = date(2025, 6, 30)
JUNE = periods.parse("2025-06")


@pytest.fixture
def commune(app):
    return factories.commune(parent=factories.province())


@pytest.fixture
def hamlet(commune):
    return factories.hamlet(parent=commune)


def province_staff(unit):
    return Actor("asker", Role.PROVINCE, unit.id)


def ask(scope, /, **options):
    question = Question(**{"cut_off": CUT_OFF, "borders": CUT_OFF} | options)
    return indicators.values(province_staff(scope), question).items


def one(scope, code, **options):
    (item,) = ask(scope, indicators=(code,), **options)
    return item.numerator, item.denominator, item.unknown


def home(hamlet, people=(), **visit):
    made = factories.visit(household=factories.household(unit=hamlet), **visit)
    for person in people:
        factories.observation(made, **person)
    return made


def test_working_age_in_sql_is_the_rules(hamlet):
    home(hamlet, [{"sex": sex, "birth_year": 2025 - years} for sex in Sex for years in range(10, 70)])
    verdicts = [is_working_age(years, sex, 2025) for sex in Sex for years in range(10, 70)]
    known, undecided = verdicts.count(True), verdicts.count(None)
    assert one(hamlet, "account", only_working=True) == (known, known, undecided)


def test_a_person_of_unknown_birth_year_is_unknown_only_where_age_matters(hamlet):
    home(hamlet, [{"birth_year": None}, {"birth_year": 1980}])
    assert one(hamlet, "smartphone") == (2, 2, 0)
    assert one(hamlet, "smartphone_adult") == (1, 1, 1)
    by_age = {item.age: item.unknown for item in ask(hamlet, indicators=("account",), by=frozenset({"age"}))}
    assert by_age == {"45-54": 0, "unknown": 1}


def test_a_declined_account_is_unknown_not_no(hamlet):
    home(hamlet, [{"account": answer} for answer in Account])
    assert one(hamlet, "account") == (1, 2, 2)


def test_a_child_is_in_no_indicator_of_older_people(hamlet):
    home(hamlet, [{"birth_year": 2011, "phone": Phone.BASIC}])
    assert one(hamlet, "smartphone") == (0, 1, 0)
    assert one(hamlet, "account") == (0, 0, 0)


def test_covered_is_not_connected_and_unknown_is_neither(hamlet):
    for fibre in Fibre:
        home(hamlet, fibre=fibre)
    assert one(hamlet, "fibre_subscribed") == (1, 3, 1)
    assert one(hamlet, "fibre_covered") == (2, 3, 1)


def test_a_home_that_moved_away_is_in_no_stock_figure_and_not_registered(hamlet):
    household = factories.household(unit=hamlet, registered_on=date(2025, 4, 1))
    factories.visit(household=household, visited_on=date(2025, 5, 1))
    factories.visit(household=household, visited_on=date(2025, 6, 1), outcome=Outcome.MOVED)
    (item,) = ask(hamlet, indicators=("fibre_subscribed",))
    assert (item.denominator, item.coverage.registered) == (0, 0)
    (before,) = ask(hamlet, indicators=("fibre_subscribed",), cut_off=date(2025, 5, 31))
    assert (before.denominator, before.coverage.registered) == (1, 1)


def test_a_percentage_of_nothing_is_null(hamlet):
    (item,) = ask(hamlet, indicators=("fibre_covered",))
    assert (item.numerator, item.denominator, item.value) == (0, 0, None)


def test_topics_add_up_and_can_be_told_apart(hamlet):
    visit = home(hamlet)
    factories.visit_topic(visit, Topic.VNEID, people=2)
    factories.visit_topic(visit, Topic.OTHER, people=3)
    assert one(hamlet, "people_helped", period=JUNE) == (5, None, 0)
    items = ask(hamlet, indicators=("people_helped", "visits"), period=JUNE, by=frozenset({"topic"}))
    assert [(item.definition.code, item.topic, item.numerator) for item in items] == [
        ("visits", None, 1),
        ("people_helped", Topic.VNEID, 2),
        ("people_helped", Topic.OTHER, 3),
    ]


def test_what_happened_cannot_be_asked_as_of_a_day(hamlet):
    with pytest.raises(indicators.FlowNeedsPeriod):
        ask(hamlet, indicators=("visits",))
    assert {item.definition.code for item in ask(hamlet)} == {
        code for code, definition in DEFINITIONS.items() if not definition.is_flow
    }


def test_a_team_serves_the_unit_its_hamlet_became_but_only_of_its_own_kind(commune):
    old = factories.hamlet(parent=commune, valid_to=CUT_OFF)
    new = factories.hamlet(parent=commune, valid_from=date(2025, 7, 1))
    factories.succession(old, new, on=date(2025, 7, 1))
    factories.team(old)
    factories.team(commune, kind=TeamKind.SCHOOL)
    later = {"cut_off": date(2025, 7, 31), "borders": date(2025, 7, 31)}
    assert one(commune, "teams_hamlet", **later) == (1, 1, 0)
    assert one(commune, "teams_commune", **later) == (0, 1, 0)


def test_a_dissolved_team_no_longer_serves_on_its_last_day(hamlet):
    factories.team(hamlet, dissolved_on=CUT_OFF)
    assert one(hamlet, "teams_hamlet") == (0, 1, 0)


def test_the_official_denominator_is_the_units_own_or_else_all_its_childrens(commune):
    first, second = factories.hamlet(parent=commune), factories.hamlet(parent=commune)
    home(first, [{}])
    factories.baseline(first, 2024, households=10)
    assert one(commune, "fibre_covered", basis=Basis.CONFIRMED) == (1, None, 0)
    factories.baseline(second, 2023, households=20)
    factories.baseline(second, 2026, households=500)
    assert one(commune, "fibre_covered", basis=Basis.CONFIRMED) == (1, 30, 0)
    factories.baseline(commune, 2025, households=40, population=None)
    assert one(commune, "fibre_covered", basis=Basis.CONFIRMED) == (1, 40, 0)
    assert one(commune, "smartphone", basis=Basis.CONFIRMED) == (1, 700, 0)


def test_more_than_the_official_count_is_not_capped_but_flagged(hamlet):
    home(hamlet)
    home(hamlet)
    factories.baseline(hamlet, households=1)
    (item,) = ask(hamlet, indicators=("fibre_subscribed",), basis=Basis.CONFIRMED)
    assert (item.value, item.is_baseline_exceeded) == (200.0, True)


def test_a_hamlet_given_up_in_parts_counts_without_unit_so_that_totals_stay_equal(commune):
    old = factories.hamlet(parent=commune, valid_to=CUT_OFF)
    for _ in range(2):
        heir = factories.hamlet(parent=commune, valid_from=date(2025, 7, 1))
        factories.succession(old, heir, on=date(2025, 7, 1), part=SuccessionPart.PART)
    home(old)
    then = ask(commune, indicators=("fibre_subscribed",))
    now = ask(commune, indicators=("fibre_subscribed",), borders=date(2025, 7, 1))
    assert [(item.unit and item.unit.id, item.numerator, item.is_unconverted) for item in now] == [
        (commune.id, 0, False),
        (None, 1, True),
    ]
    assert sum(item.numerator for item in now) == sum(item.numerator for item in then)


def test_a_level_that_does_not_exist_on_the_borders_is_refused(hamlet):
    with pytest.raises(errors.Invalid, match=r"units\.no_such_level"):
        ask(hamlet, level=UnitKind.DISTRICT)


def test_another_units_figures_are_not_found(hamlet):
    for elsewhere in (factories.hamlet().id, "none-such"):
        with pytest.raises(errors.NotFound):
            ask(hamlet, unit=elsewhere)


def test_figures_of_many_units_take_as_many_queries_as_of_one(commune, count_queries):
    home(factories.hamlet(parent=commune), [{}])
    with count_queries() as for_one:
        ask(commune, level=UnitKind.HAMLET, period=JUNE)
    for _ in range(5):
        home(factories.hamlet(parent=commune), [{}])
    with count_queries() as for_six:
        items = ask(commune, level=UnitKind.HAMLET, period=JUNE)
    assert len({item.unit for item in items}) == 6
    assert len(for_six) == len(for_one) <= 15
