"""Loading quickly is loading as marshmallow does: the same values, the same refusals."""

import copy
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, post_load

from app.schemas.operations import AmendSchema, HeadSchema, RegisterSchema, VisitSchema
from app.schemas.quick import loading

HOME = "0190a3c5-1111-7222-8333-444455556666"
VISIT = {
    "id": HOME,
    "household_id": HOME,
    "team_id": HOME,
    "visited_on": "2026-11-20",
    "outcome": "interviewed",
    "fibre": "subscribed",
    "other_smart_device": True,
    "members": [
        {
            "id": "m1",
            "label": "chị Lan",
            "sex": "female",
            "birth_year": 1962,
            "birth_year_to": None,
            "phone": "smartphone",
            "account": "yes",
            "skills": ["message_call", "pay_online"],
        },
        {"id": "m2"},
    ],
    "topics": [{"topic": "public_services", "people": 2}],
    "note": "hẹn\nchiều",
    "next_visit_on": None,
}
CONSENT = {"answer": "yes", "text_version": "2026.1", "at": "2026-11-20T08:00:00Z"}
REGISTER = {"id": HOME, "team_id": HOME, "unit_id": "ap-1", "head_name": "Bà Mẫu", "consent": CONSENT}
AMEND = {"id": HOME, "changes": {"phone": "0900000000", "consent": CONSENT}, "base": {"phone": 3}}
HEAD = {
    "op_id": HOME,
    "device_seq": 4,
    "type": "visit.record",
    "recorded_at": "2026-11-20T08:00:00.123Z",
    "data": {"any": [1]},
}
SOUND = [(VisitSchema, VISIT), (RegisterSchema, REGISTER), (AmendSchema, AMEND), (HeadSchema, HEAD)]

odd_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=70),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
    st.sampled_from(
        [
            HOME.upper(),
            "{" + HOME + "}",
            "2026-02-30",
            "1899-12-31",
            "٢026-01-01",
            "2026-11-20T08:00:00+07:00",
            "2026-11-20T25:00:00Z",
            "2026-11-20t08:00:00z",
            20.0,
            -1,
            10**20,
            "  hai   khoảng trắng ",
            "Hoa\u0300",
            "a\x00",
            "\ud800",
            "",
        ]
    ),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for name, inner in inside for each in places(inner, (*path, name)))]


def outcome(load: Any, sent: Any) -> tuple[str, Any]:
    try:
        return "loaded", load(sent)
    except ValidationError as error:
        return "refused", error.messages


@pytest.mark.parametrize(("schema", "sound"), SOUND)
def test_sound_records_load_alike(schema, sound):
    assert loading(schema())(sound) == schema().load(sound)


@pytest.mark.parametrize(("schema", "sound"), SOUND)
@given(st.data())
def test_odd_records_load_or_fail_alike(schema, sound, data):
    sent = copy.deepcopy(sound)
    *way, last = data.draw(st.sampled_from(places(sound)[1:]))
    inner: Any = sent
    for step in way:
        inner = inner[step]
    deed = data.draw(st.sampled_from(["replace", "remove", "add"]))
    if deed == "remove":
        del inner[last]
    elif deed == "add" and isinstance(inner, dict):
        inner[data.draw(st.text(max_size=5))] = data.draw(odd_values)
    else:
        inner[last] = data.draw(odd_values)
    assert outcome(loading(schema()), sent) == outcome(schema().load, sent)


@given(odd_values)
@example([])
def test_what_is_no_object_is_refused_alike(sent):
    assert outcome(loading(VisitSchema()), sent) == outcome(VisitSchema().load, sent)


def test_a_schema_with_hooks_is_left_to_marshmallow():
    class Hooked(Schema):
        name = fields.String()

        @post_load
        def _shout(self, data, **_):
            return {"name": data["name"].upper()}

    with pytest.raises(TypeError):
        loading(Hooked())
