"""Receipts: phone and server compare counts. And whose phone it is that speaks."""

from uuid import uuid4

import pytest

from tests.phones import Phone


def receipts(phone, **query):
    answer = phone.client.get("/api/v1/sync/receipts", query_string={"device_id": phone.device_id} | query)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_list_has_each_operation_once_with_its_receipt_and_outcome(place):
    home = place.phone.register(place.here)
    late = place.phone.visit("0195d4c5-0000-7000-8000-000000000000")
    bad = place.phone.operation("visit.sing", {})
    results = place.phone.results(home, late, bad, home)
    listed = receipts(place.phone)
    assert (listed["count"], listed["next"]) == (3, None)
    assert [each["device_seq"] for each in listed["items"]] == [
        each["device_seq"] for each in (home, late, bad)
    ]
    assert [(each["op_id"], each["outcome"], each["receipt"]) for each in listed["items"]] == [
        (home["op_id"], "stored", results[0]["receipt"]),
        (late["op_id"], "deferred", results[1]["receipt"]),
        (bad["op_id"], "invalid", results[2]["receipt"]),
    ]


def test_the_list_comes_in_pages(place):
    operations = [place.phone.operation("op.void", {}) for _ in range(5)]
    place.phone.store(*operations)
    found: list[str] = []
    cursor: dict[str, str | None] = {}
    for size in (2, 2, 1):
        page = receipts(place.phone, limit=2, **cursor)
        assert (page["count"], len(page["items"])) == (5, size)
        found += [each["op_id"] for each in page["items"]]
        cursor = {"cursor": page["next"]}
    assert found == [each["op_id"] for each in operations]
    assert page["next"] is None


def test_receipts_number_without_gaps_across_pushes(place):
    for _ in range(3):
        place.phone.results(place.phone.operation("op.void", {}), place.phone.operation("visit.sing", {}))
    assert [each["receipt"]["seq"] for each in receipts(place.phone)["items"]] == [1, 2, 3, 4, 5, 6]


def test_a_shared_phone_keeps_its_people_apart(place, signed_in):
    place.home()
    colleague = place.phone_of()
    colleague.device_id = place.phone.device_id
    assert receipts(colleague) == {"count": 0, "items": [], "next": None}


def test_anothers_device_is_an_empty_list(place):
    place.home()
    assert receipts(place.phone, device_id=str(uuid4()))["count"] == 0


@pytest.mark.parametrize(
    "query", [{"device_id": ""}, {"cursor": "x"}, {"cursor": "-1"}, {"limit": "0"}, {"limit": "1001"}]
)
def test_an_unsound_question_is_refused_with_its_field(place, query):
    answer = place.phone.client.get(
        "/api/v1/sync/receipts", query_string={"device_id": place.phone.device_id} | query
    )
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, list(query))


# --- who speaks -----------------------------------------------------------------------------------------------


def refused(phone):
    answer = phone.push(phone.operation("op.void", {}))
    return answer.status_code, answer.json["error"]["code"]


def test_a_session_of_another_device_pushes_nothing(place):
    place.phone.device_id = str(uuid4())
    assert refused(place.phone) == (403, "session.wrong_device")


def test_a_session_without_a_device_pushes_nothing(place, signed_in):
    phone = Phone(signed_in, place.volunteer, place.team)
    phone.client = signed_in(place.volunteer)
    assert refused(phone) == (403, "session.wrong_device")


def test_a_push_without_a_csrf_token_is_refused(place):
    del place.phone.client.environ_base["HTTP_X_CSRFTOKEN"]
    assert refused(place.phone) == (400, "session.csrf")
    place.phone.client.environ_base["HTTP_X_CSRFTOKEN"] = "forged"
    assert refused(place.phone) == (400, "session.csrf")


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "http://localhost:81", "https://localhost"]
)
def test_a_push_from_another_site_is_refused(place, origin):
    place.phone.client.environ_base["HTTP_ORIGIN"] = origin
    assert refused(place.phone) == (403, "request.foreign_origin")


def test_a_push_of_our_own_pages_is_taken(place):
    place.phone.client.environ_base["HTTP_ORIGIN"] = "http://localhost"
    place.phone.store(place.phone.operation("op.void", {}))


def test_signed_out_is_401_for_push_pull_and_receipts(place, client):
    device = {"device_id": place.phone.device_id}
    assert client.post("/api/v1/sync/push", json={}).status_code == 401
    assert client.get("/api/v1/sync/pull").status_code == 401
    answer = client.get("/api/v1/sync/receipts", query_string=device)
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "session.required")
