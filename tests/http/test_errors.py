"""Every exception becomes one shape of answer: JSON under /api, a page elsewhere, and nothing of ours leaks."""

import json
import uuid

import pytest
from sqlalchemy import text

from app.core import errors
from app.core.database import db
from app.queries import units
from tests import factories


@pytest.fixture
def broken(monkeypatch):
    """Let GET /api/v1/units fail as told."""

    def fail_with(failure):
        def failing(*_args, **_options):
            if isinstance(failure, str):
                db.session.execute(text(failure))
            raise failure

        monkeypatch.setattr(units, "valid_on", failing)

    return fail_with


def ask(signed_in, path="/api/v1/units"):
    return signed_in(factories.user()).get(path)


def test_what_the_database_says_never_leaves_the_server(signed_in, broken):
    broken("SELECT secret_column FROM secret_table")
    answer = ask(signed_in)
    assert (answer.status_code, answer.json["error"]["code"]) == (500, "app.failed")
    assert "secret" not in answer.text
    assert "SELECT" not in answer.text


def test_an_error_of_ours_tells_code_words_fields_and_request(signed_in, broken):
    broken(errors.Conflict("period.closed", fields={"period": [errors.NotFound.message]}))
    answer = ask(signed_in)
    assert answer.status_code == 409
    assert set(answer.json) == {"error"}
    told = answer.json["error"]
    assert set(told) == {"code", "message", "fields", "request_id"}
    assert told["code"] == "period.closed"
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert list(told["fields"]) == ["period"]


def test_words_are_vietnamese_unless_the_person_chose_english(client):
    vietnamese = client.get("/api/v1/units", headers={"Accept-Language": "en"}).json["error"]["message"]
    client.set_cookie("lang", "en")
    english = client.get("/api/v1/units").json["error"]["message"]
    assert (vietnamese, english) == ("Đăng nhập để tiếp tục.", "Please sign in.")
    client.set_cookie("lang", "xx")
    assert client.get("/api/v1/units").json["error"]["message"] == vietnamese


def test_a_page_that_is_not_there_is_a_page_and_an_address_of_the_api_is_json(client):
    page, json_answer = client.get("/no-such-page"), client.get("/api/v1/no-such-thing")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "</html>" in page.text
    assert (json_answer.status_code, json_answer.json["error"]["code"]) == (404, "not.found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/units", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/api/v1/sync/push", {"POST", "OPTIONS"}),
        ("PUT", "/api/v1/session", {"GET", "HEAD", "OPTIONS", "POST", "DELETE"}),
        ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_another_method_is_405_and_tells_which_are_allowed(client, method, path, allowed):
    answer = client.open(path, method=method)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_a_body_that_is_no_json_is_400_and_another_kind_is_415(client):
    url = "/api/v1/session"
    torn = client.post(url, data=b"{", content_type="application/json")
    assert (torn.status_code, torn.json["error"]["code"]) == (400, "request.malformed")
    form = client.post(url, data={"username": "a", "password": "b"})
    assert form.status_code in {415, 422}
    assert set(form.json["error"]) == {"code", "message", "fields", "request_id"}


def test_a_body_without_end_is_413(client):
    answer = client.post("/api/v1/session", data=b" " * (3 * 1024 * 1024), content_type="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "request.too_large")


@pytest.mark.parametrize(
    ("offered", "is_kept"),
    [("0195d4c5-aaaa", True), ("x" * 36, True), ("short", False), ("a b c d e f", False), ("x" * 37, False)],
)
def test_a_request_keeps_the_name_that_a_proxy_gave_it_where_it_is_harmless(client, offered, is_kept):
    found = client.get("/healthz", headers={"X-Request-ID": offered}).headers["X-Request-ID"]
    assert (found == offered) is is_kept
    assert is_kept or str(uuid.UUID(found)) == found


def test_an_unexpected_error_is_written_to_the_log_with_its_request(signed_in, broken, capsys):
    broken(ZeroDivisionError("by design"))
    answer = ask(signed_in)
    assert "by design" not in answer.text
    (line,) = [each for each in capsys.readouterr().err.splitlines() if "unexpected error" in each]
    told = json.loads(line)
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert "ZeroDivisionError: by design" in told["exception"]
