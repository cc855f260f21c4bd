"""The phone's list and its visits' form say what is still to be done, and never more than is true."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.phone import PhoneApp


@pytest.fixture
def phone(phone_page: Page, sign_in) -> PhoneApp:
    """The demo's volunteer, signed in on a phone of their own."""
    sign_in(phone_page, "volunteer")
    app = PhoneApp(phone_page)
    app.settle()
    return app


def ago(days: int) -> str:
    """Return the Vietnamese date so many days ago."""
    return (datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")) - timedelta(days=days)).date().isoformat()


def row(phone: PhoneApp, head_name: str, place: str) -> Locator:
    """Return a home's row among those of Today or of all homes."""
    phone.open(place)
    return phone.rows.filter(has_text=head_name)


def said(phone: PhoneApp) -> Locator:
    return phone.page.locator(".said")


def test_a_home_where_nobody_was_in_comes_back_after_a_few_days(phone: PhoneApp):
    phone.page.context.set_offline(True)
    phone.register("Mẫu Thị Vắng Nhà")
    phone.record("Vắng nhà")
    expect(row(phone, "Mẫu Thị Vắng Nhà", "")).to_have_count(0)
    expect(row(phone, "Mẫu Thị Vắng Nhà", "homes")).to_contain_text("Vắng nhà, chưa gặp lại")
    phone.register("Mẫu Thị Vắng Lâu")
    visited_on = phone.page.get_by_role("group", name="Ngày thăm")
    phone.choose("Kết quả lượt thăm", "Vắng nhà")
    visited_on.get_by_role("radio", name="Ngày khác").press("Space")  # what was saved is said above it
    phone.page.get_by_role("textbox", name="Ngày thăm").fill(ago(4))
    phone.record("Vắng nhà")
    expect(row(phone, "Mẫu Thị Vắng Lâu", "")).to_contain_text("Vắng nhà, chưa gặp lại")


def test_a_returned_visit_comes_first_until_it_is_corrected(phone: PhoneApp, new_context, sign_in):
    phone.register("Mẫu Văn Trả Lại")
    home = re.search(r"visit/([0-9a-f-]+)", phone.page.url)
    assert home is not None
    phone.record("Từ chối")
    phone.send()
    desk = new_context().new_page()
    sign_in(desk, "official")
    desk.goto(f"/households/{home[1]}")
    desk.get_by_text("Trả lượt thăm này về tổ").click()
    desk.get_by_label("Cần xem lại chỗ nào?").fill("Nhầm ngày thăm")
    desk.get_by_role("button", name="Trả lại lượt thăm").click()
    expect(desk.get_by_text("Nhầm ngày thăm")).to_be_visible()

    phone.send()
    phone.open()
    expect(phone.rows.first).to_contain_text("Mẫu Văn Trả Lại")
    expect(phone.rows.first).to_contain_text("Xã, phường trả lại")
    phone.tap("1 cần sửa")
    expect(phone.page.get_by_text("Nhầm ngày thăm")).to_be_visible()
    phone.tap("Sửa lượt thăm này")
    phone.record("Từ chối")
    expect(row(phone, "Mẫu Văn Trả Lại", "homes")).not_to_contain_text("Xã, phường trả lại")
    expect(phone.page.get_by_text("cần sửa")).to_have_count(0)


def test_what_was_saved_is_named_and_its_undo_goes_when_it_leaves(phone: PhoneApp):
    phone.register("Mẫu Thị Đã Lưu")
    expect(said(phone)).to_have_text("Đã lưu hộ trên máy")
    phone.record("Từ chối")
    expect(said(phone)).to_have_text("Đã lưu lượt thăm trên máy")
    phone.send()
    expect(said(phone)).to_have_text("")
    expect(phone.page.locator(".said-action")).to_have_count(0)


def test_what_was_undone_is_said_wherever_it_is_undone(phone: PhoneApp):
    phone.page.context.set_offline(True)
    home = phone.visit("Vắng nhà")
    phone.tap("Hoàn tác")
    expect(said(phone)).to_have_text("Đã hoàn tác")
    phone.open(f"visit/{home}")
    phone.record("Từ chối")
    phone.page.locator(".entry").get_by_role("button", name="Hoàn tác").click()
    expect(said(phone)).to_have_text("Đã hoàn tác")
    phone.open(f"visit/{home}")
    phone.record("Từ chối")
    phone.open("outbox")
    phone.page.locator(".record").get_by_role("button", name="Hoàn tác").click()
    expect(said(phone)).to_have_text("Đã hoàn tác")


def test_what_is_said_covers_no_choice_for_good(phone: PhoneApp):
    phone.page.context.set_offline(True)
    phone.register("Mẫu Thị Không Che")
    phone.choose("Kết quả lượt thăm", "Vắng nhà")
    phone.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(said(phone)).to_have_text("Đã lưu hộ trên máy")
    lowest = phone.page.locator(".option").last.bounding_box()
    saying = phone.page.locator(".announcer").bounding_box()
    assert lowest is not None
    assert saying is not None
    assert lowest["y"] + lowest["height"] <= saying["y"]


def test_nothing_is_called_saved_over_a_form_that_was_not(phone: PhoneApp):
    phone.page.context.set_offline(True)
    phone.register("Mẫu Thị Chưa Lưu")
    expect(said(phone)).to_have_text("Đã lưu hộ trên máy")
    phone.choose("Kết quả lượt thăm", "Vắng nhà")
    phone.choose("Hẹn lần sau", "Ngày khác")
    phone.tap("Lưu lượt thăm")
    expect(phone.page.locator(".error")).to_have_text("Chưa chọn ngày hẹn")
    expect(said(phone)).to_have_text("")


def test_another_day_needs_a_day_and_who_moved_away_needs_none(phone: PhoneApp):
    phone.page.context.set_offline(True)
    phone.register("Mẫu Thị Ngày Khác")
    phone.choose("Kết quả lượt thăm", "Từ chối")
    phone.choose("Hẹn lần sau", "Ngày khác")
    phone.tap("Lưu lượt thăm")
    expect(phone.page.locator(".error")).to_have_text("Chưa chọn ngày hẹn")
    phone.page.get_by_label("Ngày hẹn").fill(ago(-5))
    expect(phone.page.locator(".error")).to_have_count(0)
    phone.choose("Kết quả lượt thăm", "Đã chuyển đi")
    expect(phone.page.get_by_role("group", name="Hẹn lần sau")).to_have_count(0)
    phone.tap("Lưu lượt thăm")
    expect(phone.page.locator(".summary")).to_be_visible()
    _, visit = phone.journal_operations()
    assert (visit["data"]["outcome"], visit["data"]["next_visit_on"]) == ("moved", None)


def test_nobody_at_home_takes_three_taps(phone: PhoneApp):
    phone.page.context.set_offline(True)
    phone.rows.first.click()
    phone.tap("Vắng nhà")
    phone.tap("Lưu lượt thăm")
    expect(said(phone)).to_have_text("Đã lưu lượt thăm trên máy")
    (visit,) = phone.journal_operations()
    assert visit["data"]["outcome"] == "absent"


def test_an_error_goes_when_it_is_put_right_and_the_form_stays_open(phone: PhoneApp):
    phone.page.context.set_offline(True)
    phone.register("Mẫu Thị Năm Sinh")
    phone.choose("Kết quả lượt thăm", "Đã gặp")
    phone.tap("Thêm người")
    phone.page.get_by_label("Năm sinh").fill("1700")
    phone.tap("Lưu lượt thăm")
    expect(phone.page.locator(".error")).to_have_text("Năm sinh quá xa: xem lại")
    phone.page.get_by_label("Năm sinh").fill("1970")
    expect(phone.page.locator(".error")).to_have_count(0)
    phone.tap("Xong, thêm người nữa")
    expect(phone.page.locator(".member")).to_have_count(2)
    expect(phone.page.locator(".member.open input").first).to_be_focused()


def test_a_whole_given_name_is_found_before_the_beginning_of_a_word(phone: PhoneApp):
    phone.page.context.set_offline(True)
    for name in ("Mẫu Thị Xuânh", "Mẫu Xuân Kha", "Mẫu Văn Xuân"):
        phone.register(name)
    phone.open("homes")
    phone.page.get_by_role("searchbox").fill("xuan")
    expect(phone.rows.locator(".row-name")).to_have_text([re.compile("Văn Xuân$"), *[re.compile("Xuân")] * 2])
