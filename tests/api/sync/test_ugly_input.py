"""What no phone of ours would send, and some phone will: nothing is lost, no record holds up another."""

import gzip
import json
import unicodedata
import zlib
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.core.database import db
from app.core.ids import new_id
from app.models.households import Household
from app.models.operations import Operation
from app.models.visits import Observation, Visit, VisitTopic
from app.rules.permissions import Actor
from app.services import visits
from tests.phones import member


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def post(phone: Any, body: bytes, **headers: str) -> Any:
    """Push raw bytes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return phone.client.post("/api/v1/sync/push", data=body, content_type="application/json", headers=named)


def envelope(phone: Any, *operations: Any, **changes: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "device_id": phone.device_id,
        "epoch": None,
        "sent_at": "2025-06-12T02:00:00Z",
        "operations": list(operations),
    } | changes


# --- the envelope ---------------------------------------------------------------------------------------------


def test_a_hundred_operations_are_taken_and_one_more_is_too_much(place):
    voids = [place.phone.operation("op.void", {}) for _ in range(101)]
    answer = place.phone.push(*voids)
    assert answer.status_code == 413
    assert count(Operation) == 0
    place.phone.store(*voids[:100])


def test_a_body_is_measured_after_inflating(place):
    bomb = gzip.compress(b" " * 50_000_000)
    answer = post(place.phone, bomb, Content_Encoding="gzip")
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "request.too_large")
    padded = json.dumps(envelope(place.phone)).encode().ljust(512 * 1024)
    assert post(place.phone, padded).status_code == 200
    assert post(place.phone, gzip.compress(padded), Content_Encoding="gzip").status_code == 200
    assert post(place.phone, padded + b" ").status_code == 413
    assert post(place.phone, gzip.compress(padded + b" "), Content_Encoding="gzip").status_code == 413


def test_a_body_cut_off_half_way_is_refused_whole(place):
    whole = gzip.compress(json.dumps(envelope(place.phone, place.phone.register(place.here))).encode())
    for cut in (1, 5, len(whole) // 2, len(whole) - 1):
        assert post(place.phone, whole[:cut], Content_Encoding="gzip").status_code == 400
    assert post(place.phone, whole + b"tail", Content_Encoding="gzip").status_code in {200, 400}
    assert post(place.phone, b"not gzip", Content_Encoding="gzip").status_code == 400


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_other_ways_of_packing_are_refused(place, encoding):
    assert post(place.phone, zlib.compress(b"{}"), Content_Encoding=encoding).status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b'{"schema": NaN}',
        b'{"schema": Infinity}',
        b'{"schema": -Infinity}',
        b"\xff\xfe\x00",
        b'{"a": "\xc3"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"schema": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_not_a_json_object_is_refused(place, body):
    answer = post(place.phone, body)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "request.malformed")


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": None},
        {"schema": "1"},
        {"schema": True},
        {"schema": 0},
        {"schema": 2**80},
        {"device_id": "x" * 65},
        {"device_id": 7},
        {"epoch": 7},
        {"sent_at": "yesterday"},
        {"sent_at": "2025-06-12T02:00:00"},
        {"sent_at": "2025-06-31T02:00:00Z"},
        {"operations": None},
        {"operations": {}},
        {"surplus": 1},
    ],
)
def test_an_unsound_envelope_is_refused_with_its_field(place, changes):
    answer = post(place.phone, json.dumps(envelope(place.phone, **changes)).encode())
    assert answer.status_code == 422
    assert next(iter(answer.json["error"]["fields"])).split(".")[0] == next(iter(changes))


def test_an_old_epoch_an_older_schema_and_a_clock_years_off_are_taken_in(place):
    for changes in (
        {"epoch": str(uuid4())},
        {"epoch": "nonsense"},
        {"schema": 2},
        {"sent_at": "2001-01-01T00:00:00Z"},
        {"sent_at": "2199-12-31T23:59:59.999999999+14:00"},
    ):
        operation = place.phone.operation("op.void", {}, "2199-12-31T23:59:59Z")
        answer = place.phone.push(operation, **changes)
        assert answer.status_code == 200, answer.text
        assert answer.json["results"][0]["outcome"] == "stored"


def test_no_operations_are_an_answer_too(place):
    assert place.phone.results() == []


# --- one operation --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"op_id": None},
        {"op_id": "41"},
        {"op_id": 41},
        {"op_id": {"a": []}},
        {"device_seq": None},
        {"device_seq": -1},
        {"device_seq": 2**80},
        {"device_seq": 1.5},
        {"device_seq": True},
        {"device_seq": "3"},
        {"type": None},
        {"type": 7},
        {"type": "x" * 5000},
        {"type": "op.void\0"},
        {"type": ["op.void"]},
        {"recorded_at": None},
        {"recorded_at": "2025-06-12"},
        {"recorded_at": "0001-01-01T00:00:00Z"},
        {"recorded_at": "2025-06-12T02:00:00+99:00"},
        {"recorded_at": 1750000000},
        {"replaces": 3},
        {"data": None},
        {"data": []},
        {"data": "{}"},
        {"surplus\0": 1},
        {"sur\ud800plus": 1},
    ],
)
def test_a_malformed_operation_is_kept_and_named_while_the_next_goes_on(place, change):
    bad = place.phone.operation("op.void", {}) | change
    good = place.phone.operation("op.void", {})
    answer = place.phone.push(bad, good)
    assert answer.status_code == 200, answer.text
    first, second = answer.json["results"]
    assert first["outcome"] == "invalid"
    assert first["receipt"]["seq"] == 1
    assert first["fields"] or first["code"] == "op.unknown_type"
    assert second["outcome"] == "stored"
    again = place.phone.push(bad).json["results"][0]
    assert (again["outcome"], again["receipt"]) == ("duplicate", first["receipt"])


def test_operations_without_any_content_are_kept_too(place):
    answer = place.phone.push({}, {}, {"op_id": None})
    assert [each["outcome"] for each in answer.json["results"]] == ["invalid", "duplicate", "invalid"]
    assert [each["op_id"] for each in answer.json["results"]] == [None, None, None]


@pytest.mark.parametrize("depth", [50, 200, 400, 600, 800, 900, 950, 980, 5000])
def test_deep_nesting_never_breaks_the_server(place, depth):
    deep = place.phone.operation("op.void", {}) | {"data": {"deep": "HERE"}}
    good = place.phone.operation("op.void", {})
    text = json.dumps(envelope(place.phone, deep, good)).replace('"HERE"', "[" * depth + "]" * depth)
    answer = post(place.phone, text.encode())
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        assert [each["outcome"] for each in answer.json["results"]] == ["invalid", "stored"]


@pytest.mark.parametrize("number", [20, 20.0])
def test_whole_numbers_may_be_written_with_a_point(place, number):
    visit = place.phone.visit(place.home(), topics=[{"topic": "vneid", "people": number}])
    place.phone.store(visit)
    assert db.session.scalars(select(VisitTopic.people)).one() == 20


@pytest.mark.parametrize("number", [20.7, 2**80, -1, "20", True, None, [20], 1e300])
def test_other_numbers_are_refused(place, number):
    visit = place.phone.visit(place.home(), topics=[{"topic": "vneid", "people": number}])
    assert place.phone.results(visit)[0]["outcome"] == "invalid"
    birth = place.phone.visit(place.home(), members=[member("m1", birth_year=number)])
    assert place.phone.results(birth)[0]["outcome"] == ("invalid" if number is not None else "stored")


def test_a_number_too_great_for_any_reader_blocks_no_other_record(place):
    good = place.phone.operation("op.void", {})
    bad = place.phone.operation("op.void", {}) | {"device_seq": "HERE"}
    text = json.dumps(envelope(place.phone, bad, good)).replace('"HERE"', "1e999")
    answer = post(place.phone, text.encode())
    assert [each["outcome"] for each in answer.json["results"]] == ["invalid", "stored"]


@pytest.mark.parametrize("text", ["a\0b", "a\x07b", "a\ud800b", "\udfff", "x" * 121, 7, [], {"a": 1}, True])
def test_text_that_no_screen_can_show_is_refused_and_kept(place, text):
    home = place.phone.register(place.here, head_name=text)
    visit = place.phone.visit(place.home(), note={"x": text} if text == "x" * 121 else text)
    for operation, field in ((home, "head_name"), (visit, "note")):
        answer = post(place.phone, json.dumps(envelope(place.phone, operation)).encode())
        assert answer.status_code == 200, answer.text
        result = answer.json["results"][0]
        assert (result["outcome"], list(result["fields"])) == ("invalid", [field])
        assert db.session.get_one(Operation, operation["op_id"]).body


def test_lone_surrogates_in_a_name_of_a_field_are_kept_and_named(place):
    home = place.phone.register(place.here, **{"\ud800": "x"})
    answer = post(place.phone, json.dumps(envelope(place.phone, home)).encode())
    assert answer.status_code == 200
    assert answer.json["results"][0]["outcome"] == "invalid"


def test_vietnamese_in_decomposed_form_is_stored_composed(place):
    name = "Nguyễn Thị Hoà Ở Đường Ẩm"
    decomposed = unicodedata.normalize("NFD", name)
    assert decomposed != name
    home = place.home(head_name=f"  {decomposed}\u00a0 ", address=decomposed)
    stored = db.session.get_one(Household, home["data"]["id"])
    assert (stored.head_name, stored.address) == (name, name)
    hash_of_sent = db.session.get_one(Operation, home["op_id"]).hash
    assert place.phone.results(home)[0]["receipt"]["hash"] == hash_of_sent


def test_emoji_and_lines_survive_the_round_trip(place):
    note = "Bà khoẻ 👵🏼\nhẹn thứ hai 👍"
    visit = place.phone.visit(place.home(), note=note, members=[member("👧", label="bé Bống 🐟")])
    place.phone.store(visit)
    told = next(item for item in place.phone.pull()["items"] if item["kind"] == "household")
    assert told["last_visit"]["note"] == note
    assert told["last_visit"]["members"][0] | {"x": 1} == told["last_visit"]["members"][0] | {"x": 1}
    assert told["last_visit"]["members"][0]["label"] == "bé Bống 🐟"


def test_the_longest_texts_fit_and_longer_ones_do_not(place):
    fits = place.phone.visit(place.home(), note="ữ" * 2000, members=[member("ữ" * 36, label="ữ" * 60)])
    place.phone.store(fits)
    for note, member_id, label in (
        ("ữ" * 2001, "a", "a"),
        ("a", "ữ" * 37, "a"),
        ("a", "a", "ữ" * 61),
        ("a", "", "a"),
    ):
        visit = place.phone.visit(place.home(), note=note, members=[member(member_id, label=label)])
        assert place.phone.results(visit)[0]["outcome"] == "invalid"


def test_ids_in_capitals_name_the_same_things(place):
    home = place.home()
    visit = place.phone.visit(home["data"]["id"].upper())
    place.phone.store(visit)
    shouted = visit | {"op_id": visit["op_id"].upper()}
    assert place.phone.push(shouted).json["results"][0]["code"] == "op.reused"  # other content, same number
    assert count(Visit) == 1


def test_repeated_skills_count_once_and_unknown_ones_are_refused(place):
    home = place.home()
    place.phone.store(place.phone.visit(home, members=[member("m1", skills=["check_truth"] * 3)]))
    assert db.session.scalars(select(Observation.skills)).one() == 2
    bad = place.phone.visit(home, members=[member("m1", skills=["flying"])])
    assert list(place.phone.results(bad)[0]["fields"]) == ["members.0.skills.0"]


# --- poison ---------------------------------------------------------------------------------------------------


def test_one_poisonous_operation_among_a_hundred_holds_up_no_other(place):
    home = place.home()
    sound = [place.phone.visit(home, visited_on=f"2025-06-{1 + n % 28:02}") for n in range(99)]
    poison = place.phone.operation("visit.record", {"id": "\ud800", "members": [None, {}], "\0": 2**80})
    answer = place.phone.push(*sound[:50], poison, *sound[50:])
    outcomes = [each["outcome"] for each in answer.json["results"]]
    assert outcomes == ["stored"] * 50 + ["invalid"] + ["stored"] * 49
    assert count(Visit) == 99


def test_a_failure_of_the_database_fails_that_one_operation_alone(place, monkeypatch):
    """Whatever the database refuses unforeseen: the set falls back to one savepoint per operation."""
    record = visits.record

    def stumbling(actor: Actor, data: dict[str, Any], **options: Any) -> Any:
        done = record(actor, data, **options)
        if data.get("note") == "poison":
            db.session.add(Visit(id=new_id(), household_id=None))
            db.session.flush()
        return done

    monkeypatch.setattr(visits, "record", stumbling)
    home = place.phone.register(place.here)
    early, poison, late = (place.phone.visit(home, note=note) for note in ("sớm", "poison", "muộn"))
    results = place.phone.results(early, home, poison, late)
    assert [(each["outcome"], each["code"]) for each in results] == [
        ("stored", None),
        ("stored", None),
        ("invalid", "op.failed"),
        ("stored", None),
    ]
    assert results[2]["receipt"]
    assert "NOT NULL" not in json.dumps(results)
    stored = set(db.session.scalars(select(Visit.id)))
    assert stored == {early["data"]["id"], late["data"]["id"]}
    told = next(item for item in place.phone.pull()["items"] if item["kind"] == "household")
    assert told["last_visit"]["id"] in stored
