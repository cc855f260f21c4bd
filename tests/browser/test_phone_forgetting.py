"""A home that takes back its consent is forgotten by name, also by the phone's journal once the server knows."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.phone import SAVED, PhoneApp

NAME = "Mẫu Thị Quên Tên"
NOTE = "Gọi chị Quên Tên trước"


@pytest.fixture
def phone(phone_page: Page, sign_in) -> PhoneApp:
    """The demo's volunteer, signed in on a phone of their own."""
    sign_in(phone_page, "volunteer")
    app = PhoneApp(phone_page)
    app.settle()
    return app


def withdraw_consent(phone: PhoneApp, home: str) -> None:
    """Put down that the home answers no now."""
    phone.open(f"amend/{home}")
    phone.tap("Hộ trả lời khác trước")
    phone.choose("Hộ trả lời thế nào?", "Không")
    phone.tap("Lưu thay đổi")
    expect(phone.page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()


def written(phone: PhoneApp) -> str:
    return json.dumps(phone.journal(), ensure_ascii=False)


def test_names_leave_the_journal_once_the_withdrawal_has_arrived(phone: PhoneApp):
    phone.register(NAME)
    home = phone.page.url.rsplit("/", 1)[1]
    phone.choose("Kết quả lượt thăm", "Đã gặp")
    phone.tap("Thêm người")
    phone.page.get_by_label("Tên gọi").fill("chị Quên Tên")
    phone.page.get_by_label("Ghi chú").fill(NOTE)
    phone.save()
    phone.send()
    phone.page.context.set_offline(True)
    withdraw_consent(phone, home)
    assert NAME in written(phone)
    assert "chị Quên Tên" in written(phone)
    phone.page.context.set_offline(False)
    phone.send()
    assert "Quên Tên" not in written(phone)
    assert phone.states() == ["received"] * 3
    phone.page.reload()
    phone.send()
    assert phone.states() == ["received"] * 3
    phone.open(f"home/{home}")
    expect(phone.page.locator(".summary-last")).to_contain_text("Đã gặp")
    expect(phone.page.locator(".person")).to_have_count(1)


def test_names_that_are_still_to_be_sent_are_kept_until_then(phone: PhoneApp, live_server):
    phone.page.context.set_offline(True)
    phone.register(NAME)
    home = phone.page.url.rsplit("/", 1)[1]
    phone.record("Từ chối")
    withdraw_consent(phone, home)
    assert NAME in written(phone)
    phone.page.context.set_offline(False)
    phone.send()
    assert phone.states() == ["received"] * 3
    assert NAME not in written(phone)
    query = "SELECT consent_answer, head_name FROM households WHERE id = ?"
    assert live_server.rows(query, home.replace("-", "")) == [("no", None)]
