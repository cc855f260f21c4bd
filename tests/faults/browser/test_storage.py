"""The browser's storage fails: it is full, the cache is deleted, the journal is gone. Nothing is lost unnoticed."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Server
from tests.browser.phone import SAVED, PhoneApp
from tests.faults.browser.conftest import kept_ids, saved_ids

_DELETE = """(name) => new Promise((resolve, reject) => {
  const deleting = indexedDB.deleteDatabase(name);
  deleting.onsuccess = () => resolve(true);
  deleting.onerror = deleting.onblocked = () => reject(new Error("not deleted"));
})"""


_FULL = """(() => {
  const { add } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.add = function (...rest) {
    const request = add.apply(this, rest);
    if (globalThis.full) this.transaction.abort(); // as the browser does when the disk is full at the commit
    return request;
  };
})()"""


def count_homes(phone: PhoneApp) -> int:
    """Count all homes that the phone lists."""
    phone.open("homes")
    expect(phone.rows.first).to_be_visible()
    return phone.rows.count()


def is_settled(phone: PhoneApp, server: Server) -> bool:
    """Say whether all that the phone holds is on the server, each exactly once."""
    return kept_ids(server, phone.device) == saved_ids(phone)


def test_without_room_nothing_is_called_saved_and_the_form_stays(phone: PhoneApp, live_server: Server):
    page = phone.page
    page.add_init_script(_FULL + "\nglobalThis.reportError = () => {};")  # it is told to whoever debugs too
    page.reload()
    phone.settle()
    page.context.set_offline(True)
    home = phone.visit("Vắng nhà")
    before = saved_ids(phone)
    phone.open(f"visit/{home}")
    phone.choose("Kết quả lượt thăm", "Từ chối")
    page.wait_for_timeout(700)  # a draft is kept a moment after the last change
    page.evaluate("globalThis.full = true")
    phone.tap("Lưu lượt thăm")
    expect(page.get_by_role("status").filter(has_text="Chưa lưu")).to_be_visible()
    assert saved_ids(phone) == before
    expect(page.get_by_role("radio", name="Từ chối", exact=True)).to_be_checked()
    page.evaluate("globalThis.full = false")
    phone.tap("Lưu lượt thăm")
    expect(page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()
    assert len(saved_ids(phone)) == len(before) + 1
    page.context.set_offline(False)
    phone.send()
    assert is_settled(phone, live_server)


@pytest.mark.long
def test_a_phone_that_is_nearly_full_says_so_and_still_sends(phone: PhoneApp, live_server: Server):
    phone.page.add_init_script(
        "navigator.storage.estimate = () => Promise.resolve({ quota: 9_000_000, usage: 8_000_000 })"
    )
    phone.page.reload()
    phone.visit("Vắng nhà")
    phone.send()
    expect(phone.page.get_by_text("Máy gần hết bộ nhớ")).to_be_visible()
    assert is_settled(phone, live_server)


@pytest.mark.long
def test_a_deleted_cache_is_fetched_again_and_unsent_work_is_untouched(phone: PhoneApp, live_server: Server):
    page = phone.page
    page.context.set_offline(True)
    home = phone.visit("Vắng nhà")
    homes = count_homes(phone)
    page.evaluate(_DELETE, "cache")
    page.reload()
    phone.open("outbox")
    assert phone.states() == ["unsent"]
    page.context.set_offline(False)
    phone.send()
    assert count_homes(phone) == homes
    phone.open(f"home/{home}")
    expect(page.locator(".summary-last")).to_contain_text("Vắng nhà")
    assert is_settled(phone, live_server)


def test_a_journal_that_is_gone_is_noticed_and_counted(phone: PhoneApp, live_server: Server):
    page = phone.page
    phone.visit("Vắng nhà")
    phone.send()
    page.route("**/api/v1/sync/push", lambda route: route.abort())
    phone.visit("Từ chối", 1)
    phone.visit("Vắng nhà", 2)
    lost = saved_ids(phone)
    page.goto("/healthz")
    page.evaluate(_DELETE, "journal")
    page.unroute("**/api/v1/sync/push")
    phone.open("outbox")
    phone.visit("Đã chuyển đi", 3)
    phone.open("outbox")
    phone.tap("Gửi ngay")
    expect(page.get_by_text("làm mất bản ghi số 1–3 của máy này")).to_be_visible()
    expect(page.get_by_text("Trong 3 bản ghi đó, máy chủ đang giữ 1.")).to_be_visible()
    assert kept_ids(live_server, phone.device) == [lost[0], *saved_ids(phone)]
    (canary,) = [each["body"] for each in phone.journal() if each["kind"] == "canary"]
    assert canary["after_loss"] is True
