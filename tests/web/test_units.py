from datetime import date

from tests import factories


def test_an_admin_sees_the_register_of_a_day_as_a_tree(admin, place):
    page = admin.get("/units")
    assert page.status_code == 200
    assert page.text.index("Tỉnh Thử") < page.text.index("Phường Thử") < page.text.index("Khu phố Thử 1")
    assert "1 khu phố, ấp" in page.text


def test_the_register_of_another_day_holds_the_units_of_that_day(admin, place):
    factories.commune(parent=place.province, name="Xã Đã Bỏ", valid_to=date(2025, 6, 30))
    assert "Xã Đã Bỏ" in admin.get("/units?on=2025-06-30").text
    assert "Xã Đã Bỏ" not in admin.get("/units?on=2025-07-01").text


def test_before_the_register_begins_the_page_says_so(admin):
    page = admin.get("/units?on=2010-01-01")
    assert page.status_code == 200
    assert "Ngày này chưa có đơn vị nào" in page.text


def test_a_day_too_far_away_is_explained(admin):
    assert admin.get("/units?on=9999-12-31").status_code == 422


def test_the_register_is_the_admins(official, staff):
    assert official.get("/units").status_code == 403
    assert staff.get("/units").status_code == 403
