"""The browser's storage fails: it is full, the cache is deleted, the journal is gone. Nothing is lost unnoticed."""

from playwright.sync_api import expect

from tests.browser.conftest import Server
from tests.browser.phone import SAVED, PhoneApp
from tests.faults.browser.conftest import kept_ids, saved_ids

_DELETE = """(name) => new Promise((resolve, reject) => {
  const deleting = indexedDB.deleteDatabase(name);
  deleting.onsuccess = () => resolve(true);
  deleting.onerror = deleting.onblocked = () => reject(new Error("not deleted"));
})"""


def set_quota(phone: PhoneApp, size: int | None) -> None:
    """Let the browser give the app so many bytes of storage; None gives what it would."""
    session = phone.page.context.new_cdp_session(phone.page)
    origin = phone.page.evaluate("location.origin")
    session.send(
        "Storage.overrideQuotaForOrigin",
        {"origin": origin} if size is None else {"origin": origin, "quotaSize": size},
    )


def is_settled(phone: PhoneApp, server: Server) -> bool:
    """Say whether all that the phone holds is on the server, each exactly once."""
    return kept_ids(server, phone.device) == saved_ids(phone)


def test_without_room_nothing_is_called_saved_and_the_form_stays(phone: PhoneApp, live_server: Server):
    page = phone.page
    page.context.set_offline(True)
    phone.visit("Vắng nhà")
    phone.open()
    page.get_by_role("radio", name="Tất cả").check()
    phone.rows.nth(1).click()
    phone.tap("Ghi lượt thăm")
    phone.choose("Kết quả lượt thăm", "Từ chối")
    expect(page.get_by_role("status").filter(has_text=SAVED)).to_have_count(0)
    set_quota(phone, 1)
    phone.tap("Lưu lượt thăm")
    expect(page.get_by_role("status").filter(has_text="Chưa lưu")).to_be_visible()
    assert len(saved_ids(phone)) == 1
    expect(page.get_by_role("radio", name="Từ chối", exact=True)).to_be_checked()
    set_quota(phone, None)
    phone.tap("Lưu lượt thăm")
    expect(page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()
    assert len(saved_ids(phone)) == 2
    page.context.set_offline(False)
    phone.send()
    assert is_settled(phone, live_server)


def test_a_phone_that_is_nearly_full_says_so_and_still_sends(phone: PhoneApp, live_server: Server):
    phone.page.add_init_script(
        "navigator.storage.estimate = () => Promise.resolve({ quota: 9_000_000, usage: 8_000_000 })"
    )
    phone.page.reload()
    phone.visit("Vắng nhà")
    phone.send()
    expect(phone.page.get_by_text("Máy gần hết bộ nhớ")).to_be_visible()
    assert is_settled(phone, live_server)


def test_a_deleted_cache_is_fetched_again_and_unsent_work_is_untouched(phone: PhoneApp, live_server: Server):
    page = phone.page
    page.context.set_offline(True)
    home = phone.visit("Vắng nhà")
    phone.open()
    homes = phone.rows.count()
    page.evaluate(_DELETE, "cache")
    page.reload()
    phone.open("outbox")
    assert phone.states() == ["unsent"]
    page.context.set_offline(False)
    phone.send()
    phone.open()
    expect(phone.rows).to_have_count(homes)
    phone.open(f"home/{home}")
    expect(page.locator(".summary-last")).to_contain_text("Vắng nhà")
    assert is_settled(phone, live_server)


def test_a_journal_that_is_gone_is_noticed_and_counted(phone: PhoneApp, live_server: Server):
    page = phone.page
    phone.visit("Vắng nhà")
    phone.send()
    page.context.set_offline(True)
    phone.visit("Từ chối", 1)
    phone.visit("Vắng nhà", 2)
    lost = saved_ids(phone)
    page.context.set_offline(False)
    page.goto("/healthz")
    page.evaluate(_DELETE, "journal")
    phone.open("outbox")
    phone.visit("Đã chuyển đi", 3)
    phone.open("outbox")
    phone.tap("Gửi ngay")
    expect(page.get_by_text("làm mất bản ghi số 1–3 của máy này")).to_be_visible()
    expect(page.get_by_text("Trong 3 bản ghi đó, máy chủ đang giữ 1.")).to_be_visible()
    assert kept_ids(live_server, phone.device) == [lost[0], *saved_ids(phone)]
    (canary,) = [each["body"] for each in phone.journal() if each["kind"] == "canary"]
    assert canary["after_loss"] is True
