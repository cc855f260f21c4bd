import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from app.core.errors import Invalid
from app.rules import periods
from app.rules.vocabulary import Calendar

CASES = json.loads((Path(__file__).parents[1] / "cases" / "periods.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["periods"], ids=lambda case: f"{case['text']} {case['calendar']}")
def test_a_period_runs_from_its_first_to_its_last_day(case):
    period = periods.parse(case["text"], Calendar(case["calendar"]))
    assert (period.first.isoformat(), period.last.isoformat()) == (case["first"], case["last"])
    assert period.cut_off == period.last


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: f"{case['text']} {case['calendar']}")
def test_anything_else_is_no_period(case):
    with pytest.raises(Invalid) as refusal:
        periods.parse(case["text"], Calendar(case["calendar"]))
    assert "period" in refusal.value.fields


@pytest.mark.parametrize("calendar", list(Calendar))
def test_months_follow_each_other_without_a_gap(calendar):
    months = [
        periods.parse(f"{year}-{month:02}", calendar) for year in (2023, 2024, 2025) for month in range(1, 13)
    ]
    for earlier, later in pairwise(months):
        assert later.first - earlier.last == timedelta(days=1)


def test_a_day_far_away_is_refused():
    assert periods.check_day(date(2025, 6, 1), "on") == date(2025, 6, 1)
    with pytest.raises(Invalid) as refusal:
        periods.check_day(date(1, 1, 1), "on")
    assert list(refusal.value.fields) == ["on"]
