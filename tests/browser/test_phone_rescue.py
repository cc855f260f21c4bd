"""Unsent work leaves the phone as a sealed file, and reaches the server by way of somebody else."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Server
from tests.browser.phone import PhoneApp


@pytest.fixture
def phone(phone_page: Page, sign_in) -> PhoneApp:
    """The demo's volunteer, signed in on a phone of their own."""
    sign_in(phone_page, "volunteer")
    app = PhoneApp(phone_page)
    app.settle()
    return app


def saved_file(phone: PhoneApp, folder: Path, place: str = "rescue") -> Path:
    """Save unsent work to a file the way a person does, and return where it lies."""
    phone.open(place)
    with phone.page.expect_download() as coming:
        phone.page.get_by_role("link", name="Lưu ra tệp").click()
    target = folder / coming.value.suggested_filename
    coming.value.save_as(target)
    return target


def hand_in(phone: PhoneApp, file: Path) -> list[str]:
    """Hand a file in and return the counts that are shown."""
    phone.open("rescue")
    phone.page.locator("#file").set_input_files(file)
    expect(phone.page.locator(".counts")).to_be_visible()
    return phone.page.locator(".counts dd").all_inner_texts()


def kept_of(server: Server, device: str) -> list[tuple[object, ...]]:
    """Return type and outcome of all that the server keeps of a device, in its order."""
    query = "SELECT type, outcome FROM operations WHERE replace(device_id, '-', '') = ? ORDER BY device_seq"
    return server.rows(query, device.replace("-", ""))


def test_a_colleague_hands_in_what_a_phone_could_not_send(
    phone: PhoneApp, sign_in, new_context, live_server: Server, tmp_path
):
    phone.page.context.set_offline(True)
    phone.register("Mẫu Văn Cứu")
    phone.record("Đã gặp")
    phone.visit("Vắng nhà", 1)
    phone.undo()
    file = saved_file(phone, tmp_path)
    body = json.loads(file.read_text())
    assert len(body["sealed"]) == 3
    assert "Mẫu" not in file.read_text()
    colleague = PhoneApp(new_context(viewport=PHONE).new_page())
    sign_in(colleague.page, "leader")
    colleague.settle()
    assert hand_in(colleague, file) == ["3", "3", "0", "0"]
    done = [("household.register", "stored"), ("visit.record", "stored"), ("op.void", "stored")]
    assert kept_of(live_server, phone.device) == done
    assert hand_in(colleague, file) == ["3", "0", "3", "0"]
    assert "Mẫu" not in colleague.page.locator("main").inner_text()
    phone.page.context.set_offline(False)
    phone.send()
    assert kept_of(live_server, phone.device) == done
    assert phone.states() == ["cancelled", "received", "received"]


def test_a_file_that_is_not_ours_is_told_from_one_that_is(phone: PhoneApp, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("xin chào")
    phone.open("rescue")
    phone.page.locator("#file").set_input_files(other)
    expect(phone.page.get_by_text("Đây không phải tệp bản ghi chưa gửi")).to_be_visible()


def test_signing_out_with_unsent_work_warns_and_offers_the_file(
    phone: PhoneApp, tmp_path, live_server: Server
):
    phone.page.route("**/api/v1/sync/push", lambda route: route.abort())
    phone.visit("Vắng nhà")
    phone.open("device")
    phone.tap("Đăng xuất, giao máy cho người khác")
    expect(phone.page.get_by_text("Còn 1 bản ghi chưa gửi.")).to_be_visible()
    assert len(json.loads(saved_file(phone, tmp_path, "leave").read_text())["sealed"]) == 1
    phone.tap("Vẫn đăng xuất")
    expect(phone.page.locator("[name=password]")).to_be_visible()
    assert kept_of(live_server, phone.device) == []


def test_what_was_recorded_before_the_key_was_known_is_sealed_later(phone: PhoneApp):
    phone.page.route("**/api/v1/sync/push", lambda route: route.abort())
    phone.page.evaluate("localStorage.removeItem('tung-nha.keys')")
    phone.page.route("**/api/v1/session", lambda route: route.abort())
    phone.visit("Vắng nhà")
    assert [each["sealed"] for each in phone.journal() if each["kind"] == "operation"] == [None]
    phone.page.unroute("**/api/v1/session")
    phone.open("outbox")
    phone.tap("Gửi ngay")
    expect(phone.page.get_by_text("Chưa gửi được: sẽ tự thử lại")).to_be_visible()
    (sealed,) = [each["sealed"] for each in phone.journal() if each["kind"] == "operation"]
    assert sealed.count(".") == 3


def test_an_official_can_settle_what_was_refused_and_the_phone_tells(phone: PhoneApp, live_server: Server):
    phone.page.context.set_offline(True)
    home = phone.visit("Vắng nhà")
    phone.page.context.set_offline(False)
    phone.send()
    visit = phone.journal_operations()[0]["data"]["id"]
    for _ in range(2):
        phone.module(
            "store/book.js",
            """async (book, visit) => {
              const me = JSON.parse(localStorage.getItem("tung-nha.me"));
              await book.record(me.id, { type: "visit.record", data: { ...visit, id: crypto.randomUUID() } });
            }""",
            {
                **phone.journal_operations()[0]["data"],
                "id": visit,
                "household_id": home,
                "visited_on": "2099-01-01",
            },
        )
    phone.send()
    assert phone.states() == ["fix", "fix", "received"]
    expect(phone.page.get_by_role("link", name="Chuyển giúp")).to_have_count(2)
    refused = [each["op_id"] for each in phone.journal_operations()[1:]]
    with closing(sqlite3.connect(live_server.database)) as database, database:
        for op_id, settlement in zip(refused, ["set_aside", "taken_in"], strict=True):
            row = [settlement, op_id.replace("-", "")]
            database.execute("UPDATE operations SET settlement = ? WHERE op_id = ?", row)
    phone.send()
    assert phone.states() == ["received", "aside", "received"]
    expect(phone.page.get_by_text("Cán bộ xã, phường đã nhận")).to_be_visible()
