import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import skills
from app.rules.vocabulary import Activity, SkillRule

CASES = json.loads((Path(__file__).parents[1] / "cases" / "skills.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["masks"], ids=lambda case: str(case["mask"]))
def test_activities_become_a_mask(case):
    assert skills.encode(case["activities"]) == case["mask"]


@pytest.mark.parametrize("rule", list(SkillRule))
@pytest.mark.parametrize("case", CASES["verdicts"], ids=lambda case: "+".join(case["activities"]) or "none")
def test_each_rule_gives_its_verdict(case, rule):
    assert skills.is_basic(skills.encode(case["activities"]), rule) is case[rule.value]


@given(st.sets(st.sampled_from(Activity)))
def test_decoding_a_mask_gives_back_its_activities_in_order(activities):
    decoded = skills.decode(skills.encode(activities))
    assert set(decoded) == activities
    assert decoded == [activity for activity in Activity if activity in activities]


def test_the_five_areas_hold_every_activity_once():
    assert sorted(activity for area in skills.AREAS.values() for activity in area) == sorted(Activity)


@pytest.mark.parametrize("mask", [-1, skills.ALL + 1])
def test_a_number_that_is_no_mask_is_refused(mask):
    with pytest.raises(ValueError, match="not a mask"):
        skills.decode(mask)


def test_an_unknown_activity_is_refused():
    with pytest.raises(ValueError, match="flying"):
        skills.encode(["flying"])
