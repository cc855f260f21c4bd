"""Homes are found as people type, filtered, put in walking order, and not registered twice."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.phone import PhoneApp


@pytest.fixture
def phone(phone_page: Page, sign_in) -> PhoneApp:
    """The demo's volunteer, signed in on a phone of their own."""
    sign_in(phone_page, "volunteer")
    app = PhoneApp(phone_page)
    app.settle()
    return app


def register(phone: PhoneApp, head: str, *, address: str = "", phone_number: str = "") -> str:
    """Register a home without a network and return its id."""
    phone.page.context.set_offline(True)
    phone.open("register")
    phone.choose("Hộ trả lời thế nào?", "Đồng ý")
    phone.page.get_by_label("Chủ hộ").fill(head)
    phone.page.get_by_label("Địa chỉ").fill(address)
    phone.page.get_by_label("Số điện thoại").fill(phone_number)
    phone.tap("Chỉ lưu")
    expect(phone.page.locator(".summary")).to_be_visible()
    return phone.page.url.rsplit("/", 1)[1]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nguyeenx", "nguyen"),
        ("nguyenex", "nguyen"),
        ("ddaof", "dao"),
        ("huwowng", "huong"),
        ("tuwf", "tu"),
        ("dangd", "dang"),
        ("tr", "tr"),
        ("xuaan", "xuan"),
    ],
)
def test_raw_telex_keys_are_read(phone: PhoneApp, typed: str, meant: str):
    assert phone.module("rules/searching.js", "({ telex }, word) => telex(word)", typed) == meant


@pytest.mark.parametrize("typed", ["nguyeenx vawn tifm", "4321", "0903 456", "27/4", "van tim"])
def test_a_home_is_found_by_any_part_of_it(phone: PhoneApp, typed: str):
    register(phone, "Nguyễn Văn Tìm (mẫu)", address="27/4 hẻm Mẫu", phone_number="0903 456 4321")
    phone.open("homes")
    phone.page.get_by_role("searchbox").fill(typed)
    expect(phone.rows.filter(has_text="Nguyễn Văn Tìm")).to_have_count(1)


def test_homes_stand_in_walking_order_whatever_their_codes(phone: PhoneApp):
    for number in ("10", "9", "2/3"):
        register(phone, f"Mẫu Số {number}", address=f"Số {number} đường Xếp Hàng")
    phone.open("homes")
    phone.page.get_by_role("searchbox").fill("xep hang")
    expect(phone.rows.locator(".row-name")).to_have_text(["Mẫu Số 2/3", "Mẫu Số 9", "Mẫu Số 10"])


def test_filters_leave_only_what_they_say(phone: PhoneApp):
    phone.page.context.set_offline(True)
    phone.visit("Từ chối", 1)
    phone.open("homes")
    everyone = phone.rows.count()
    phone.page.get_by_role("radio", name="Từ chối").check()
    expect(phone.rows.filter(has_text="Từ chối").first).to_be_visible()
    assert phone.rows.count() == phone.rows.filter(has_text="Từ chối").count() < everyone
    phone.page.get_by_role("radio", name="Chưa gửi").check()
    expect(phone.rows).to_have_count(1)


def test_today_names_the_months_progress_and_why_each_home_is_next(phone: PhoneApp):
    phone.page.context.set_offline(True)
    expect(phone.page.locator(".month-line")).to_contain_text(re.compile(r"Đã gặp \d+/\d+ hộ"))
    before = phone.page.locator(".month-line strong").inner_text()
    phone.open("homes")
    phone.rows.first.click()
    phone.tap("Ghi lượt thăm")
    phone.tap("Đã gặp, như lần trước")
    expect(phone.page.locator(".summary")).to_be_visible()
    phone.open()
    expect(phone.page.locator(".month-line strong")).not_to_have_text(before)
    register(phone, "Mẫu Thị Chưa Đến")
    phone.open()
    phone.page.get_by_role("radio", name="Chưa đến").check()
    expect(phone.rows.filter(has_text="Mẫu Thị Chưa Đến")).to_have_count(1)


def test_a_home_that_is_known_already_is_offered_instead(phone: PhoneApp):
    known = register(phone, "Mẫu Thị Trùng", phone_number="0912 000 111")
    phone.open("register")
    phone.choose("Hộ trả lời thế nào?", "Đồng ý")
    phone.page.get_by_label("Chủ hộ").fill("mau thi trung")
    expect(phone.page.locator(".alike-home")).to_have_count(1)
    phone.page.get_by_label("Chủ hộ").fill("Mẫu Thị Khác")
    expect(phone.page.locator(".alike-home")).to_have_count(0)
    phone.page.get_by_label("Số điện thoại").fill("+84912000111")
    expect(phone.page.locator(".alike-home")).to_contain_text("Mẫu Thị Trùng")
    phone.tap("Đúng hộ này: ghi lượt thăm")
    expect(phone.page).to_have_url(re.compile(f"visit/{known}$"))
    assert len(phone.journal_operations()) == 1
    phone.open("register")
    expect(phone.page.get_by_label("Chủ hộ")).to_have_count(0)


def test_what_changed_between_two_visits_is_told(phone: PhoneApp):
    phone.page.context.set_offline(True)
    phone.open("homes")
    phone.rows.first.click()
    home = phone.page.url.rsplit("/", 1)[1]
    phone.tap("Ghi lượt thăm")
    phone.choose("Kết quả lượt thăm", "Đã gặp")
    fibre = phone.page.get_by_role("group", name="Internet cáp quang")
    chosen = fibre.get_by_role("radio", checked=True).get_attribute("value")
    fibre.get_by_role("radio", name="Đã lắp" if chosen != "subscribed" else "Chưa kéo tới").check()
    phone.save()
    expect(phone.page.locator(".changes").first).to_contain_text("Internet cáp quang:")
    phone.open(f"visit/{home}")
    phone.tap("Đã gặp, như lần trước")
    expect(phone.page.locator(".summary")).to_be_visible()
    expect(phone.page.locator(".entry").first).to_contain_text("Không đổi so với")
