"""Figures and coverage of random histories, against the plain and slow reckoning of `tests/oracle.py`."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import errors
from app.core.database import db
from app.queries import coverage, indicators
from app.rules import periods
from app.rules.indicators import DEFINITIONS, percentage
from app.rules.permissions import Actor
from app.rules.vocabulary import Basis, Calendar, Role, SkillRule, UnitKind
from tests import oracle
from tests.queries import histories

pytestmark = pytest.mark.usefixtures("app")

QUESTIONS = 3
BREAKDOWNS = [(), (), ("sex",), ("age",), ("sex", "age"), ("topic",), ("sex", "age", "topic")]
SCOPES = ["p1", "p2", "d1", "c1", "n1", "c4"]


@settings(max_examples=histories.EXAMPLES)
@given(
    seed=st.integers(0, 2**32), hamlets=st.integers(1, 6), homes=st.integers(0, 3), visits=st.integers(4, 20)
)
def test_figures_and_coverage_agree_with_the_plain_reckoning(seed, hamlets, homes, visits):
    world = histories.make(seed, hamlets, homes, visits)
    chance = random.Random(seed)
    try:
        histories.store(world, seed)
        for _ in range(QUESTIONS):
            ask_and_compare(world, chance)
    finally:
        db.session.rollback()


def ask_and_compare(world, chance):
    scope = chance.choice(["p1", "p1", *SCOPES])
    asked = chance.choice([None, None, None, *SCOPES, world.hamlets()[0]])
    day = chance.choice([None, None, histories.EVE, histories.REFORM]) if asked else None
    cut_off = chance.choice(histories.cut_offs(world))
    period = chance.choice([None, a_period(cut_off, chance)])
    cut_off = period.cut_off if period else cut_off
    borders = chance.choice([cut_off, histories.EVE, histories.REFORM])
    actor = Actor("asker", Role.PROVINCE, scope)
    unit = asked and (f"{asked}@{day}" if day else asked)
    level = chance.choice([None, *UnitKind])
    question = indicators.Question(
        cut_off=cut_off,
        borders=borders,
        period=period,
        unit=unit,
        level=level,
        by=frozenset(chance.choice(BREAKDOWNS)),
        only_working=chance.random() < 0.3,
        basis=chance.choice([Basis.OBSERVED, Basis.OBSERVED, Basis.CONFIRMED]),
        rule=chance.choice(list(SkillRule)),
    )
    top, level = asked or scope, level or UnitKind(world.units[asked or scope].kind)
    if not world.chosen(scope, top, None) and not (
        world.ever_under(scope, top) or world.ever_under(top, scope)
    ):
        with pytest.raises(errors.NotFound):
            indicators.values(actor, question)
        return
    if not any(world.exists(each.id, borders) for each in world.units.values() if each.kind == level):
        with pytest.raises(errors.Invalid, match=r"units\.no_such_level"):
            indicators.values(actor, question)
        return
    told = {
        (item.unit and item.unit.id, item.definition.code, item.sex, item.age, item.topic): (
            item.numerator,
            item.denominator,
            item.unknown,
            item.value,
            (item.coverage.baseline, item.coverage.registered, item.coverage.interviewed),
            item.is_partial,
            item.is_baseline_exceeded,
        )
        for item in indicators.values(actor, question).items
    }
    assert told == expected_figures(world, question, scope, top, day, level)
    if level_exists_on(world, level, cut_off):
        lines = coverage.lines(actor, cut_off, unit, level)
        assert {line.unit and line.unit.id: told_of(line.count) for line in lines} == expected_coverage(
            world, cut_off, scope, top, day, level
        )


def a_period(day, chance):
    text = f"{day.year}{chance.choice(['', '-H1', '-H2', '-Q1', '-Q2', '-Q3', '-Q4', f'-{day.month:02}'])}"
    return periods.parse(text, chance.choice(list(Calendar)))


def level_exists_on(world, level, day):
    return any(unit.kind == level and world.exists(unit.id, day) for unit in world.units.values())


def told_of(count):
    return {
        "baseline": count.baseline,
        "registered": count.registered,
        "visited": count.visited,
        "interviewed": count.interviewed,
        "stale": count.stale,
        "last_visit_on": count.last_visit_on,
    }


def places(world, scope, top, day, level, borders):
    """Every unit to speak of with its chosen hamlets; None with those that cannot be placed."""
    found: dict = {unit: set() for unit in world.shown(scope, top, day, level, borders)}
    for hamlet in world.chosen(scope, top, day):
        found.setdefault(world.place(hamlet, level, borders), set()).add(hamlet)
    return found


def expected_coverage(world, on, scope, top, day, level):
    found = {}
    for unit, hamlets in places(world, scope, top, day, level, on).items():
        count = world.coverage(hamlets, on)
        if unit is not None or count["registered"]:
            baseline = world.baseline(unit, on.year, "households", on) if unit else None
            found[unit] = {"baseline": baseline} | count
    return found


def expected_figures(world, question, scope, top, day, level):
    figures = {}
    partial = world.partial(scope, top, day, level, question.borders)
    for unit, hamlets in places(world, scope, top, day, level, question.borders).items():
        reached = world.coverage(hamlets, question.cut_off)
        baseline = (
            world.baseline(unit, question.cut_off.year, "households", question.borders) if unit else None
        )
        for code, definition in DEFINITIONS.items():
            if definition.is_flow and question.period is None:
                continue
            for (sex, age, topic), cell in expected_cells(
                world, question, code, unit, hamlets, level, scope, top, day
            ):
                numerator, denominator, unknown = cell
                if question.basis is Basis.CONFIRMED:
                    denominator = confirmed(world, question, code, unit)
                is_empty = not (cell[0] or cell[1] or cell[2])
                if is_empty and (
                    (sex, age, topic) != (None, None, None) or (unit is None and not reached["registered"])
                ):
                    continue
                figures[unit, code, sex, age, topic] = (
                    numerator,
                    denominator,
                    unknown,
                    percentage(numerator, denominator),
                    (baseline, reached["registered"], reached["interviewed"]),
                    unit in partial,
                    question.basis is Basis.CONFIRMED and denominator is not None and numerator > denominator,
                )
    return figures


def expected_cells(world, question, code, unit, hamlets, level, scope, top, day):
    kind = code.removeprefix("teams_")
    if kind != code:
        cell = [0, 0, 0]
        if oracle.LEVELS.index(level) <= oracle.LEVELS.index(kind):
            for each in world.shown(scope, top, day, kind, question.borders):
                if unit is not None and world.unit_at(each, level, question.borders) == unit:
                    oracle.add(cell, world.has_team(kind, each, question.cut_off, question.borders))
        return [((None, None, None), cell)]
    return world.figure(
        code,
        hamlets,
        cut_off=question.cut_off,
        first=question.period and question.period.first,
        by=question.by,
        rule=question.rule,
        working=question.only_working,
    ).items()


def confirmed(world, question, code, unit):
    column = {
        "fibre_subscribed": "households",
        "fibre_covered": "households",
        "smart_device": "households",
        "smartphone": "population",
        "smartphone_adult": "adults",
        "account": "population_15_plus",
        "skills_basic": "population_15_plus",
    }.get(code)
    is_part = code in oracle.LEAST_AGE and (question.only_working or question.by & {"sex", "age"})
    if column is None or unit is None or is_part:
        return None
    return world.baseline(unit, question.cut_off.year, column, question.borders)
