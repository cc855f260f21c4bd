"""Signing in over the API: the cookie, refusals, the throttle, and who the answer says one is."""

import unicodedata
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from app.core.clock import now, today
from app.core.database import db
from app.models.sessions import Session, SignInAttempt
from app.models.sync import Device
from app.rules.vocabulary import Role
from app.services import sessions
from tests import factories
from tests.factories import PASSWORD

URL = "/api/v1/session"


def sign_in(client, username, password=PASSWORD, **more):
    return client.post(URL, json={"username": username, "password": password} | more.pop("body", {}), **more)


def code(answer):
    return answer.status_code, answer.json["error"]["code"]


def test_the_answer_says_who_one_is_and_gives_a_token(client):
    commune = factories.commune()
    team = factories.team(factories.hamlet(parent=commune), name="Tổ khu phố 1")
    user = factories.user(Role.LEADER, team=team, name="Người thử")
    answer = sign_in(client, user.username)
    assert answer.status_code == 200
    assert {
        name: answer.json["user"][name] for name in ("id", "username", "name", "role", "unit_id", "teams")
    } == {
        "id": user.id,
        "username": user.username,
        "name": "Người thử",
        "role": "leader",
        "unit_id": None,
        "teams": [{"id": team.id, "name": "Tổ khu phố 1", "kind": "hamlet", "unit_id": team.unit_id}],
    }
    assert answer.json["csrf_token"]
    assert client.get(URL).json["user"] == answer.json["user"]


def test_a_team_that_was_left_or_dissolved_is_not_told(client):
    user = factories.user()
    factories.membership(user, factories.team(), left_on=today() - timedelta(days=1))
    factories.membership(user, factories.team(dissolved_on=today()))
    assert sign_in(client, user.username).json["user"]["teams"] == []


def test_the_cookie_is_secure_exactly_where_the_request_was(client):
    user = factories.user()
    plain = sign_in(client, user.username).headers["Set-Cookie"]
    assert plain.startswith("tung-nha=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(plain.split("; "))
    assert "Secure" not in plain
    sealed = sign_in(client, user.username, base_url="https://tung-nha.example").headers["Set-Cookie"]
    assert sealed.startswith("__Host-tung-nha=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(sealed.split("; "))
    assert "Domain" not in sealed


@pytest.mark.parametrize(
    "password", ["", "wrong", PASSWORD.upper(), PASSWORD + " ", "a\0b", "\ud800", "x" * 100_000]
)
def test_a_wrong_password_is_refused(client, password):
    assert code(sign_in(client, factories.user().username, password)) == (401, "session.refused")


def test_nobody_by_that_name_is_refused_in_the_same_words(client):
    known, unknown = sign_in(client, factories.user().username, "wrong"), sign_in(client, "nobody", "wrong")
    told = [answer.json["error"] | {"request_id": None} for answer in (known, unknown)]
    assert told[0] == told[1]


def test_an_account_without_a_password_cannot_be_entered(client):
    user = factories.user()
    user.password_hash = None
    assert sign_in(client, user.username, "nobody").status_code == 401
    assert sign_in(client, user.username, "").status_code == 401


def test_a_disabled_account_cannot_be_entered_and_its_sessions_end(client, signed_in):
    user = factories.user()
    inside = signed_in(user)
    user.is_active = False
    assert code(sign_in(client, user.username)) == (401, "session.refused")
    assert code(inside.get(URL)) == (401, "session.required")


def test_an_expired_session_is_no_session(client):
    client.sign_in(factories.user())
    db.session.execute(update(Session).values(expires_at=now() - timedelta(seconds=1)))
    assert code(client.get(URL)) == (401, "session.required")


def test_the_database_knows_no_token_that_opens_anything(client):
    user = factories.user()
    client.sign_in(user)
    session = db.session.scalars(select(Session)).one()
    with client.session_transaction() as cookie:
        assert session.id not in cookie.values()
        token = cookie["_user_id"]
        cookie["_user_id"] = session.id
    assert token != session.id
    assert client.get(URL).status_code == 401


def test_user_names_are_one_however_they_are_written(client):
    factories.user(username="chị.hoà")
    for written in ("chị.hoà", "CHỊ.HOÀ", unicodedata.normalize("NFD", "Chị.Hoà"), "  chị.hoà "):
        assert sign_in(client, written).status_code == 200


def test_a_foreign_origin_is_refused_and_none_is_accepted(client):
    user = factories.user()
    foreign = sign_in(client, user.username, headers={"Origin": "https://elsewhere.example"})
    assert code(foreign) == (403, "request.foreign_origin")
    assert sign_in(client, user.username, headers={"Origin": "http://localhost"}).status_code == 200
    assert sign_in(client, user.username).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"username": None},
        {"username": "x" * 65},
        {"username": "a\0b"},
        {"username": 7},
        {"password": None},
        {"password": ["x"]},
        {"device": {"id": "", "name": "n"}},
        {"device": {"id": str(uuid4())}},
        {"device": "x"},
        {"surplus": 1},
    ],
)
def test_an_unsound_question_is_refused_with_its_field(client, body):
    answer = sign_in(client, "user", body=body)
    assert code(answer) == (422, "request.invalid")
    assert next(iter(answer.json["error"]["fields"])).split(".")[0] == next(iter(body))


def test_signing_out_ends_the_session_on_the_server(client):
    client.sign_in(factories.user())
    cookie = client.get_cookie("tung-nha")
    assert client.delete(URL).status_code == 204
    client.set_cookie("tung-nha", cookie.value)
    assert client.get(URL).status_code == 401


def test_signing_out_needs_the_csrf_token(client):
    client.sign_in(factories.user())
    del client.environ_base["HTTP_X_CSRFTOKEN"]
    assert code(client.delete(URL)) == (400, "session.csrf")
    fresh = client.get(URL).json["csrf_token"]
    assert client.delete(URL, headers={"X-CSRFToken": fresh}).status_code == 204


# --- throttle -------------------------------------------------------------------------------------------------


def test_too_many_failures_for_a_name_close_it_for_a_while_and_for_nobody_else(client):
    user, other = factories.user(), factories.user()
    for _ in range(sessions.FAILURES_PER_NAME):
        assert sign_in(client, user.username, "wrong").status_code == 401
    for username in (user.username, user.username.upper()):
        answer = sign_in(client, username)
        assert code(answer) == (429, "session.too_many")
        assert 0 < int(answer.headers["Retry-After"]) <= sessions.WINDOW.total_seconds()
    assert sign_in(client, other.username).status_code == 200


def test_a_failure_is_kept_although_its_request_failed(client):
    sign_in(client, "nobody", "wrong")
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 2  # by name and by address


def test_the_throttle_opens_again_when_the_failures_are_old(client):
    user = factories.user()
    for _ in range(sessions.FAILURES_PER_NAME):
        sign_in(client, user.username, "wrong")
    db.session.execute(update(SignInAttempt).values(at=now() - sessions.WINDOW - timedelta(seconds=1)))
    assert sign_in(client, user.username).status_code == 200


def test_success_forgets_the_failures_of_that_name(client):
    user = factories.user()
    for _ in range(2):
        for _ in range(sessions.FAILURES_PER_NAME - 1):
            sign_in(client, user.username, "wrong")
        assert sign_in(client, user.username).status_code == 200


def test_too_many_failures_from_one_address_close_it(client, monkeypatch):
    monkeypatch.setattr(sessions, "FAILURES_PER_ADDRESS", 3)
    for n in range(3):
        sign_in(client, f"guess-{n}", "wrong")
    answer = sign_in(client, factories.user().username)
    assert code(answer) == (429, "session.too_many")
    elsewhere = {"REMOTE_ADDR": "10.0.0.9"}
    assert sign_in(client, factories.user().username, environ_overrides=elsewhere).status_code == 200


# --- devices --------------------------------------------------------------------------------------------------


def test_a_phone_is_enrolled_once_and_each_of_its_users_apart(client):
    device = {"device": {"id": str(uuid4()), "name": " Máy  của tổ "}}
    one, two = factories.user(), factories.user()
    for user in (one, two, one):
        assert sign_in(client, user.username, body=device).status_code == 200
    rows = db.session.scalars(select(Device)).all()
    assert {row.user_id for row in rows} == {one.id, two.id}
    assert {row.name for row in rows} == {"Máy của tổ"}
    assert len({row.secret for row in rows}) == 2


def test_two_phones_of_one_person_are_signed_in_at_once(signed_in):
    user = factories.user()
    first, second = (signed_in(user, str(uuid4())) for _ in range(2))
    assert first.get(URL).status_code == second.get(URL).status_code == 200


def test_signing_in_again_replaces_the_session_of_that_browser(client):
    one, two = factories.user(), factories.user()
    client.sign_in(one)
    client.sign_in(two)
    assert client.get(URL).json["user"]["id"] == two.id
