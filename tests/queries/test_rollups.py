"""Cells of random histories: they add up to what `tests/oracle.py` says."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli import doctor
from app.core.database import db
from app.queries import rollups
from app.rules import periods
from app.rules.cells import PEOPLE, born_in, person_key, sex_of
from app.rules.observations import middle
from app.rules.permissions import OPERATOR
from app.rules.vocabulary import Calendar, Topic
from app.services import rollups as services
from tests import factories, oracle
from tests.queries import histories

pytestmark = pytest.mark.usefixtures("app")


@settings(max_examples=histories.EXAMPLES)
@given(
    seed=st.integers(0, 2**32), hamlets=st.integers(1, 6), homes=st.integers(0, 3), visits=st.integers(4, 20)
)
def test_cells_agree_with_the_plain_reckoning(seed, hamlets, homes, visits):
    world = histories.make(seed, hamlets, homes, visits)
    chance = random.Random(seed)
    try:
        histories.store(world, seed, lambda: chance.random() < 0.2 and rebuild_or_fold(chance))
        for _ in range(3):
            if chance.random() < 0.5:
                rebuild_or_fold(chance)
            assert rollups.differences() == []
            compare(world, chance.choice(histories.cut_offs(world)), chance)
    finally:
        db.session.rollback()


def rebuild_or_fold(chance):
    if chance.random() < 0.2:
        services.rebuild(OPERATOR, lambda _progress: None)
    else:
        assert services.fold()


def compare(world, cut_off, chance):
    chosen = world.hamlets()
    stock = rollups.stock(chosen, cut_off)
    assert stock.hamlets == tuple(sorted(chosen))
    found: dict = {}
    for place, key, counts in zip(stock.place, stock.key, stock.people.tolist(), strict=True):
        found[stock.hamlets[place], int(key)] = counts
    assert found == expected_people(world, cut_off)
    for number, hamlet in enumerate(stock.hamlets):
        told: dict = {
            word: int(stock.of_homes(word)[number]) for word in ("registered", "visited", "interviewed")
        }
        told |= {
            "stale": int(stock.of_homes("stale")[number]),
            "last_visit_on": stock.last_visit_on(number),
        }
        assert told == world.coverage({hamlet}, cut_off)
        for code, yes, known in (
            ("fibre_subscribed", "fibre_subscribed", "fibre_known"),
            ("fibre_covered", "fibre_covered", "fibre_known"),
            ("smart_device", "device", "device_known"),
        ):
            cell = world.of_homes(code, {hamlet}, cut_off)[None, None, None]
            homes = int(stock.of_homes("homes")[number])
            counts = [int(stock.of_homes(yes)[number]), int(stock.of_homes(known)[number])]
            assert [*counts, homes - counts[1]] == cell
    text = f"{cut_off.year}-{chance.choice([f'{cut_off.month:02}', 'Q1', 'Q2', 'Q3', 'Q4', 'H1', 'H2'])}"
    compare_flow(world, chosen, periods.parse(text, chance.choice(list(Calendar))))


def compare_flow(world, chosen, period):
    flow = rollups.flow(chosen, period)
    for number, hamlet in enumerate(flow.hamlets):
        asked = ({hamlet}, period.first, period.last)
        for code in ("visits", "households_reached"):
            told = int(flow.of_word(code)[number])
            assert told == world.of_period(code, *asked, ())[None, None, None][0]
        helped = {topic: int(flow.of_word(topic)[number]) for topic in Topic}
        cells = world.of_period("people_helped", *asked, ("topic",))
        assert {topic: people for topic, people in helped.items() if people} == {
            key[2]: cell[0] for key, cell in cells.items()
        }


def expected_people(world, cut_off):
    cells: dict = {}
    for home in world.homes:
        visit = world.stock_visit(home, cut_off)
        if not isinstance(visit, oracle.Visit):
            continue
        for person in visit.members:
            born = middle(person["birth_year"], person["birth_year_to"])
            key = (world.hamlet_of(home, cut_off), person_key(person["sex"], born))
            phone = oracle.person_answer("smartphone", person, "any_one")
            account = oracle.person_answer("account", person, "any_one")
            rules = [oracle.person_answer("skills_basic", person, rule) for rule in PEOPLE[6:]]
            counted = [
                True,
                phone is not None,
                phone,
                account is not None,
                account,
                rules[0] is not None,
                *rules,
            ]
            row = cells.setdefault(key, [0] * len(PEOPLE))
            cells[key] = [count + (answer is True) for count, answer in zip(row, counted, strict=True)]
    assert all(sex_of(key) and (born_in(key) or True) for _, key in cells)
    return cells


def test_a_row_that_visits_do_not_tell_of_is_found(db_session, cli):
    factories.rollup()
    assert cli.invoke(args=["rollups", "verify"]).exit_code == 1
    assert ["rollups rebuild" in finding for finding in doctor._rollups()] == [True]
    assert cli.invoke(args=["rollups", "rebuild"]).exit_code == 0
    assert cli.invoke(args=["rollups", "verify"]).exit_code == 0
    assert list(doctor._rollups()) == []
