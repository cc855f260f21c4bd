import json
from datetime import date
from pathlib import Path

import pytest

from app.rules import observations

CASES = json.loads((Path(__file__).parents[1] / "cases" / "observations.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["visits"], ids=lambda case: case["why"])
def test_a_visit_is_judged_by_the_rules_between_its_fields(case):
    visit = case["visit"] | {"visited_on": date.fromisoformat(case["visit"]["visited_on"])}
    assert observations.problems(visit, date.fromisoformat(case["received_on"])) == case["problems"]


@pytest.mark.parametrize("case", CASES["middles"], ids=lambda case: str(case["middle"]))
def test_a_band_counts_by_the_floor_of_its_middle(case):
    assert observations.middle(case["birth_year"], case["birth_year_to"]) == case["middle"]


def test_too_many_people_are_told_of_once():
    person = {"sex": "unknown", "birth_year": None}
    visit = {
        "visited_on": date(2025, 6, 1),
        "outcome": "interviewed",
        "members": [person | {"id": str(number)} for number in range(observations.MEMBERS_AT_MOST + 1)],
    }
    assert observations.problems(visit, date(2025, 6, 1)) == {"members": ["visit.too_many_members"]}


def test_every_code_has_words_for_people():
    told = {code for case in CASES["visits"] for codes in case["problems"].values() for code in codes}
    assert told | {"visit.too_many_members", "member.label_too_long"} == set(observations.MESSAGES)
