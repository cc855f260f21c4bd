"""What is saved on the phone: it stays, it can be undone, it arrives exactly once, and it says so truly."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.phone import SAVED, PhoneApp


@pytest.fixture
def phone(phone_page: Page, sign_in) -> PhoneApp:
    """The demo's volunteer, signed in on a phone of their own."""
    sign_in(phone_page, "volunteer")
    app = PhoneApp(phone_page)
    app.settle()
    return app


def open_form(phone: PhoneApp, number: int = 0) -> str:
    """Open the visit's form of one of the homes and return the home's id."""
    phone.open("homes")
    phone.rows.nth(number).click()
    home = phone.page.url.rsplit("/", 1)[1]
    phone.tap("Ghi lượt thăm")
    return home


def kept_of(live_server, phone: PhoneApp) -> list[tuple[object, ...]]:
    """Return type and outcome of all that the server keeps of this phone, in the phone's order."""
    device = phone.page.evaluate("localStorage.getItem('tung-nha.device')").replace(
        "-", ""
    )  # as SQLite keeps it
    query = "SELECT type, outcome FROM operations WHERE replace(device_id, '-', '') = ? ORDER BY device_seq"
    return live_server.rows(query, device)


def test_nothing_needs_typing_when_all_is_as_last_time(phone: PhoneApp):
    open_form(phone)
    phone.tap("Đã gặp, như lần trước")
    expect(phone.page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()
    (record,) = [each for each in phone.journal() if each["kind"] == "operation"]
    assert record["device_seq"] == 1
    assert record["body"]["data"]["outcome"] == "interviewed"
    assert record["key_id"] is None


def test_an_undone_record_goes_out_as_void(phone: PhoneApp, live_server):
    phone.page.context.set_offline(True)
    open_form(phone)
    phone.record("Vắng nhà")
    phone.undo()
    assert phone.states() == ["cancelled"]
    phone.page.context.set_offline(False)
    phone.send()
    assert kept_of(live_server, phone) == [("op.void", "stored")]
    assert phone.states() == ["cancelled"]


def test_a_home_is_not_undone_under_its_visits(phone: PhoneApp):
    phone.page.context.set_offline(True)
    phone.register("Mẫu Văn Hoàn Tác")
    phone.record("Đã gặp")
    phone.open("outbox")
    visit, home = phone.page.locator(".record").all()
    expect(home.get_by_role("button", name="Hoàn tác")).to_have_count(0)
    visit.get_by_role("button", name="Hoàn tác").click()
    home.get_by_role("button", name="Hoàn tác").click()
    assert phone.states() == ["cancelled", "cancelled"]


def test_a_form_half_filled_in_survives_a_reload(phone: PhoneApp):
    open_form(phone)
    phone.choose("Kết quả lượt thăm", "Vắng nhà")
    phone.page.get_by_label("Ghi chú").fill("Gọi trước khi đến")
    phone.page.wait_for_timeout(700)  # a draft is kept a moment after the last change
    phone.page.reload()
    expect(phone.page.get_by_label("Ghi chú")).to_have_value("Gọi trước khi đến")
    phone.tap("Lưu lượt thăm")
    expect(phone.page.get_by_role("link", name="Ghi lượt thăm")).to_be_visible()
    data = [each["body"]["data"] for each in phone.journal() if each["kind"] == "operation"]
    assert [(each["outcome"], each["note"]) for each in data] == [("absent", "Gọi trước khi đến")]


def test_an_expired_session_blocks_only_sending(phone: PhoneApp, sign_in, live_server):
    phone.page.context.clear_cookies()
    open_form(phone)
    phone.record("Từ chối")
    phone.open("outbox")
    phone.tap("Gửi ngay")
    expect(phone.page.locator(".banner", has_text="Hết hạn đăng nhập")).to_be_visible()
    assert phone.states() == ["unsent"]
    sign_in(phone.page, "volunteer")
    phone.send()
    assert kept_of(live_server, phone) == [("visit.record", "stored")]


def test_an_answer_lost_on_the_way_stores_nothing_twice(phone: PhoneApp, live_server):
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.url)
        route.fetch()
        route.abort("connectionreset")

    phone.page.route("**/api/v1/sync/push", lose)
    open_form(phone)
    phone.record("Vắng nhà")
    phone.open("outbox")
    phone.tap("Gửi ngay")
    expect(phone.page.locator(".notice", has_text="Chưa gửi được: sẽ tự thử lại")).to_be_visible()
    assert phone.states() == ["unsent"]
    expect(phone.page.locator(".record").get_by_role("button", name="Hoàn tác")).to_have_count(0)
    phone.send()
    assert len(lost) == 1
    assert phone.states() == ["received"]
    assert kept_of(live_server, phone) == [("visit.record", "stored")]


def test_a_refused_record_is_mended_and_holds_up_no_other(phone: PhoneApp, live_server):
    home = open_form(phone)
    phone.module(
        "store/book.js",
        """async (book, { household_id }) => {
          const me = JSON.parse(localStorage.getItem("tung-nha.me"));
          const visit = {
            id: crypto.randomUUID(), household_id, team_id: me.teams[0].id, visited_on: "2099-01-01", outcome: "absent",
            topics: [], note: null, next_visit_on: null, corrects: null,
          };
          await book.record(me.id, { type: "visit.record", data: visit });
        }""",
        {"household_id": home},
    )
    phone.open(f"visit/{home}")
    phone.record("Từ chối")
    phone.send()
    assert phone.states() == ["received", "fix"]
    expect(phone.page.locator(".record-note")).to_contain_text("Ngày thăm ở tương lai")
    phone.page.get_by_role("link", name="Sửa").click()
    phone.choose("Ngày thăm", "hôm nay")
    phone.save()
    phone.send()
    assert phone.states() == ["received", "received", "mended"]
    assert kept_of(live_server, phone) == [
        ("visit.record", "invalid"),
        ("visit.record", "stored"),
        ("visit.record", "stored"),
    ]


def test_own_visits_are_corrected_and_withdrawn_from_the_homes_page(phone: PhoneApp, live_server):
    home = open_form(phone)
    phone.record("Vắng nhà")
    phone.send()
    phone.open(f"home/{home}")
    phone.page.get_by_role("link", name="Sửa", exact=True).first.click()
    phone.record("Từ chối")
    phone.send()
    phone.open(f"home/{home}")
    expect(phone.page.locator(".summary-last")).to_contain_text("Từ chối")
    expect(
        phone.page.locator(".entry", has_text="Vắng nhà").locator(".tag", has_text="Đã sửa").first
    ).to_be_visible()
    phone.page.locator(".entry", has_text="Từ chối").get_by_role(
        "button", name="Rút lại", exact=True
    ).first.click()
    phone.tap("Rút lại lượt thăm này")
    phone.send()
    kinds = [kind for kind, _ in kept_of(live_server, phone)]
    assert kinds == ["visit.record", "visit.record", "visit.withdraw"]
    assert {outcome for _, outcome in kept_of(live_server, phone)} == {"stored"}


def test_without_a_yes_no_personal_field_is_kept_on_the_phone(phone: PhoneApp):
    phone.open("register")
    for answer in ("Đồng ý", "Không", "Để sau"):
        expect(phone.page.get_by_role("radio", name=answer, exact=True)).not_to_be_checked()
    phone.choose("Hộ trả lời thế nào?", "Đồng ý")
    phone.page.get_by_label("Chủ hộ").fill("Mẫu Văn Đổi Ý")
    phone.choose("Hộ trả lời thế nào?", "Không")
    expect(phone.page.get_by_label("Chủ hộ")).to_have_count(0)
    phone.tap("Chỉ lưu")
    expect(phone.page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()
    (data,) = [each["body"]["data"] for each in phone.journal() if each["kind"] == "operation"]
    assert data["consent"]["answer"] == "no"
    assert set(data) == {"id", "team_id", "unit_id", "consent"}


def test_another_persons_records_wait_until_they_sign_in_again(phone: PhoneApp, sign_in, live_server):
    phone.page.context.set_offline(True)
    open_form(phone)
    phone.record("Vắng nhà")
    phone.page.context.clear_cookies()
    phone.page.context.set_offline(False)
    sign_in(phone.page, "leader")
    phone.settle()
    phone.send()
    expect(phone.page.locator(".truth-line")).to_have_text("Máy chủ đã nhận 0/0")
    expect(phone.page.get_by_text("Máy này còn 1 bản ghi của người khác")).to_be_visible()
    assert kept_of(live_server, phone) == []
    phone.page.context.clear_cookies()
    sign_in(phone.page, "volunteer")
    phone.settle()
    phone.send()
    assert kept_of(live_server, phone) == [("visit.record", "stored")]


def test_signing_out_hides_the_homes_and_keeps_what_is_not_sent(phone: PhoneApp, sign_in, live_server):
    phone.page.context.set_offline(True)
    open_form(phone)
    phone.record("Vắng nhà")
    phone.page.route("**/api/v1/sync/push", lambda route: route.abort())
    phone.page.context.set_offline(False)
    phone.open("device")
    phone.tap("Đăng xuất, giao máy cho người khác")
    phone.tap("Vẫn đăng xuất")
    expect(phone.page.locator("[name=password]")).to_be_visible()
    phone.page.goto("/phone/")
    expect(phone.page.get_by_text("Đăng nhập một lần trên máy này")).to_be_visible()
    expect(phone.rows).to_have_count(0)
    phone.page.unroute("**/api/v1/sync/push")
    sign_in(phone.page, "volunteer")
    phone.settle()
    phone.send()
    assert kept_of(live_server, phone) == [("visit.record", "stored")]


def test_two_taps_save_one_record(phone: PhoneApp):
    phone.page.context.set_offline(True)
    open_form(phone)
    phone.choose("Kết quả lượt thăm", "Vắng nhà")
    phone.page.get_by_role("button", name="Lưu lượt thăm").evaluate(
        "(button) => { button.click(); button.click(); }"
    )
    expect(phone.page.locator(".summary")).to_be_visible()
    assert [each["kind"] for each in phone.journal()].count("operation") == 1


def test_a_browser_that_lost_the_journal_is_found_out(phone: PhoneApp):
    phone.page.context.set_offline(True)
    open_form(phone)
    phone.record("Vắng nhà")
    phone.page.evaluate("indexedDB.deleteDatabase('journal'), true")
    phone.page.reload()
    phone.open("outbox")
    expect(phone.page.get_by_text("làm mất bản ghi số 1 của máy này")).to_be_visible()
    open_form(phone)
    phone.record("Từ chối")
    assert [each["device_seq"] for each in phone.journal() if each["kind"] == "operation"] == [2]


def test_two_tabs_give_no_number_twice_and_tell_each_other(phone: PhoneApp):
    phone.page.context.set_offline(True)
    home = open_form(phone)
    other = PhoneApp(phone.page.context.new_page())
    other.open("outbox")
    phone.record("Vắng nhà")
    expect(other.page.locator(".record")).to_have_count(1)
    other.open(f"visit/{home}")
    other.record("Từ chối")
    numbers = [each["device_seq"] for each in phone.journal() if each["kind"] == "operation"]
    assert numbers == [1, 2]
    phone.open("outbox")
    expect(phone.page.locator(".record")).to_have_count(2)


def test_homes_are_found_without_marks(phone: PhoneApp):
    phone.open("homes")
    expect(phone.page.locator(".row-name").first).not_to_be_empty()
    name = phone.page.locator(".row-name").first.text_content() or ""
    bare = phone.module("rules/naming.js", "({ fold }, name) => fold(name)", name)
    phone.page.get_by_role("searchbox").fill(bare)
    expect(phone.page.locator(".row-name").first).to_have_text(name)
    phone.page.get_by_role("searchbox").fill("zzz")
    expect(phone.rows).to_have_count(0)
    expect(phone.page.get_by_text("Không thấy hộ nào")).to_be_visible()


def test_batches_keep_to_what_a_push_may_carry(phone: PhoneApp):
    sizes: dict[str, Any] = phone.module(
        "sync/push.js",
        """({ nextBatch }) => {
          const op = (length) => ({ op_id: "x", type: "visit.record", data: { note: "đ".repeat(length) } });
          const batch = (count, length) => nextBatch(Array.from({ length: count }, () => op(length))).length;
          return { many: batch(250, 10), large: batch(100, 5000), huge: batch(3, 400000) };
        }""",
    )
    assert sizes["many"] == 100
    assert 0 < sizes["large"] < 52
    assert sizes["huge"] == 1


def test_a_push_is_pressed_and_names_the_device(phone: PhoneApp):
    open_form(phone)
    phone.record("Vắng nhà")
    with phone.page.expect_request("**/api/v1/sync/push") as pushed:
        phone.open("outbox")
        phone.tap("Gửi ngay")
    headers = pushed.value.headers
    assert headers["content-encoding"] == "gzip"
    assert headers["x-csrftoken"]
    answer = pushed.value.response()
    assert answer is not None
    assert json.loads(answer.body())["results"][0]["outcome"] == "stored"
