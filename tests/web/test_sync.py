"""The official's page of phones: what came from each, and what needs looking after."""

from datetime import timedelta

import pytest

from app.core.clock import now
from app.core.database import db
from app.rules.permissions import Actor
from app.rules.vocabulary import OperationOutcome, Role
from app.services import sync
from tests import factories


@pytest.fixture
def person(place):
    return factories.user(team=factories.team(place.hamlet), name="Mẫu Thị Máy")


@pytest.fixture
def device(person):
    device = factories.device(person)
    device.seen_at = now()
    db.session.flush()
    return device


def test_a_commune_without_phones_is_told_what_will_stand_here(official):
    assert "Điện thoại sẽ hiện ở đây" in official.get("/phones").text


def test_a_phone_whose_numbers_are_all_here_is_well(official, person, device):
    for number in (1, 2, 3):
        factories.operation(author=person, device_id=device.id, device_seq=number)
    page = official.get("/phones").text
    assert "Mọi điện thoại đều ổn" in page
    assert "Mẫu Thị Máy" in page
    assert "Đã nhận 3 bản ghi" in page


def test_missing_numbers_are_named_whoever_held_the_phone(official, place, person, device):
    colleague = factories.user(team=factories.team(place.hamlet))
    for number, author in ((1, person), (2, colleague), (6, person), (8, person)):
        factories.operation(author=author, device_id=device.id, device_seq=number)
    page = official.get("/phones").text
    assert "Thiếu 4 số" in page
    assert "3–5, 7" in page


def test_what_waits_and_what_was_refused_is_told(official, person, device):
    factories.operation(
        author=person, device_id=device.id, device_seq=1, outcome=OperationOutcome.OUT_OF_SCOPE
    )
    sync.note_failure(Actor(person.id, Role.VOLUNTEER, device_id=device.id), 413, "request.too_large")
    page = official.get("/phones").text
    assert "1 điện thoại cần xem" in page
    assert "1 bản ghi chờ quyết định" in page
    assert "request.too_large" in page


def test_a_phone_not_heard_of_for_long_is_silent(official, device):
    device.seen_at = now() - timedelta(days=15)
    db.session.flush()
    assert "Im lặng hơn 14 ngày" in official.get("/phones").text


def test_phones_of_other_communes_are_not_shown(official, staff):
    factories.device(factories.user(team=factories.team(factories.hamlet()), name="Mẫu Văn Khác"))
    assert "Mẫu Văn Khác" not in official.get("/phones").text
    assert staff.get("/phones").status_code == 403
