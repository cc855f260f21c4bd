"""The PIN: it locks the app and what is kept on the phone, and forgetting it loses nothing that was saved."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.phone import PhoneApp

_RAW = """async (name) => {
  const told = [];
  for (const { name: database } of await indexedDB.databases()) {
    const opened = await new Promise((done) => {
      const opening = indexedDB.open(database);
      opening.onsuccess = () => done(opening.result);
    });
    for (const store of opened.objectStoreNames) {
      const rows = await new Promise((done) => {
        const reading = opened.transaction(store).objectStore(store).getAll();
        reading.onsuccess = () => done(reading.result);
      });
      told.push(JSON.stringify(rows));
    }
    opened.close();
  }
  return told.some((text) => text.includes(name));
}"""


@pytest.fixture
def phone(phone_page: Page, sign_in) -> PhoneApp:
    """The demo's volunteer, signed in on a phone of their own."""
    sign_in(phone_page, "volunteer")
    app = PhoneApp(phone_page)
    app.settle()
    return app


def set_pin(phone: PhoneApp, pin: str = "2468") -> None:
    phone.page.goto("/phone/#/pin")
    phone.page.locator("#fresh").fill(pin)
    phone.page.locator("#again").fill(pin)
    phone.page.locator("form [type=submit]").click()
    expect(phone.page.locator("h1")).to_have_text("Máy này")


def unlock(phone: PhoneApp, pin: str = "2468") -> None:
    phone.page.locator("#pin").fill(pin)
    phone.page.locator("form [type=submit]").click()


def test_with_a_pin_no_name_lies_open_and_it_unlocks_without_a_network(phone: PhoneApp):
    name = phone.page.locator(".row-name").first.inner_text()
    phone.page.context.set_offline(True)
    phone.visit("Vắng nhà")
    assert phone.page.evaluate(_RAW, name) is True
    set_pin(phone)
    assert phone.page.evaluate(_RAW, name) is False
    assert phone.page.evaluate(_RAW, "visited_on") is False
    phone.page.reload()
    unlock(phone, "1357")
    expect(phone.page.locator(".error")).to_be_visible()
    expect(phone.rows).to_have_count(0)
    unlock(phone)
    expect(phone.page.locator("h1")).to_have_text("Máy này")
    phone.page.goto("/phone/#/outbox")
    expect(phone.page.locator(".record .tag")).to_have_attribute("data-state", "unsent")


def test_a_forgotten_pin_loses_no_unsent_record(phone: PhoneApp, sign_in, live_server):
    phone.page.context.set_offline(True)
    set_pin(phone)
    phone.visit("Vắng nhà")
    phone.page.reload()
    phone.page.context.set_offline(False)
    phone.page.get_by_role("button", expanded=False).click()
    phone.page.get_by_role("button", name="Đăng nhập lại").click()
    expect(phone.page.locator("[name=password]")).to_be_visible()
    sign_in(phone.page, "volunteer")
    phone.page.locator(".block .button").click()
    expect(phone.page.locator("#fresh")).to_be_visible()
    phone.send()
    device = phone.device.replace("-", "")
    query = "SELECT type, outcome FROM operations WHERE replace(device_id, '-', '') = ?"
    assert live_server.rows(query, device) == [("visit.record", "stored")]
    assert phone.states() == ["received"]


def test_a_pin_is_changed_and_removed(phone: PhoneApp):
    name = phone.page.locator(".row-name").first.inner_text()
    set_pin(phone)
    phone.page.goto("/phone/#/pin")
    phone.page.locator("#old").fill("2468")
    set_pin(phone, "8642")
    phone.page.reload()
    unlock(phone, "2468")
    expect(phone.page.locator(".error")).to_be_visible()
    unlock(phone, "8642")
    expect(phone.page.locator("h1")).to_have_text("Máy này")
    phone.page.goto("/phone/#/pin")
    phone.page.locator("#old").fill("8642")
    phone.tap("Bỏ mã PIN")
    expect(phone.page.locator("h1")).to_have_text("Máy này")
    assert phone.page.evaluate(_RAW, name) is True
    phone.page.reload()
    expect(phone.page.locator("h1")).to_have_text("Máy này")


@pytest.mark.parametrize("pin", ["123", "975310864", "1111", "3456", "   "])
def test_a_pin_has_four_to_eight_digits_and_is_not_the_first_that_one_would_guess(phone: PhoneApp, pin: str):
    phone.page.goto("/phone/#/pin")
    phone.page.locator("#fresh").fill(pin)
    phone.page.locator("#again").fill(pin)
    phone.page.locator("form [type=submit]").click()
    expect(phone.page.locator(".error")).to_be_visible()
    assert [each for each in phone.journal() if each["kind"] == "key"] == []


def test_each_wrong_pin_after_the_third_makes_the_next_wait_longer_and_starting_anew_does_not_help(
    phone: PhoneApp,
):
    set_pin(phone)
    phone.page.reload()
    button = phone.page.locator("form [type=submit]")
    waiting = phone.page.get_by_role("status").filter(has_text="Thử lại sau")
    for _ in range(3):
        expect(button).to_be_enabled()
        unlock(phone, "9753")
        expect(phone.page.locator(".error")).to_be_visible()
        phone.page.reload()
    expect(button).to_be_disabled()
    first = int(re.sub(r"\D", "", waiting.inner_text()))
    expect(button).to_be_enabled(timeout=9_000)
    unlock(phone, "9753")
    expect(waiting).to_be_visible()
    assert int(re.sub(r"\D", "", waiting.inner_text())) > first > 0
    phone.page.reload()
    expect(button).to_be_disabled()


def test_the_app_locks_itself_when_nobody_has_touched_it_for_five_minutes(phone: PhoneApp):
    set_pin(phone)
    phone.open()
    phone.page.evaluate("const { now } = Date; Date.now = () => now.call(Date) + 4 * 60_000")
    phone.page.locator("h1").click()
    expect(phone.rows.first).to_be_visible()
    phone.page.evaluate("const before = Date.now; Date.now = () => before() + 6 * 60_000")
    phone.page.locator("h1").click()
    expect(phone.page.locator("#pin")).to_be_visible()
    expect(phone.rows).to_have_count(0)


_SEEN = """globalThis.seen = [];
new MutationObserver(() => {
  for (const { textContent } of document.querySelectorAll(".row-name")) seen.push(textContent);
}).observe(document, { childList: true, subtree: true });"""


def enter_as(page: Page, username: str) -> None:
    page.goto("/sign-in")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form:has([name=password]) [type=submit]").click()


def test_whoever_signs_in_sees_nothing_of_the_person_before_until_the_server_has_said_who_it_is(
    phone: PhoneApp,
):
    page = phone.page
    page.add_init_script(_SEEN)
    page.route("**/api/v1/session", lambda route: route.abort())
    enter_as(page, "leader")
    again = page.get_by_role("link", name="Thử lại")
    expect(again).to_be_visible()
    assert page.evaluate("seen") == []
    page.unroute("**/api/v1/session")
    again.click()
    expect(phone.rows.first).to_be_visible()
    assert page.evaluate("JSON.parse(localStorage.getItem('tung-nha.me')).role") == "leader"


def test_a_phone_that_heard_of_nobody_new_opens_without_a_network(phone: PhoneApp):
    phone.page.context.set_offline(True)
    phone.page.reload()
    expect(phone.rows.first).to_be_visible()


def test_two_people_on_one_phone_have_a_pin_each(phone: PhoneApp, live_server):
    page = phone.page
    set_pin(phone)
    page.context.set_offline(True)
    phone.visit("Vắng nhà")
    page.context.set_offline(False)
    page.route("**/api/v1/sync/push", lambda route: route.abort())
    enter_as(page, "leader")
    expect(phone.rows.first).to_be_visible()
    set_pin(phone, "8642")
    page.reload()
    unlock(phone, "2468")
    expect(page.locator(".error")).to_be_visible()
    unlock(phone, "8642")
    expect(page.locator("h1")).to_have_text("Máy này")
    page.unroute("**/api/v1/sync/push")
    enter_as(page, "volunteer")
    unlock(phone, "8642")
    expect(page.locator(".error")).to_be_visible()
    unlock(phone)
    phone.send()
    assert phone.states() == ["received"]
