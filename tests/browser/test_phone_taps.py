"""How many taps common work costs, counted: a tap, or a date or year chosen, is one; typing a text is one each key."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.phone import PhoneApp


class Thumb:
    """Taps and counts them."""

    def __init__(self, phone: PhoneApp) -> None:
        self.phone = phone
        self.taps = 0

    def on(self, place: Locator) -> None:
        place.first.click()
        self.taps += 1

    def named(self, name: str) -> None:
        self.phone.tap(name)
        self.taps += 1

    def choice(self, group: str, option: str) -> None:
        """Tap the label of a choice, as a thumb does."""
        box = self.phone.page.get_by_role("group", name=group, exact=True).last
        self.on(box.locator(".option", has_text=option))

    def pick(self, field: Locator, option: str) -> None:
        """Open a list and tap one of its lines: two taps."""
        field.select_option(label=option)
        self.taps += 2


@pytest.fixture
def thumb(phone_page: Page, sign_in) -> Thumb:
    """The demo's volunteer without a network, before the page of the first home."""
    sign_in(phone_page, "volunteer")
    phone = PhoneApp(phone_page)
    phone.settle()
    phone_page.context.set_offline(True)
    phone.open("homes")
    phone.rows.first.click()
    expect(phone_page.locator(".summary")).to_be_visible()
    return Thumb(phone)


def saved(thumb: Thumb, count: int = 1) -> None:
    expect(thumb.phone.page.locator(".said")).to_have_text("Đã lưu lượt thăm trên máy")
    assert len(thumb.phone.journal_operations()) == count


def test_a_revisit_without_changes_takes_at_most_three_taps(thumb: Thumb):
    thumb.named("Ghi lượt thăm")
    thumb.named("Đã gặp, như lần trước")
    saved(thumb)
    assert thumb.taps <= 3


def test_a_revisit_with_one_change_takes_at_most_five_taps(thumb: Thumb):
    thumb.named("Ghi lượt thăm")
    thumb.choice("Kết quả lượt thăm", "Đã gặp")
    thumb.on(thumb.phone.page.locator(".member-line"))
    thumb.choice("Điện thoại riêng", "Điện thoại thường")
    thumb.named("Lưu lượt thăm")
    saved(thumb)
    assert thumb.taps <= 5


def test_nobody_at_home_takes_at_most_two_taps(thumb: Thumb):
    thumb.named("Vắng nhà")
    thumb.named("Lưu lượt thăm")
    saved(thumb)
    assert thumb.taps <= 2


def test_a_new_home_of_four_without_names_takes_at_most_32_taps(thumb: Thumb):
    thumb.phone.open()
    thumb.named("Thêm hộ")
    thumb.choice("Hộ trả lời thế nào?", "Không")
    thumb.named("Lưu, ghi lượt thăm")
    thumb.choice("Kết quả lượt thăm", "Đã gặp")
    thumb.named("Thêm người")
    for number in range(4):
        if number:
            thumb.named("Xong, thêm người nữa")
        thumb.choice("Giới tính", "Nữ")
        thumb.pick(thumb.phone.page.get_by_label("hoặc khoảng").last, "1960–1969")
        thumb.choice("Điện thoại riêng", "Điện thoại thông minh")
        thumb.choice("Tài khoản tại ngân hàng hoặc tổ chức được phép khác", "Có")
    thumb.choice("Internet cáp quang", "Đã lắp")
    thumb.choice("Thiết bị thông minh khác (máy tính bảng, máy tính, TV thông minh)", "Có")
    thumb.named("Lưu lượt thăm")
    saved(thumb, count=2)
    visit = thumb.phone.journal_operations()[-1]["data"]
    assert [(each["sex"], each["birth_year"], each["phone"]) for each in visit["members"]] == [
        ("female", 1960, "smartphone")
    ] * 4
    assert thumb.taps <= 32
