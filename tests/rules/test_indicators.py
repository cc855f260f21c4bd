from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import indicators
from app.rules.indicators import Counts
from app.rules.vocabulary import Phone, Sex

CUT_OFF = date(2025, 6, 30)


def test_definitions_stand_in_the_order_of_the_contract():
    assert list(indicators.DEFINITIONS) == [
        "fibre_subscribed",
        "fibre_covered",
        "smart_device",
        "smartphone",
        "smartphone_adult",
        "account",
        "skills_basic",
        "teams_commune",
        "teams_hamlet",
        "households_reached",
        "visits",
        "people_helped",
    ]


def test_only_stock_indicators_of_homes_and_people_have_a_confirmed_denominator():
    for definition in indicators.DEFINITIONS.values():
        has = definition.counts in {Counts.HOUSEHOLDS, Counts.PEOPLE}
        assert (definition.baseline is not None) is has
        assert (definition.denominator is None) is definition.is_flow


@pytest.mark.parametrize(
    ("years", "band"),
    [
        (0, "0-14"),
        (14, "0-14"),
        (15, "15-17"),
        (17, "15-17"),
        (18, "18-24"),
        (64, "55-64"),
        (65, "65+"),
        (120, "65+"),
        (None, "unknown"),
    ],
)
def test_every_age_has_its_band(years, band):
    assert indicators.age_band(years) == band


def test_a_minimum_age_is_a_run_of_whole_bands():
    assert "15-17" in indicators.bands_from(15)
    assert "15-17" not in indicators.bands_from(18)
    assert "unknown" not in indicators.bands_from(15)
    assert "unknown" in indicators.bands_from(None)


def test_age_is_the_cut_offs_year_minus_the_birth_year():
    assert indicators.age(2010, CUT_OFF) == 15


@pytest.mark.parametrize(
    ("sex", "year", "months"),
    [
        (Sex.MALE, 2020, 720),
        (Sex.MALE, 2021, 723),
        (Sex.MALE, 2025, 735),
        (Sex.MALE, 2028, 744),
        (Sex.MALE, 2040, 744),
        (Sex.FEMALE, 2021, 664),
        (Sex.FEMALE, 2025, 680),
        (Sex.FEMALE, 2035, 720),
        (Sex.FEMALE, 2040, 720),
    ],
)
def test_the_retirement_age_follows_the_decrees_schedule(sex, year, months):
    assert indicators.retirement_months(sex, year) == months


@pytest.mark.parametrize(
    ("years", "sex", "verdict"),
    [
        (14, Sex.MALE, False),
        (15, Sex.FEMALE, True),
        (61, Sex.MALE, True),
        (62, Sex.MALE, False),
        (56, Sex.FEMALE, True),
        (57, Sex.FEMALE, False),
        (50, Sex.UNKNOWN, True),
        (59, Sex.UNKNOWN, None),
        (70, Sex.UNKNOWN, False),
        (None, Sex.MALE, None),
    ],
)
def test_working_age_in_2025(years, sex, verdict):
    assert indicators.is_working_age(years, sex, 2025) is verdict


@pytest.mark.parametrize(
    ("phones", "other", "verdict"),
    [
        ([Phone.SMARTPHONE, Phone.UNKNOWN], None, True),
        ([Phone.BASIC], True, True),
        ([], True, True),
        ([], False, False),
        ([], None, None),
        ([Phone.BASIC, Phone.NONE], False, False),
        ([Phone.BASIC, Phone.UNKNOWN], False, None),
        ([Phone.BASIC], None, None),
    ],
)
def test_a_home_has_a_smart_device_or_not_or_it_is_not_known(phones, other, verdict):
    assert indicators.smart_device(phones, other) is verdict


def test_a_percentage_has_two_decimals_and_rounds_half_up():
    assert indicators.percentage(1520, 2013) == 75.51
    assert indicators.percentage(1, 800) == 0.13
    assert indicators.percentage(0, 5) == 0.0
    assert indicators.percentage(7, 5) == 140.0
    assert indicators.percentage(0, 0) is None
    assert indicators.percentage(3, None) is None


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_percentage_agrees_with_decimal_arithmetic(numerator, denominator):
    exact = (Decimal(100 * numerator) / Decimal(denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert indicators.percentage(numerator, denominator) == float(exact)
