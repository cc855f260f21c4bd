"""The phone's twins of `app/rules` judge the shared cases as Python does, in a real browser."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from app.core.ids import new_id
from app.rules import vocabulary
from tests.browser.phone import PhoneApp

CASES = Path(__file__).parents[1] / "cases"


def cases(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return read


@pytest.fixture
def modules(phone_page: Page) -> PhoneApp:
    """The modules as the server hands them out; nobody is signed in."""
    phone_page.goto("/phone/")
    return PhoneApp(phone_page)


def test_names_fold_match_and_sort_alike(modules: PhoneApp):
    found = modules.module(
        "rules/naming.js",
        """(naming, { fold, matches, in_order }) => ({
          fold: fold.map(({ text }) => naming.fold(text)),
          matches: matches.map(({ query, texts }) => naming.matches(query, ...texts)),
          in_order: in_order.map((names) => names
            .map((name) => [naming.sortKey(name), name]).reverse()
            .sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, name]) => name)),
        })""",
        cases("naming"),
    )
    expected = cases("naming")
    assert found["fold"] == [case["key"] for case in expected["fold"]]
    assert found["matches"] == [case["found"] for case in expected["matches"]]
    assert found["in_order"] == expected["in_order"]


def test_visits_have_the_same_problems(modules: PhoneApp):
    expected = cases("observations")
    found = modules.module(
        "rules/observations.js",
        """(rules, { visits, middles }) => ({
          problems: visits.map(({ visit, received_on }) => rules.problems(visit, received_on)),
          middles: middles.map((each) => rules.middle(each.birth_year, each.birth_year_to)),
        })""",
        expected,
    )
    assert found["problems"] == [case["problems"] for case in expected["visits"]]
    assert found["middles"] == [case["middle"] for case in expected["middles"]]


def test_basic_skills_have_the_same_verdicts(modules: PhoneApp):
    rules = ["five_areas", "any_one", "national_contents"]
    expected = cases("skills")["verdicts"]
    found = modules.module(
        "rules/skills.js",
        """(skills, { verdicts, rules }) => verdicts.map(({ activities }) =>
          Object.fromEntries(rules.map((rule) => [rule, skills.isBasic(activities, rule)])))""",
        {"verdicts": expected, "rules": rules},
    )
    assert found == [{rule: case[rule] for rule in rules} for case in expected]
    assert modules.module("rules/skills.js", "(skills) => skills.isBasic(null, 'five_areas')") is None


def test_the_words_on_the_wire_are_the_same(modules: PhoneApp):
    words = modules.module("rules/vocabulary.js", "(words) => ({ ...words })")
    assert words == {
        "OUTCOMES": list(vocabulary.Outcome),
        "CONSENTS": list(vocabulary.ConsentAnswer),
        "SEXES": list(vocabulary.Sex),
        "FIBRES": list(vocabulary.Fibre),
        "PHONES": list(vocabulary.Phone),
        "ACCOUNTS": list(vocabulary.Account),
        "TOPICS": list(vocabulary.Topic),
    }
    assert modules.module("rules/skills.js", "({ ACTIVITIES }) => ACTIVITIES") == list(vocabulary.Activity)


def test_days_are_vietnamese_whatever_the_clock_says(modules: PhoneApp):
    found = modules.module(
        "rules/dates.js",
        """(dates) => [
          dates.dateOf(new Date("2025-06-30T16:59:59Z")), dates.dateOf(new Date("2025-06-30T17:00:00Z")),
          dates.plusDays("2024-02-28", 2), dates.daysBetween("2025-06-30", "2025-07-01"), dates.written("2025-07-01"),
        ]""",
    )
    assert found == ["2025-06-30", "2025-07-01", "2024-03-01", 1, "01/07/2025"]


def test_ids_made_on_the_phone_are_of_version_7_and_sort_by_time(modules: PhoneApp):
    earlier = new_id()
    made = modules.module("store/device.js", "({ newId }) => Array.from({ length: 50 }, newId)")
    assert len(set(made)) == 50
    assert all(each[14] == "7" and each[19] in "89ab" and len(each) == 36 for each in made)
    assert earlier[:13] <= made[0][:13] <= new_id()[:13]
