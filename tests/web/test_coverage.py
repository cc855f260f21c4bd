import re

from app.rules.vocabulary import Role
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
