"""The page on which an official decides: what it shows of whatever was sent, and what its buttons do."""

import json
import re
from html import unescape

import pytest

from app.core.ids import new_id
from app.models.operations import Operation
from app.rules.vocabulary import ConsentAnswer, OperationOutcome, OperationType, Role, Settlement
from app.web import operations
from tests import factories


def told(page):
    """The words of a page's main part, as read."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", page.text.partition("<main")[2])))


@pytest.fixture
def sender(place):
    return factories.user(name="Lê Văn Gửi", team=factories.team(place.hamlet, name="Tổ Khu phố Thử 1"))


@pytest.fixture
def visit(place, sender):
    """A visit that lies outside its sender's area."""
    return waiting(
        sender,
        {
            "id": new_id(),
            "household_id": place.home.id,
            "team_id": factories.team().id,
            "visited_on": "2025-06-12",
            "outcome": "interviewed",
            "members": [{"id": "m1", "label": "bà Thử", "sex": "female", "skills": ["shop_online"]}],
            "topics": [{"topic": "vneid", "people": 2}],
            "other_smart_device": False,
        },
        household_id=place.home.id,
        unit_id=place.hamlet.id,
    )


def waiting(author, data, kind=OperationType.VISIT_RECORD, **details):
    known = {"outcome": OperationOutcome.OUT_OF_SCOPE, "code": "household.not_yours"}
    return factories.operation(author=author, type=kind, data=data, **(known | details))


def conflict(place, sender, field="phone", offered='"0922"'):
    amended = factories.operation(
        author=sender, type=OperationType.HOUSEHOLD_AMEND, outcome=OperationOutcome.CONFLICT
    )
    return factories.field_conflict(place.home, operation=amended, field=field, kept='"1"', offered=offered)


# --- looking --------------------------------------------------------------------------------------------------


def test_an_empty_page_teaches_what_will_stand_there(official):
    page = official.get("/quarantine")
    assert "Không có gì cần quyết định" in told(page)
    assert "bản ghi được giữ lại và chờ ở đây" in told(page)
    assert "việc đang chờ" not in page.text


def test_a_record_is_told_in_words(official, visit):
    text = told(official.get("/quarantine"))
    assert "1 bản ghi cần quyết định" in text
    assert "Lê Văn Gửi Tổ Khu phố Thử 1 · 1 bản ghi" in text
    assert "Lượt thăm 12/06/2025, Nguyễn Thị <b>Thử</b>, đã gặp" in text
    assert "Hộ này ngoài địa bàn của tổ." in text
    assert "ghi 08:00 12/06/2025" in text
    assert "bà Thử · giới tính: nữ · kỹ năng: mua bán trên mạng" in text
    assert "VNeID · 2 người" in text
    assert "Thiết bị thông minh khác Không" in text
    assert "household_id" not in text


def test_what_was_typed_is_never_markup(official, visit):
    assert "<b>Thử" not in official.get("/quarantine").text


def test_fields_that_break_a_rule_are_named_in_words(official, place, sender):
    waiting(
        sender,
        {"visited_on": "2025-06-12"},
        outcome=OperationOutcome.INVALID,
        code="member.born_later",
        fields={"members.2.birth_year": ["member.born_later"]},
    )
    assert "Thành viên 3, năm sinh: Năm sinh sau ngày thăm." in told(official.get("/quarantine"))


def test_a_home_that_waits_lends_its_name_to_what_waits_for_it(official, sender):
    home_id = new_id()
    consent = {"answer": "yes", "text_version": "2026-01", "at": "2025-06-12T01:00:00Z"}
    data = {"id": home_id, "head_name": "Trần Chờ", "consent": consent}
    waiting(sender, data, OperationType.HOUSEHOLD_REGISTER, code="team.not_yours", household_id=home_id)
    waiting(
        sender,
        {"household_id": home_id, "visited_on": "2025-06-12", "outcome": "absent"},
        outcome=OperationOutcome.DEFERRED,
        code="household.waited_for",
        household_id=home_id,
    )
    page = official.get("/quarantine")
    assert "Đăng ký hộ mới, Trần Chờ" in told(page)
    assert "Lượt thăm 12/06/2025, Trần Chờ, vắng nhà" in told(page)
    assert page.text.count('/take-in"') == 2  # of the registration, and of all; what waits follows by itself


def test_without_consent_nothing_personal_is_shown(official, place, sender):
    home = factories.household(unit=place.hamlet, consent=ConsentAnswer.NO)
    data = {"household_id": home.id, "note": "nhà riêng", "members": [{"id": "m1", "label": "cô Kín"}]}
    waiting(sender, data, household_id=home.id, unit_id=place.hamlet.id)
    changes = {"changes": {"head_name": "Kín Đáo", "code": "H-77"}}
    waiting(sender, changes, OperationType.HOUSEHOLD_AMEND, household_id=home.id, unit_id=place.hamlet.id)
    text = told(official.get("/quarantine"))
    assert "Người thứ 1" in text
    assert "H-77" in text
    for secret in ("cô Kín", "nhà riêng", "Kín Đáo"):
        assert secret not in text


UGLY = [
    {},
    {"sealed": "x"},
    {"type": [1], "data": "text"},
    {"type": {"a": 1}, "data": {"outcome": [1], "visited_on": {}, "members": "m", "topics": [[]]}},
    {"data": {"members": [{"label": 5, "birth_year": [1], "skills": "x", "sex": {}}], "unit_id": 7}},
    {
        "data": {
            "topics": [{}],
            "consent": "yes",
            "changes": [1],
            "team_id": "x",
            "odd \ud800": "\udfff" * 999,
        }
    },
    {"data": {"head_name": {"a": 1}, "consent": {"answer": "yes"}, "household_id": 3, "fibre": [None]}},
]


@pytest.mark.parametrize("raw", UGLY)
@pytest.mark.parametrize("kind", [None, OperationType.HOUSEHOLD_REGISTER, OperationType.HOUSEHOLD_AMEND])
def test_the_page_stands_whatever_was_sent(official, sender, db_session, raw, kind):
    row = waiting(sender, {}, kind, code="op.malformed", fields={"data.\ud800": ["?\ud800"]})
    row.body = json.dumps(raw)
    db_session.flush()
    page = official.get("/quarantine")
    assert page.status_code == 200
    assert "Lê Văn Gửi" in page.text


def test_what_cannot_be_opened_can_only_be_set_aside(official, sender, db_session):
    row = waiting(sender, {}, None, outcome=OperationOutcome.INVALID, code="op.unreadable")
    row.body = json.dumps({"sealed": "zzzz"})
    db_session.flush()
    page = official.get("/quarantine")
    assert "Bản ghi không mở được Không mở được bản ghi này." in told(page)
    assert "zzzz" not in page.text
    assert "/take-in" not in page.text
    assert "/set-aside" in page.text


def test_a_conflict_shows_both_values_and_who_sent_the_other(official, place, sender):
    conflict(place, sender)
    conflict(place, sender, "unit_id", json.dumps(factories.hamlet(name="Ấp Khác").id))
    text = told(official.get("/quarantine"))
    assert "2 thay đổi cần quyết định" in text
    assert f"Trên máy chủ hiện nay {place.home.phone}" in text
    assert "Từ máy của Lê Văn Gửi, 08:00 12/06/2025 0922" in text
    assert "Từ máy của Lê Văn Gửi, 08:00 12/06/2025 Ấp Khác" in text


def test_a_wiped_conflict_can_only_be_closed(official, place, sender, db_session):
    conflict(place, sender, offered=None)
    place.home.consent_answer, place.home.phone = ConsentAnswer.NO, None
    db_session.flush()
    page = official.get("/quarantine")
    assert "Đã xoá: hộ không đồng ý ghi thông tin" in told(page)
    assert 'value="offered"' not in page.text


def test_every_desk_page_counts_what_waits_beside_the_word(official, staff, visit, place, sender):
    conflict(place, sender)
    for address in ("/coverage", "/quarantine"):
        assert re.search(r">2<span[^>]*> việc đang chờ", official.get(address).text)
    assert "/quarantine" not in staff.get("/coverage").text


def test_a_long_page_is_cut_and_says_so(official, place, sender, monkeypatch):
    monkeypatch.setattr(operations, "AT_MOST", 2)
    for _ in range(3):
        waiting(sender, {"outcome": "absent"})
    page = official.get("/quarantine")
    assert page.text.count('class="record"') == 2
    assert "3 bản ghi cần quyết định" in told(page)
    assert "chỉ hiện 2 mục cũ nhất" in told(page)


def test_the_page_asks_no_more_questions_for_more_records(official, place, sender, count_queries):
    def asked():
        with count_queries() as statements:
            assert official.get("/quarantine").status_code == 200
        return len(statements)

    def more(number):
        for _ in range(number):
            other = factories.user(team=factories.team(place.hamlet))
            waiting(
                other, {"household_id": place.home.id}, household_id=place.home.id, unit_id=place.hamlet.id
            )
            conflict(place, other)

    more(1)
    few = asked()
    more(5)
    assert asked() == few


# --- deciding -------------------------------------------------------------------------------------------------


def test_taking_in(official, visit, db_session):
    answer = official.post(f"/quarantine/records/{visit.op_id}/take-in")
    assert (answer.status_code, answer.location) == (303, "/quarantine")
    assert db_session.get(Operation, visit.op_id).settlement is Settlement.TAKEN_IN
    assert "Đã nhận. Người gửi được báo khi điện thoại gửi lần tới." in official.get("/quarantine").text


def test_what_still_cannot_be_taken_in_shows_its_new_reason(official, place, visit, db_session):
    raw = json.loads(visit.body)
    raw["data"]["id"] = place.last.id
    visit.body = json.dumps(raw)
    answer = official.post(f"/quarantine/records/{visit.op_id}/take-in")
    assert answer.status_code == 409
    assert "Lượt thăm này đã được ghi." in told(answer)
    assert "Hộ này ngoài địa bàn" not in told(answer)
    assert db_session.get(Operation, visit.op_id).code == "visit.exists"
    assert "Lượt thăm này đã được ghi." in told(official.get("/quarantine"))


def test_taking_in_all_of_one_sender_says_how_many_of_how_many(official, sender, visit, place):
    waiting(sender, {"outcome": "nonsense"}, household_id=place.home.id, unit_id=place.hamlet.id)
    answer = official.post(f"/quarantine/senders/{sender.id}/take-in")
    assert (answer.status_code, answer.location) == (303, "/quarantine")
    page = official.get("/quarantine")
    assert "Đã nhận 1 trên 2 bản ghi." in page.text
    assert "1 bản ghi cần quyết định" in told(page)


def test_setting_aside_asks_for_a_reason_and_keeps_what_was_typed(official, visit, db_session):
    address = f"/quarantine/records/{visit.op_id}/set-aside"
    long = "dài " * 200
    answer = official.post(address, data={"reason": long})
    assert answer.status_code == 422
    assert "Viết lý do, 1 đến 500 ký tự." in answer.text
    assert long.strip() in answer.text
    assert official.post(address, data={"reason": "nhầm nhà"}).status_code == 303
    row = db_session.get(Operation, visit.op_id)
    assert (row.settlement, row.settlement_reason) == (Settlement.SET_ASIDE, "nhầm nhà")


@pytest.mark.parametrize(("take", "phone"), [("kept", "0000000000"), ("offered", "0922")])
def test_a_conflict_is_settled_either_way(official, place, sender, take, phone):
    clash = conflict(place, sender)
    answer = official.post(f"/quarantine/conflicts/{clash.id}/settle", data={"take": take})
    assert (answer.status_code, answer.location) == (303, "/quarantine")
    assert place.home.phone == phone
    assert "Không có gì cần quyết định" in told(official.get("/quarantine"))


def test_a_choice_that_is_none_changes_nothing(official, place, sender):
    clash = conflict(place, sender)
    assert official.post(f"/quarantine/conflicts/{clash.id}/settle").status_code == 422
    assert clash.settled_at is None


def test_deciding_twice_says_that_it_is_decided(official, place, sender, visit):
    clash = conflict(place, sender)
    twice = [
        (f"/quarantine/records/{visit.op_id}/set-aside", {"reason": "x"}),
        (f"/quarantine/conflicts/{clash.id}/settle", {"take": "offered"}),
    ]
    for address, data in twice:
        assert official.post(address, data=data).status_code == 303
        again = official.post(address, data=data)
        assert again.status_code == 409
        assert "Việc này đã được giải quyết." in again.text


# --- who ------------------------------------------------------------------------------------------------------


def deeds(visit, clash, sender):
    return [
        (f"/quarantine/records/{visit.op_id}/take-in", {}),
        (f"/quarantine/records/{visit.op_id}/set-aside", {"reason": "x"}),
        (f"/quarantine/senders/{sender.id}/take-in", {}),
        (f"/quarantine/conflicts/{clash.id}/settle", {"take": "offered"}),
    ]


def test_another_communes_official_sees_and_decides_nothing(signed_in, place, visit, sender, db_session):
    clash = conflict(place, sender)
    other = signed_in(factories.user(Role.OFFICIAL, unit=factories.commune()))
    assert "Không có gì cần quyết định" in told(other.get("/quarantine"))
    for address, data in deeds(visit, clash, sender):
        assert other.post(address, data=data).status_code == 404
    assert db_session.get(Operation, visit.op_id).settlement is None
    assert clash.settled_at is None


def test_only_officials_decide(staff, admin, volunteer, place, visit, sender):
    clash = conflict(place, sender)
    for client in (staff, admin, volunteer):
        assert client.get("/quarantine").status_code == 403
        for address, data in deeds(visit, clash, sender):
            assert client.post(address, data=data).status_code == 403


def test_deciding_needs_the_token_of_the_page(official, visit, place, sender):
    clash = conflict(place, sender)
    del official.environ_base["HTTP_X_CSRFTOKEN"]
    for address, data in deeds(visit, clash, sender):
        assert official.post(address, data=data).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', official.get("/quarantine").text)[1]
    address = f"/quarantine/records/{visit.op_id}/take-in"
    assert official.post(address, data={"csrf_token": token}).status_code == 303
