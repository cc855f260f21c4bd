"""The PIN: it locks the app and what is kept on the phone, and forgetting it loses nothing that was saved."""

import pytest
from playwright.sync_api import Page, expect

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
