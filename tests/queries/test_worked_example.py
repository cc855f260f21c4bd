"""The worked example of docs/figures.md and docs/figures.vi.md: the app gives the very numbers printed there."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.queries import coverage, indicators
from app.queries.indicators import Question
from app.rules import periods
from app.rules.permissions import OPERATOR, Actor
from app.rules.vocabulary import Account, Fibre, Outcome, Phone, Role, Sex, VisitStatus
from app.services import rollups
from tests import factories

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs/figures.md", ROOT / "docs/figures.vi.md"]
JUNE = periods.parse("2025-06")
SMART, BASIC, UNKNOWN = Phone.SMARTPHONE, Phone.BASIC, Phone.UNKNOWN
YES, NO = Account.YES, Account.NO
HOMES: dict[str, list[tuple[date, dict[str, Any], list[Any]]]] = {
    "A": [
        (date(2025, 3, 10), {"fibre": Fibre.NONE}, [(1980, BASIC, NO), (2012, Phone.NONE, NO)]),
        (date(2025, 6, 12), {"fibre": Fibre.SUBSCRIBED}, [(1980, SMART, YES), (2012, Phone.NONE, NO)]),
    ],
    "B": [
        (date(2025, 6, 5), {"fibre": Fibre.AVAILABLE}, [(1955, BASIC, NO), (1958, SMART, Account.DECLINED)]),
        (date(2025, 6, 20), {"outcome": Outcome.ABSENT}, []),
    ],
    "C": [
        (date(2025, 5, 20), {"fibre": Fibre.UNKNOWN}, [(2000, SMART, YES), (None, SMART, YES)]),
        (
            date(2025, 6, 25),
            {"fibre": Fibre.SUBSCRIBED, "status": VisitStatus.RETURNED, "is_counting": False},
            [(2000, SMART, YES), (None, UNKNOWN, NO)],
        ),
    ],
    "D": [
        (date(2025, 6, 28), {"fibre": Fibre.SUBSCRIBED}, [(1990, SMART, YES), (2009, SMART, NO)]),
        (date(2025, 7, 3), {"outcome": Outcome.MOVED}, []),
    ],
}
CODES = "fibre_subscribed fibre_covered smartphone smartphone_adult account visits households_reached".split()


@pytest.fixture
def province(app):
    top = factories.province()
    hamlet = factories.hamlet(parent=factories.commune(parent=top))
    team = factories.team(hamlet)
    for visits in HOMES.values():
        home = factories.household(unit=hamlet, team=team, registered_on=date(2025, 3, 1))
        for day, details, people in visits:
            seen = factories.visit(household=home, visited_on=day, **details)
            for born, phone, account in people:
                factories.observation(seen, birth_year=born, phone=phone, account=account, sex=Sex.FEMALE)
    return top


def printed(page):
    """The table of the example: code to numerator, denominator, unknown and value, as the page prints them."""
    rows = re.findall(
        r"^\| `(\w+)` \| (\d+) \| (\d+|–) \| (\d+) \| ([\d.,]+|–)", page.read_text(), re.MULTILINE
    )
    return {
        code: (int(top), None if below == "–" else int(below), int(unknown), value.replace(",", "."))
        for code, top, below, unknown, value in rows
    }


@pytest.mark.parametrize("is_rolled", [True, False])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_app_gives_the_figures_that_the_page_prints(province, page, is_rolled):
    if is_rolled:
        rollups.rebuild(OPERATOR, lambda _line: None)
    assert set(printed(page)) == set(CODES)
    question = Question(cut_off=JUNE.last, borders=JUNE.last, period=JUNE, indicators=tuple(CODES))
    told = {
        item.definition.code: (
            item.numerator,
            item.denominator,
            item.unknown,
            "–" if item.value is None else f"{item.value:.2f}",
        )
        for item in indicators.values(Actor("asker", Role.PROVINCE, province.id), question).items
    }
    assert told == printed(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_coverage_before_and_after_a_home_moves_away_is_as_printed(province, page):
    actor = Actor("asker", Role.PROVINCE, province.id)
    rows = re.findall(
        r"^\| (\d\d)/(\d\d)/(\d{4}) \| (\d) \| (\d) \| (\d) \| (\d) \|", page.read_text(), re.MULTILINE
    )
    assert len(rows) == 2
    for day, month, year, *counts in rows:
        (line,) = coverage.lines(actor, date(int(year), int(month), int(day)), None, None)
        count = line.count
        assert [count.registered, count.visited, count.interviewed, count.stale] == [int(c) for c in counts]


def test_the_next_day_changes_nothing_but_what_happened_on_it(province):
    actor = Actor("asker", Role.PROVINCE, province.id)
    first, second = (
        indicators.values(actor, Question(cut_off=day, borders=day, indicators=("fibre_subscribed",))).items[
            0
        ]
        for day in (JUNE.last, JUNE.last + timedelta(days=3))
    )
    assert (first.numerator, first.denominator, first.unknown) == (2, 3, 1)
    assert (second.numerator, second.denominator, second.unknown) == (1, 2, 1)  # D has moved away
