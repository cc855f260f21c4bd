"""The phone never believes that the server has something which it has not, and carries its work past any server."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Server
from tests.browser.phone import PhoneApp


@pytest.fixture
def phone(phone_page: Page, sign_in) -> PhoneApp:
    """The demo's volunteer, signed in on a phone of their own."""
    sign_in(phone_page, "volunteer")
    app = PhoneApp(phone_page)
    app.settle()
    return app


def copy(source: Path, target: Path) -> None:
    """Copy a database as it stands, whatever lies in its log."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def roll_back(server: Server, backup: Path) -> None:
    """Put an old copy in place of the server's database without anyone's word."""
    server.stop()
    for leftover in server.database.parent.glob(f"{server.database.name}-*"):
        leftover.unlink()
    copy(backup, server.database)
    server.start()


def kept_ids(server: Server, phone: PhoneApp) -> list[str]:
    """Return the ids of all operations that the server keeps of this phone, dashed, in the phone's order."""
    query = "SELECT op_id FROM operations WHERE replace(device_id, '-', '') = ? ORDER BY device_seq"
    rows = server.rows(query, phone.device.replace("-", ""))
    return [str(row[0]) for row in rows]


def saved_ids(phone: PhoneApp) -> list[str]:
    """Return the ids of all operations in the journal, as the database writes them."""
    return [each["body"]["op_id"].replace("-", "") for each in phone.journal() if each["kind"] == "operation"]


def test_what_a_restored_server_has_lost_is_offered_again(phone: PhoneApp, live_server: Server, tmp_path):
    backup = tmp_path / "yesterday.sqlite3"
    phone.visit("Vắng nhà")
    phone.send()
    copy(live_server.database, backup)
    phone.visit("Từ chối")
    phone.send()
    roll_back(live_server, backup)
    assert len(kept_ids(live_server, phone)) == 1
    phone.visit("Vắng nhà")
    phone.send()
    assert kept_ids(live_server, phone) == saved_ids(phone)
    assert len(saved_ids(phone)) == 3
    assert phone.states() == ["received"] * 3


def test_what_the_servers_list_lacks_is_offered_again(phone: PhoneApp, live_server: Server):
    phone.page.context.set_offline(True)
    phone.visit("Vắng nhà")
    phone.undo()
    phone.page.context.set_offline(False)
    phone.send()
    with closing(sqlite3.connect(live_server.database)) as database, database:
        database.execute(
            "DELETE FROM operations WHERE replace(device_id, '-', '') = ?", [phone.device.replace("-", "")]
        )
    assert kept_ids(live_server, phone) == []
    phone.open("outbox")
    phone.tap("Gửi ngay")
    expect(phone.page.locator(".truth-line")).to_have_text("Máy chủ đã nhận 1/1")
    phone.send()
    assert kept_ids(live_server, phone) == saved_ids(phone)


def test_a_batch_that_is_too_much_is_halved_and_holds_nothing_up(phone: PhoneApp, live_server: Server):
    tries: list[str] = []

    def refuse(route: Route) -> None:
        tries.append(route.request.method)
        if len(tries) == 1:
            route.fulfill(status=413, json={"error": {"code": "sync.too_large", "message": "", "fields": {}}})
        else:
            route.continue_()

    phone.page.context.set_offline(True)
    for number in range(2):
        phone.visit("Vắng nhà", number)
    phone.page.route("**/api/v1/sync/push", refuse)
    phone.page.context.set_offline(False)
    phone.send()
    assert len(tries) == 3
    assert kept_ids(live_server, phone) == saved_ids(phone)


def test_a_second_tab_says_that_the_first_is_sending(phone: PhoneApp):
    other = phone.page.context.new_page()
    other.goto("/phone/")
    other.evaluate(
        """() => new Promise((taken) => {
          navigator.locks.request("sync", () => { taken(true); return new Promise(() => {}); });
        })"""
    )
    phone.open("outbox")
    phone.tap("Gửi ngay")
    expect(phone.page.get_by_text("Thẻ khác của ứng dụng đang gửi")).to_be_visible()
    other.close()
    phone.send()
    expect(phone.page.get_by_text("Thẻ khác của ứng dụng đang gửi")).to_have_count(0)
