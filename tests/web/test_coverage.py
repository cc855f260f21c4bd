import re
from datetime import date, timedelta

import pytest

from app.core.clock import today
from app.rules.vocabulary import Outcome, Role
from tests import factories


def test_an_official_sees_each_hamlet_with_its_bar(official, place):
    factories.baseline(place.hamlet, year=2025, households=4)
    page = official.get("/coverage")
    assert page.status_code == 200
    assert "Khu phố Thử 1" in page.text
    assert "Đã gặp 1 trên 4 hộ" in page.text
    assert '<rect class="done" width="25.00%"' in page.text
    assert "25,0&nbsp;%" in page.text


def test_the_page_points_to_the_hamlet_with_the_most_homes_to_visit(official, place):
    other = factories.hamlet(parent=place.commune, name="Khu phố Thử 2")
    factories.household(unit=other)
    page = official.get("/coverage")
    assert "Việc tiếp theo: Khu phố Thử 2 còn 1 hộ chưa ai thăm." in page.text
    assert f"/households?hamlet={other.id}&amp;state=unvisited" in page.text


def test_hamlets_are_sorted_as_asked(official, place):
    factories.household(unit=factories.hamlet(parent=place.commune, name="Khu phố Thử 10"))
    factories.household(unit=factories.hamlet(parent=place.commune, name="Khu phố Thử 2"))

    def names(sort):
        return re.findall(r'rowheader"><a[^>]*>(Khu phố[^<]+)', official.get(f"/coverage?sort={sort}").text)

    assert names("name") == ["Khu phố Thử 1", "Khu phố Thử 2", "Khu phố Thử 10"]
    assert names("-name") == ["Khu phố Thử 10", "Khu phố Thử 2", "Khu phố Thử 1"]
    assert names("-rate")[0] == "Khu phố Thử 1"


def test_before_anyone_was_registered_the_page_teaches(official, place):
    page = official.get("/coverage?on=2024-01-01")
    assert page.status_code == 200
    assert "Chưa có hộ nào đăng ký" in page.text
    assert "Thành viên tổ mở Từng Nhà trên điện thoại" in page.text


def test_the_province_sees_communes_and_no_way_into_homes(staff, place):
    page = staff.get("/coverage")
    assert page.status_code == 200
    assert "Phường Thử" in page.text
    assert "/households" not in page.text


def test_another_province_is_not_found(staff):
    assert staff.get(f"/coverage?unit={factories.province().id}").status_code == 404


def test_a_day_that_is_none_means_today(official):
    assert official.get("/coverage?on=yesterday").status_code == 200


def test_coverage_is_not_for_volunteers_and_admins(volunteer, admin):
    assert volunteer.get("/coverage").status_code == 403
    assert admin.get("/coverage").status_code == 403


def test_a_wanderer_is_shown_the_sign_in_page(client):
    answer = client.get("/coverage")
    assert answer.status_code == 401
    assert "Đăng nhập" in answer.text


def test_the_page_asks_as_much_of_the_database_for_many_hamlets_as_for_few(signed_in, place, count_queries):
    client = signed_in(factories.user(Role.OFFICIAL, unit=place.commune))
    client.get("/coverage")
    with count_queries() as few:
        client.get("/coverage")
    for _ in range(10):
        factories.household(unit=factories.hamlet(parent=place.commune))
    with count_queries() as many:
        client.get("/coverage")
    assert len(many) == len(few)


def given_back(client, visit):
    assert client.post(f"/visits/{visit.id}/return", data={"reason": "Xem lại"}).status_code == 303


def test_the_next_step_finds_the_home_whose_only_visit_was_returned(official, place):
    other = factories.hamlet(parent=place.commune, name="Khu phố Thử 2")
    home = factories.household(unit=other, head_name="Lê An")
    given_back(official, factories.visit(household=home, visited_on=today()))
    page = official.get("/coverage")
    assert "Việc tiếp theo: Khu phố Thử 2 còn 1 hộ chưa ai thăm." in page.text
    listed = official.get(f"/households?hamlet={other.id}&state=unvisited").text
    assert "Lê An" in listed
    assert "Chưa thăm lần nào" in listed
    assert "Lượt thăm bị trả lại" in listed


def test_coverage_and_the_list_call_the_same_homes_due_again(official, place):
    long_ago = today() - timedelta(days=91)
    refused = factories.household(unit=place.hamlet, head_name="Lê Từ")
    factories.visit(household=refused, visited_on=long_ago, outcome=Outcome.REFUSED)
    returned = factories.household(unit=place.hamlet, head_name="Lê Trả")
    factories.visit(household=returned, visited_on=long_ago)
    given_back(official, factories.visit(household=returned, visited_on=today()))
    gone = factories.household(unit=place.hamlet, head_name="Lê Đi")
    factories.visit(household=gone, visited_on=long_ago, outcome=Outcome.MOVED)
    seen = factories.household(unit=place.hamlet, head_name="Lê Mới")
    factories.visit(household=seen, visited_on=today() - timedelta(days=90))
    assert "2 hộ cần thăm lại." in official.get("/coverage").text
    listed = official.get("/households?state=due").text
    assert [name for name in ("Lê Từ", "Lê Trả", "Lê Đi", "Lê Mới") if name in listed] == ["Lê Từ", "Lê Trả"]


def test_with_few_homes_unvisited_the_next_step_is_where_most_are_due_again(official, place):
    factories.household(unit=place.hamlet)
    other = factories.hamlet(parent=place.commune, name="Khu phố Thử 2")
    home = factories.household(unit=other)
    factories.visit(household=home, visited_on=today() - timedelta(days=200))
    page = official.get("/coverage").text
    assert "Việc tiếp theo: Khu phố Thử 2 có 1 hộ cần thăm lại." in page
    assert f"/households?hamlet={other.id}&amp;state=due" in page


def test_a_level_that_the_day_lacks_gives_way_to_the_usual_one(staff, official):
    for client in (staff, official):
        assert client.get("/coverage?level=district").status_code == 200


@pytest.mark.parametrize("day", ["1999-12-31", "2001-01-01", "9999-01-01"])
def test_a_day_without_units_is_explained_and_the_pickers_stay(staff, day):
    page = staff.get(f"/coverage?on={day}")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert '<form class="pickers"' in page.text


def test_staff_of_an_abolished_district_see_its_communes_without_an_official_count(signed_in, place):
    district = factories.district(
        parent=place.province, valid_from=date(2022, 1, 1), valid_to=date(2025, 6, 30)
    )
    old = factories.commune(parent=district, valid_from=date(2022, 1, 1), valid_to=date(2025, 6, 30))
    hamlet = factories.hamlet(parent=old, valid_from=date(2022, 1, 1))
    factories.household(unit=hamlet)
    client = signed_in(factories.user(Role.PROVINCE, unit=district))
    assert client.get("/coverage").status_code == 200
