"""The reform of 1 July 2025, end to end on the demo: one province, its figures on the old map and on the new."""

import contextvars
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from app.core.clock import today
from app.core.database import db
from app.queries import indicators, units
from app.queries.indicators import Item, Question
from app.rules import periods
from app.rules.indicators import DEFINITIONS
from app.rules.permissions import OPERATOR, Actor
from app.rules.units import Register, acts
from app.rules.vocabulary import ActKind, Role, SuccessionPart, UnitKind
from app.services.units import acts as deeds

EVE, DAY = date(2025, 6, 30), date(2025, 7, 1)
PERIODS = ("2025-05", "2025-06", "2025-Q2", "2025-07", "2025", "2026-03")
CODE = "fibre_subscribed"
OF_THE_MAP = "teams_commune"
"""The one indicator whose denominator is the communes themselves: 91 on the old map, 36 on the new."""

SUMMED = set(DEFINITIONS) - {OF_THE_MAP}

Sums = dict[str, tuple[int, int, int, int, int]]


@pytest.fixture(scope="module")
def reform(make_app: Callable[[str], Flask]) -> Iterator[Flask]:
    app = make_app("reform")
    for words in (["setup"], ["demo", "--households", "300", "--seed", "9"]):
        done = contextvars.Context().run(app.test_cli_runner().invoke, args=words)
        assert done.exit_code == 0, done.output
    with app.app_context():
        yield app
        db.session.rollback()


@pytest.fixture
def register(reform: Flask) -> Register:
    return units.register()


def ask(register: Register, borders: date, level: UnitKind, period: str, *codes: str) -> list[Item]:
    province = register.by_code("74", EVE)
    assert province is not None
    read = periods.parse(period)
    question = Question(
        cut_off=read.cut_off,
        borders=borders,
        period=read,
        level=level,
        indicators=codes or tuple(DEFINITIONS),
    )
    return indicators.values(Actor("asker", Role.PROVINCE, province.id), question).items


def total(items: list[Item]) -> Sums:
    """Sum by indicator: numerator, denominator, unknown, registered and interviewed homes."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for item in items:
        if item.definition.code == OF_THE_MAP:
            continue
        counted = (item.numerator, item.denominator or 0, item.unknown)
        for place, number in enumerate((*counted, item.coverage.registered, item.coverage.interviewed)):
            sums[item.definition.code][place] += number
    return {code: (a, b, c, d, e) for code, (a, b, c, d, e) in sums.items()}


def by_unit(items: list[Item]) -> dict[str, Sums]:
    found: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        assert item.unit is not None
        found[item.unit.id].append(item)
    return {each: total(own) for each, own in found.items()}


def added(parts: list[Sums]) -> Sums:
    codes = {code for part in parts for code in part}
    zero = (0, 0, 0, 0, 0)
    sums = {
        code: [sum(numbers) for numbers in zip(*(part.get(code, zero) for part in parts), strict=True)]
        for code in codes
    }
    return {code: (a, b, c, d, e) for code, (a, b, c, d, e) in sums.items()}


def test_ninety_one_communes_in_nine_districts_became_thirty_six(register):
    assert len(register.valid(UnitKind.COMMUNE, EVE)) == 91
    assert len(register.valid(UnitKind.DISTRICT, EVE)) == 9
    assert len(register.valid(UnitKind.COMMUNE, DAY)) == 36
    assert register.valid(UnitKind.DISTRICT, DAY) == []


@pytest.mark.parametrize("period", PERIODS)
def test_the_provinces_totals_of_every_indicator_are_equal_on_both_maps(register, period):
    old = ask(register, EVE, UnitKind.COMMUNE, period)
    new = ask(register, DAY, UnitKind.COMMUNE, period)
    assert not any(item.is_unconverted for item in [*old, *new])
    assert total(old) == total(new)
    assert set(total(new)) == SUMMED
    assert total(new)["smartphone_adult"][1] > 0
    assert total(ask(register, EVE, UnitKind.DISTRICT, period)) == total(old)


def test_the_share_of_communes_with_a_team_is_out_of_the_communes_of_the_map(register):
    old = ask(register, EVE, UnitKind.COMMUNE, "2025-06", OF_THE_MAP)
    new = ask(register, DAY, UnitKind.COMMUNE, "2025-06", OF_THE_MAP)
    assert (sum(item.denominator or 0 for item in old), sum(item.denominator or 0 for item in new)) == (
        91,
        36,
    )


def test_a_new_communes_past_is_what_its_hamlets_show_and_its_whole_predecessors(register):
    old = by_unit(ask(register, EVE, UnitKind.COMMUNE, "2025-06"))
    new = by_unit(ask(register, DAY, UnitKind.COMMUNE, "2025-06"))
    hamlets = by_unit(ask(register, EVE, UnitKind.HAMLET, "2025-06"))
    of_whole, of_parts = 0, 0
    for commune in register.valid(UnitKind.COMMUNE, DAY):
        under = register.hamlets_under(commune.id, DAY)
        assert new[commune.id] == added([hamlets[each] for each in under])
        facts = register.predecessors[commune.id]
        if all(fact.part is SuccessionPart.WHOLE for fact in facts):
            assert new[commune.id] == added([old[fact.old_id] for fact in facts])
            of_whole += 1
        else:
            of_parts += 1
    assert of_whole > 0
    assert of_parts > 0


def test_a_hamlet_that_is_split_without_more_being_known_is_said_to_be_unconverted(register):
    on, period = today() + timedelta(days=30), "2026-03"
    shown = by_unit(ask(register, DAY, UnitKind.HAMLET, period, CODE))
    split = max(shown, key=lambda each: shown[each][CODE])
    parts = tuple(acts.NewUnit(code, code, None) for code in ("T1", "T2"))
    plan = acts.Plan(ActKind.SPLIT, on, units=(split,), new=parts)
    before = ask(register, DAY, UnitKind.COMMUNE, period, CODE)
    act = deeds.enact(OPERATOR, plan, decision="1/NQ")
    after = ask(units.register(), on, UnitKind.COMMUNE, period, CODE)
    lost = [item for item in after if item.is_unconverted]
    assert total(lost)[CODE] == shown[split][CODE]
    assert total(after) == total(before)
    deeds.undo(OPERATOR, act.id)
    again = ask(units.register(), on, UnitKind.COMMUNE, period)
    assert not any(item.is_unconverted for item in again)
