import re

import pytest

from app.core.ids import new_id
from app.queries import visits
from app.rules.vocabulary import ConsentAnswer, Role, VisitStatus
from app.web import households
from tests import factories


def names(page):
    return re.findall(r'rowheader"><a href="/households/[^"]+">([^<]+)', page.text)


def test_the_list_names_the_homes_of_the_commune_with_their_last_visit(official, place):
    page = official.get("/households")
    assert page.status_code == 200
    assert "1 hộ" in page.text
    assert "7 hẻm Thử" in page.text
    assert "Khu phố Thử 1" in page.text
    assert f"{place.last.visited_on:%d/%m/%Y}" in page.text


def test_what_people_typed_is_never_markup(official, place):
    for address in ("/households", f"/households/{place.home.id}"):
        page = official.get(address).text
        assert "<b>Thử" not in page
        assert "&lt;b&gt;Thử&lt;/b&gt;" in page


@pytest.mark.parametrize("text", ["hoa", "HÒA", "hoà", "tran hoa"])
def test_search_ignores_accents_and_capitals(official, place, text):
    factories.household(unit=place.hamlet, head_name="Trần Hòa")
    page = official.get("/households", query_string={"q": text})
    assert names(page) == ["Trần Hòa"]
    assert f'value="{text}"' in page.text


def test_a_search_without_a_match_says_what_to_try(official):
    page = official.get("/households?q=zzz")
    assert "Không có hộ nào khớp" in page.text
    assert "không cần dấu" in page.text


def test_homes_are_filtered_by_hamlet_and_state(official, place):
    other = factories.hamlet(parent=place.commune)
    factories.household(unit=other, head_name="Lê An")
    assert names(official.get(f"/households?hamlet={other.id}")) == ["Lê An"]
    assert names(official.get("/households?state=unvisited")) == ["Lê An"]
    assert "Lê An" not in names(official.get("/households?state=current"))


@pytest.mark.parametrize("hamlet", ["nowhere", "%00"])
def test_a_hamlet_that_is_not_the_communes_is_not_found(official, hamlet):
    assert official.get(f"/households?hamlet={hamlet}").status_code == 404


def test_an_empty_commune_teaches_how_homes_come(signed_in):
    page = signed_in(factories.user(Role.OFFICIAL, unit=factories.commune())).get("/households")
    assert "Thành viên tổ đăng ký hộ trên điện thoại" in page.text


def test_the_list_goes_on_from_the_last_home_of_a_page(official, place, monkeypatch):
    monkeypatch.setattr(households, "PER_PAGE", 2)
    for name in ("Lê Bình", "Lê Châu", "Lê Dung"):
        factories.household(unit=place.hamlet, head_name=name)
    first = official.get("/households")
    assert names(first)[1:] == ["Lê Bình"]
    onward = re.search(r'href="([^"]+)" rel="next"', first.text)[1]
    second = official.get(onward.replace("&amp;", "&"))
    assert names(second) == ["Lê Châu", "Lê Dung"]
    assert 'rel="next"' not in second.text


def test_a_home_without_consent_stays_anonymous(official, place):
    home = factories.household(unit=place.hamlet, consent=ConsentAnswer.NO)
    page = official.get(f"/households/{home.id}")
    assert "Hộ không ghi tên" in page.text
    assert "Không đồng ý: không ghi tên" in page.text


def test_the_history_says_what_each_visit_changed(official, place):
    page = official.get(f"/households/{place.home.id}").text
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "bà Thử, điện thoại: Điện thoại thường → Điện thoại thông minh" in told
    assert "bà Thử, tài khoản: Chưa có → Có" in told
    assert "Internet cáp quang: Kéo được, chưa lắp → Đã lắp" in told


def test_corrections_and_withdrawals_are_shown_as_such(official, place, db_session):
    correction = factories.visit(household=place.home, corrects=place.last, visited_on=place.last.visited_on)
    place.last.is_counting = False
    place.first.withdrawn_at = correction.recorded_at
    place.first.withdrawal_reason = "nhầm nhà"
    place.first.is_counting = False
    db_session.flush()
    page = official.get(f"/households/{place.home.id}").text
    assert "Bản sửa" in page
    assert "Đã có bản sửa thay thế" in page
    assert "Đã rút lại" in page
    assert "nhầm nhà" in page


def test_who_came_and_who_left_is_told(place):
    before, after = visits.history(place.home.id)[::-1]
    after.members[0].member_id = "m2"
    after.labels = {"m1": "bà Thử", "m2": "cô Mới"}
    found = [
        (change.what, change.new) for change in households.changes(before, after) if change.what != "fibre"
    ]
    assert found == [("joined", "cô Mới"), ("left", "bà Thử")]


def test_skills_are_told_one_by_one(official, place, db_session):
    before, after = visits.history(place.home.id)[::-1]
    before.members[0].skills, after.members[0].skills = 0b1, 0b110
    db_session.flush()
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", official.get(f"/households/{place.home.id}").text))
    assert "bà Thử, kỹ năng: + Kiểm tra tin thật, giả, + Nhắn tin, gọi video, − Tìm thông tin" in told


def test_a_home_of_another_commune_is_not_found(official):
    assert official.get(f"/households/{factories.household().id}").status_code == 404
    assert official.get(f"/households/{new_id()}").status_code == 404
    assert official.get("/households/nonsense").status_code == 404


def test_homes_are_the_officials_alone(staff, admin, volunteer, place):
    for client in (staff, admin, volunteer):
        assert client.get("/households").status_code == 403
        assert client.get(f"/households/{place.home.id}").status_code == 403
        assert client.post(f"/visits/{place.last.id}/return", data={"reason": "x"}).status_code == 403


def test_a_doubtful_visit_is_returned_with_a_reason(official, place):
    answer = official.post(f"/visits/{place.last.id}/return", data={"reason": "Năm sinh chưa đúng"})
    assert (answer.status_code, answer.location) == (303, f"/households/{place.home.id}")
    assert place.last.status is VisitStatus.RETURNED
    page = official.get(answer.location).text
    assert "Đã trả lại. Tổ thấy lý do khi điện thoại gửi lần tới." in page
    assert "Năm sinh chưa đúng" in page


def test_returning_without_a_reason_asks_for_one_and_keeps_what_was_typed(official, place):
    reason = "dài " * 200
    answer = official.post(f"/visits/{place.last.id}/return", data={"reason": reason})
    assert answer.status_code == 422
    assert "Viết lý do, 1 đến 500 ký tự." in answer.text
    assert reason.strip() in answer.text
    assert place.last.status is VisitStatus.SUBMITTED


def test_an_error_stands_once_beside_its_field(official, place):
    answer = official.post(f"/visits/{place.last.id}/return", data={"reason": ""})
    assert answer.text.count("Viết lý do, 1 đến 500 ký tự.") == 1


def test_a_home_leads_back_to_its_place_in_the_list(official, place):
    listed = official.get("/households?q=thu&state=current").text
    home = re.search(r'rowheader"><a href="([^"]+)"', listed)[1].replace("&amp;", "&")
    assert 'href="/households?q=thu&amp;state=current"' in official.get(home).text


def test_what_no_longer_counts_cannot_be_returned(official, place):
    official.post(f"/visits/{place.last.id}/return", data={"reason": "x"})
    again = official.post(f"/visits/{place.last.id}/return", data={"reason": "x"})
    assert again.status_code == 409
    assert "không còn hiệu lực" in again.text


def test_a_visit_of_another_commune_cannot_be_returned(official):
    assert official.post(f"/visits/{factories.visit().id}/return", data={"reason": "x"}).status_code == 404


def test_returning_needs_the_token_of_the_page(official, place):
    del official.environ_base["HTTP_X_CSRFTOKEN"]
    answer = official.post(f"/visits/{place.last.id}/return", data={"reason": "x"})
    assert answer.status_code == 400
    assert place.last.status is VisitStatus.SUBMITTED
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', official.get(f"/households/{place.home.id}").text
    )[1]
    answer = official.post(f"/visits/{place.last.id}/return", data={"reason": "x", "csrf_token": token})
    assert answer.status_code == 303
