"""Sign-in cards: printed by an official for the commune's own volunteers, good once, for fourteen days."""

import re
from datetime import timedelta

import pytest

from app.core.clock import now
from app.core.database import db
from app.core.ids import new_id
from app.models.audit import AuditEntry
from app.models.sessions import SignInCard
from app.rules.vocabulary import Role
from tests import factories

DEVICE = {"device_id": "0190aaaa-0000-7000-8000-000000000001", "device_name": "Máy thử"}


@pytest.fixture
def person(place):
    return factories.user(team=factories.team(place.hamlet), username="thanh-vien", name="Mẫu Thị Thẻ")


def print_card(official, person) -> str:
    page = official.post(f"/cards/{person.id}")
    assert page.status_code == 200
    found = re.search(r'sign-in-code number">([A-Z0-9-]+)<', page.text)
    assert found is not None
    assert "<svg" in page.text
    return found[1]


def test_a_card_signs_its_volunteer_in_once(official, client, person):
    code = print_card(official, person)
    answer = client.post("/sign-in/card", data=DEVICE | {"code": code.lower().replace("-", " ")})
    assert (answer.status_code, answer.location) == (303, "/phone/")
    session = client.get("/api/v1/session").get_json()
    assert session["user"]["username"] == "thanh-vien"
    assert session["device"]["id"] == DEVICE["device_id"]
    again = client.post("/sign-in/card", data=DEVICE | {"code": code})
    assert again.status_code == 401
    assert "Mã sai, đã dùng rồi hoặc quá hạn" in again.text
    assert db.session.query(AuditEntry).filter_by(action="sessions.issue_card").count() == 1


def test_a_card_is_too_old_after_fourteen_days_and_gives_way_to_a_new_one(official, client, person):
    old, new = print_card(official, person), print_card(official, person)
    assert client.post("/sign-in/card", data=DEVICE | {"code": old}).status_code == 401
    (card,) = db.session.query(SignInCard)
    assert now() + timedelta(days=13) < card.expires_at <= now() + timedelta(days=14)
    card.expires_at = now()
    db.session.flush()
    assert client.post("/sign-in/card", data=DEVICE | {"code": new}).status_code == 401


def test_cards_are_for_the_communes_own_volunteers(official, staff, volunteer, person):
    stranger = factories.user(team=factories.team(factories.hamlet()))
    other = factories.user(Role.OFFICIAL, unit=factories.commune())
    listed = official.get("/cards").text
    assert "Mẫu Thị Thẻ" in listed
    assert stranger.name not in listed.replace("Mẫu Thị Thẻ", "") or stranger.id not in listed
    for nobody in (stranger.id, other.id, new_id()):
        assert official.post(f"/cards/{nobody}").status_code == 404
    assert staff.get("/cards").status_code == 403
    assert volunteer.post(f"/cards/{person.id}").status_code == 403


def test_guessing_codes_is_throttled_and_needs_a_phone(official, client, person):
    code = print_card(official, person)
    assert client.post("/sign-in/card", data={"code": code}).status_code == 401
    for _ in range(60):
        client.post("/sign-in/card", data=DEVICE | {"code": "wrong"})
    assert client.post("/sign-in/card", data=DEVICE | {"code": code}).status_code == 429
