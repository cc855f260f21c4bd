"""A home's details change on the phone, and what two people changed at once is said to whoever came second."""

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Server
from tests.browser.phone import SAVED, PhoneApp


@pytest.fixture
def phone(phone_page: Page, sign_in) -> PhoneApp:
    """The demo's volunteer, signed in on a phone of their own."""
    sign_in(phone_page, "volunteer")
    app = PhoneApp(phone_page)
    app.settle()
    return app


def registered(phone: PhoneApp, name: str) -> str:
    """Register a home of the test's own, send it, and return its id."""
    phone.register(name)
    home = phone.page.url.rsplit("/", 1)[1]
    phone.record("Đã gặp")
    phone.send()
    return home


def amend(phone: PhoneApp, home: str, *, head_name: str) -> None:
    """Give a home another head."""
    phone.open(f"amend/{home}")
    phone.page.get_by_label("Chủ hộ").fill(head_name)
    phone.tap("Lưu thay đổi")
    expect(phone.page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()


def test_only_what_changed_is_sent_with_the_revision_it_was_based_on(phone: PhoneApp, live_server: Server):
    home = registered(phone, "Mẫu Văn Cũ")
    phone.open(f"home/{home}")
    phone.tap("Sửa thông tin hộ")
    phone.page.get_by_label("Địa chỉ").fill("Số 9 đường Mẫu")
    phone.tap("Lưu thay đổi")
    expect(phone.page.locator(".reach-place")).to_have_text("Số 9 đường Mẫu")
    data = phone.journal_operations()[-1]["data"]
    assert data["changes"] == {"address": "Số 9 đường Mẫu"}
    assert set(data["base"]) == {"address"}
    phone.send()
    assert phone.states()[0] == "received"
    phone.page.reload()
    phone.open(f"home/{home}")
    expect(phone.page.locator(".reach-place")).to_have_text("Số 9 đường Mẫu")


def test_consent_taken_back_removes_the_names_here_and_there(phone: PhoneApp, live_server: Server):
    home = registered(phone, "Mẫu Thị Rút Lại")
    phone.open(f"amend/{home}")
    phone.tap("Hộ trả lời khác trước")
    expect(phone.page.locator(".aloud")).to_be_visible()
    phone.choose("Hộ trả lời thế nào?", "Không")
    expect(phone.page.get_by_label("Chủ hộ")).to_have_count(0)
    expect(phone.page.get_by_text("sẽ được xoá trên máy này và trên máy chủ")).to_be_visible()
    phone.tap("Lưu thay đổi")
    expect(phone.page.locator(".summary")).to_be_visible()
    expect(phone.page.locator("h1")).not_to_contain_text("Rút Lại")
    phone.send()
    query = "SELECT consent_answer, head_name FROM households WHERE id = ?"
    assert live_server.rows(query, home.replace("-", "")) == [("no", None)]
    phone.open(f"home/{home}")
    expect(phone.page.locator("h1")).not_to_contain_text("Rút Lại")


def test_consent_given_later_lets_names_be_kept(phone: PhoneApp, live_server: Server):
    phone.register(None, consent="Để sau")
    home = phone.page.url.rsplit("/", 1)[1]
    phone.record("Đã gặp")
    phone.open(f"amend/{home}")
    expect(phone.page.locator(".aloud")).to_be_visible()
    phone.choose("Hộ trả lời thế nào?", "Đồng ý")
    phone.page.get_by_label("Chủ hộ").fill("Mẫu Văn Đồng Ý")
    phone.tap("Lưu thay đổi")
    expect(phone.page.locator("h1")).to_have_text("Mẫu Văn Đồng Ý")
    phone.send()
    assert phone.states() == ["received"] * 3
    query = "SELECT consent_answer FROM households WHERE id = ?"
    assert live_server.rows(query, home.replace("-", "")) == [("yes",)]


def test_whoever_changes_the_same_field_second_is_told(
    phone: PhoneApp, sign_in, new_context, live_server: Server
):
    home = registered(phone, "Mẫu Văn Trước")
    colleague = PhoneApp(new_context(viewport=PHONE).new_page())
    sign_in(colleague.page, "leader")
    colleague.settle()
    phone.page.context.set_offline(True)
    amend(phone, home, head_name="Mẫu Văn Một")
    amend(colleague, home, head_name="Mẫu Văn Hai")
    colleague.send()
    phone.page.context.set_offline(False)
    phone.send()
    assert phone.states()[0] == "received"
    expect(phone.page.locator(".record-note").first).to_contain_text("Nơi khác cũng vừa sửa")
    phone.open(f"home/{home}")
    expect(phone.page.locator("h1")).to_have_text("Mẫu Văn Hai")
    with closing(sqlite3.connect(live_server.database)) as database:
        query = "SELECT field FROM field_conflicts WHERE household_id = ?"
        assert database.execute(query, [home.replace("-", "")]).fetchall() == [("head_name",)]
