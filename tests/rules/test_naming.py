import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import naming

CASES = json.loads((Path(__file__).parents[1] / "cases" / "naming.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["fold"], ids=lambda case: case["text"])
def test_the_search_key_ignores_accents_case_and_tone_placement(case):
    assert naming.fold(case["text"]) == case["key"]


@pytest.mark.parametrize("case", CASES["matches"], ids=lambda case: case["query"])
def test_every_word_of_a_query_must_occur_somewhere(case):
    assert naming.matches(case["query"], *case["texts"]) is case["found"]


@pytest.mark.parametrize("names", CASES["in_order"], ids=lambda names: names[0])
def test_people_sort_by_given_name_and_the_vietnamese_alphabet(names):
    assert sorted(names, key=naming.sort_key) == names


def test_places_sort_by_their_words_as_they_stand():
    names = ["Phường An Phú", "Phường Dĩ An", "Phường Đông Hoà", "Xã An Long"]
    assert sorted(names, key=naming.place_key) == names


def test_the_tone_mark_may_sit_on_either_vowel_without_changing_the_order():
    assert naming.sort_key("Trần Hoà") == naming.sort_key("Trần Hòa")


def test_stored_text_is_composed_and_without_stray_space():
    assert naming.normalise("  Thu\u0309  Da\u0302\u0300u ") == "Thủ Dầu"


@given(st.text(max_size=300))
def test_keys_of_any_text_are_short_and_folding_twice_changes_nothing(text):
    assert naming.fold(naming.fold(text)) == naming.fold(text)
    assert len(naming.sort_key(text)) <= naming.SORT_KEY_AT_MOST
    assert len(naming.place_key(text)) <= naming.SORT_KEY_AT_MOST
