import html
import re

import pytest

from app.core.clock import today
from app.queries import visits
from app.rules.vocabulary import Calendar, Role
from app.web.indicators import pickers
from tests import factories


def told(page):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page.text)))


def test_the_province_sees_an_indicator_unit_by_unit_beside_its_target(staff, place):
    factories.target("account", year=today().year, hundredths=8000)
    page = staff.get("/indicators?indicator=account")
    assert page.status_code == 200
    text = told(page)
    assert "Người từ 15 tuổi có tài khoản thanh toán: 100,0 %" in text
    assert "Phường Thử" in text
    assert "+20,0" in text
    assert "Mọi đơn vị đều đạt mục tiêu 80 %" in text
    assert "2022.1" in text
    assert "Tạm tính" in text


def test_no_personal_data_reach_the_province(staff, place):
    for address in ("/indicators", "/indicators?level=hamlet", "/coverage", "/coverage?level=hamlet"):
        page = staff.get(address).text
        for personal in ("Nguyễn Thị", "hẻm Thử", "0000000000", "bà Thử", place.home.id, place.home.code):
            assert personal not in page


def test_the_files_ask_the_same_question(staff, place):
    page = staff.get(f"/indicators?indicator=account&level=hamlet&unit={place.commune.id}")
    address = re.search(r'href="(/api/v1/exports/indicators\.csv[^"]+)"', page.text)[1].replace("&amp;", "&")
    assert f"unit={place.commune.id}" in address
    assert "level=hamlet" in address
    file = staff.get(address)
    assert file.status_code == 200
    assert "Khu phố Thử 1" in file.text


def test_a_row_leads_one_level_further_down(staff, place):
    page = staff.get("/indicators?indicator=account")
    address = re.search(rf'href="([^"]*unit={place.commune.id}[^"]*)"', page.text)[1].replace("&amp;", "&")
    assert "Khu phố Thử 1" in staff.get(address).text


def test_a_count_of_a_period_has_bars_and_no_rates(staff, place):
    page = staff.get(f"/indicators?indicator=visits&period={place.last.visited_on:%Y-%m}")
    assert page.status_code == 200
    assert "Nhiều nhất ở Phường Thử" in told(page)
    assert '<rect class="done" width="100.00%"' in page.text
    assert "Mẫu số" not in re.search(r"<thead.*?</thead>", page.text, re.DOTALL)[0]


def test_a_count_without_a_period_takes_this_month(staff):
    page = staff.get("/indicators?indicator=visits")
    assert page.status_code == 200
    assert f'<option value="{today():%Y-%m}" selected>' in page.text


def test_a_level_that_the_borders_lack_is_explained_and_the_pickers_stay(staff, place):
    page = staff.get("/indicators?indicator=account&level=district&borders=2026-01-01&basis=confirmed")
    assert page.status_code == 422
    assert "Địa giới này không có đơn vị cấp đó." in page.text
    assert '<option value="account" selected>' in page.text
    assert '<option value="confirmed" selected>' in page.text


@pytest.mark.parametrize("wrong", ["period=2025-13", "period=2025-9M", "borders=9999-01-01", "period=x%00"])
def test_a_wrong_question_is_explained(staff, wrong):
    page = staff.get(f"/indicators?{wrong}")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert '<form class="pickers"' in page.text


def test_before_any_visit_the_page_teaches(staff):
    page = staff.get("/indicators?indicator=account&period=2023")
    assert page.status_code == 200
    assert "Chưa có số liệu cho lựa chọn này" in page.text


def test_an_official_sees_the_hamlets_of_the_commune(official):
    page = official.get("/indicators?indicator=account&level=hamlet")
    assert "Khu phố Thử 1" in page.text


def test_figures_outside_the_scope_are_not_found(staff):
    assert staff.get(f"/indicators?unit={factories.commune().id}").status_code == 404


def test_figures_are_not_for_volunteers_and_admins(volunteer, admin):
    assert volunteer.get("/indicators").status_code == 403
    assert admin.get("/indicators").status_code == 403


def test_a_province_of_its_own_target_is_held_to_it(staff, place):
    factories.target("account", year=today().year, hundredths=8000)
    factories.target("account", year=today().year, hundredths=9500, unit=place.province)
    text = told(staff.get("/indicators?indicator=account"))
    assert "So với 95 %" in text
    assert f"Mục tiêu {today().year}: 80 % (Quyết định thử)" in text


@pytest.mark.parametrize(
    ("period", "calendar", "name"),
    [
        ("2025-06", Calendar.CIVIL, "Tháng 6/2025"),
        ("2025-Q2", Calendar.REPORT, "Quý 2/2025 (lịch báo cáo)"),
        ("2025-H1", Calendar.CIVIL, "6 tháng đầu năm 2025"),
        ("2025-H2", Calendar.CIVIL, "6 tháng cuối năm 2025"),
        ("2025-9M", Calendar.REPORT, "9 tháng năm 2025 (lịch báo cáo)"),
        ("2025", Calendar.CIVIL, "Năm 2025"),
    ],
)
def test_periods_have_names_for_people(app, period, calendar, name):
    with app.test_request_context():
        assert pickers.period_name(period, calendar) == name


def test_every_page_of_the_desk_stands_in_english_too(signed_in, place):
    client = signed_in(factories.user(Role.OFFICIAL, unit=place.commune))
    client.post("/language", data={"language": "en"})
    page = client.get("/indicators?indicator=account&level=hamlet")
    assert "People of 15 or more with an account: 100.0" in told(page)


def test_official_counts_are_named_as_the_denominator(staff, place):
    page = staff.get("/indicators?indicator=account&basis=confirmed")
    text = told(page)
    assert "<dt>Mẫu số</dt><dd>Số dân từ 15 tuổi theo số liệu nền</dd>" in page.text
    assert "gồm cả người, hộ chưa gặp" in text
    assert "có câu trả lời rõ" not in text


def test_basic_skills_name_their_rule_and_let_it_be_chosen(staff, place, db_session):
    page = staff.get("/indicators?indicator=skills_basic&rule=any_one")
    assert '<option value="any_one" selected>' in page.text
    visits.history(place.home.id)[0].members[0].skills = 0b1
    db_session.flush()
    page = staff.get("/indicators?indicator=skills_basic&rule=any_one")
    assert "<dt>Quy tắc kỹ năng cơ bản</dt><dd>Ít nhất một hoạt động (chỉ tiêu 0503)</dd>" in page.text
    assert "100,0 %" in told(page)
    assert "rule=any_one" in page.text
    assert "0,0 %" in told(staff.get("/indicators?indicator=skills_basic"))
    assert 'name="rule"' not in staff.get("/indicators?indicator=account").text


@pytest.mark.parametrize("indicator", ["teams_hamlet", "visits"])
def test_figures_that_rest_on_no_homes_do_not_speak_of_coverage(staff, place, indicator):
    text = told(staff.get(f"/indicators?indicator={indicator}&basis=confirmed"))
    assert "Khu phố, ấp có Tổ" in text or "Số lượt thăm" in text
    assert "Dựa trên" not in text
    assert "Theo các lượt thăm" not in text
    assert "/1 hộ" not in text
    table = re.search(r"<table.*?</table>", staff.get(f"/indicators?indicator={indicator}").text, re.DOTALL)[
        0
    ]
    assert "Mức độ bao phủ" not in table


def test_the_chart_says_beside_each_rate_how_many_homes_it_rests_on(staff, place):
    factories.household(unit=place.hamlet)
    assert "1/2 hộ" in told(staff.get("/indicators?indicator=account"))


def test_the_borders_are_chosen_then_now_or_on_any_day(staff, place):
    page = staff.get("/indicators?period=2026-03").text
    assert "Lúc đó: 31/03/2026" in page
    assert "Hiện nay: " in page
    other = staff.get("/indicators?period=2026-03&borders=&borders_day=2026-02-03").text
    assert '<option value="2026-02-03" selected>03/02/2026</option>' in other
