import hashlib

from hypothesis import given
from hypothesis import strategies as st

from app.rules.operations import FREE_TEXT, canonical, content_hash, derived_id, without_personal
from tests.phones import PERSONAL

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_the_canonical_form_has_sorted_keys_and_no_spaces():
    text = canonical({"b": [1, {"d": None, "c": "ữ"}], "a": True})
    assert text == '{"a":true,"b":[1,{"c":"ữ","d":null}]}'
    assert content_hash(text) == hashlib.sha256(text.encode()).hexdigest()


@given(st.dictionaries(st.text(), JSON))
def test_any_operation_has_a_hash_that_does_not_hang_on_the_order_of_its_fields(raw):
    backwards = dict(reversed(raw.items()))
    assert content_hash(canonical(raw)) == content_hash(canonical(backwards))


@given(st.dictionaries(st.sampled_from(["data", "op_id"]), JSON | st.dictionaries(st.just("members"), JSON)))
def test_leaving_out_what_is_personal_never_fails(raw):
    assert set(without_personal(raw)) == set(raw)


def test_what_is_personal_is_left_out_wherever_it_stands():
    raw = {
        "op_id": "1",
        "data": {
            **PERSONAL,
            "id": "2",
            "note": "x",
            "changes": {"phone": "3", "code": "4"},
            "members": [{"id": "m1", "label": "chị Lan", "sex": "female"}, "torn"],
        },
    }
    assert without_personal(raw, *FREE_TEXT) == {
        "op_id": "1",
        "data": {"id": "2", "changes": {"code": "4"}, "members": [{"id": "m1", "sex": "female"}, "torn"]},
    }
    assert raw["data"]["head_name"]  # what was sent is left as it is


def test_a_derived_id_is_the_same_each_time_and_another_for_other_parts():
    assert derived_id("a", "b") == derived_id("a", "b")
    assert len({derived_id("a", "b"), derived_id("ab"), derived_id("b", "a")}) == 3
