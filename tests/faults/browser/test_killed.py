"""The browser dies at each step of saving and sending: what was shown as saved is there after, exactly once."""

import json
from contextlib import suppress

import pytest
from playwright.sync_api import Error as Gone
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.phone import SAVED, PhoneApp
from tests.faults.browser.conftest import Handset, kept_ids, saved_ids

_STOP = """(() => {
  const wanted = WANTED;
  const reached = (step) => {
    if (step !== wanted || !globalThis.armed) return;
    console.log("reached " + step);
    for (;;); // nothing runs after this step until the battery is out
  };
  const { add } = IDBObjectStore.prototype;
  const { transaction } = IDBDatabase.prototype;
  let kind = null;
  IDBDatabase.prototype.transaction = function (...rest) {
    const made = transaction.apply(this, rest);
    if (rest[1] === "readwrite" && this.name === "journal") {
      reached("begun");
      made.addEventListener("complete", () => reached(kind + " written"));
    }
    return made;
  };
  IDBObjectStore.prototype.add = function (record) {
    const request = add.call(this, record);
    if (record.kind !== "draft") {
      kind = record.kind;
      reached(kind + " added");
    }
    return request;
  };
  const { fetch } = globalThis;
  globalThis.fetch = async (...rest) => {
    const isPush = String(rest[0]).endsWith("sync/push");
    const answer = await fetch(...rest);
    if (isPush) reached("answered");
    return answer;
  };
  new MutationObserver(() => {
    if (document.querySelector(".said")?.textContent.includes(SAVED)) {
      globalThis.told ??= console.log("told");
      reached("told");
    }
  }).observe(document, { childList: true, subtree: true });
})()"""

SAVING = ["begun", "operation added", "operation written", "told"]
SENDING = ["attempt added", "attempt written", "answered", "receipt added", "receipt written"]


def stopping(step: str) -> str:
    """Return a script that brings a page to a halt at a step, once the test has armed it."""
    return _STOP.replace("WANTED", json.dumps(step)).replace("SAVED", json.dumps(SAVED))


def fill_in(phone: PhoneApp) -> None:
    """Open a visit's form and fill it in, so that one tap saves it."""
    phone.open("homes")
    phone.rows.first.click()
    phone.page.locator(".thumb .primary").click()  # it says something else once a draft is there
    phone.choose("Kết quả lượt thăm", "Vắng nhà")
    phone.page.wait_for_timeout(600)  # a draft is kept a moment after the last change


def die_at(handset: Handset, page: Page, step: str, button: str) -> bool:
    """Tap a button, take the battery out when the step is reached, and say whether *saved* was shown by then."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate("globalThis.armed = true")
    halted = page.expect_console_message(lambda message: message.text == f"reached {step}")
    with halted, suppress(Gone):  # the page halts before the click is answered
        page.get_by_role("button", name=button).click(no_wait_after=True, timeout=3_000)
    handset.kill()
    return "told" in said


@pytest.mark.parametrize(
    "steps", [SAVING, pytest.param(SENDING, marks=pytest.mark.long)], ids=["saving", "sending"]
)
def test_killed_at_each_step(handset: Handset, live_server: Server, sign_in, steps: list[str]):
    page = handset.on()
    sign_in(page, "volunteer")
    phone = PhoneApp(page)
    phone.settle()
    page.wait_for_timeout(1_500)  # local storage reaches the disk a moment later
    handset.off()
    shown = 0
    for step in steps:
        page = handset.on(stopping(step))
        phone = PhoneApp(page)
        page.route("**/api/v1/sync/pull*", lambda route: route.abort())
        fill_in(phone)
        if steps is SAVING:
            shown += die_at(handset, page, step, "Lưu lượt thăm")
        else:
            phone.tap("Lưu lượt thăm")
            expect(page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()
            shown += 1
            phone.open("outbox")
            die_at(handset, page, step, "Gửi ngay")
    page = handset.on()
    phone = PhoneApp(page)
    phone.open()
    sign_in(page, "volunteer")
    phone.settle()
    phone.send()
    saved = saved_ids(phone)
    assert len(saved) >= shown
    assert len(saved) >= len(steps) - 2
    assert kept_ids(live_server, phone.device) == saved
    assert set(phone.states()) == {"received"}


@pytest.mark.long
@pytest.mark.parametrize("closed", ["page", "context"])
def test_closed_in_the_middle_of_a_tap(new_context, live_server: Server, sign_in, closed: str):
    context = new_context()
    page = context.new_page()
    sign_in(page, "volunteer")
    phone = PhoneApp(page)
    phone.settle()
    fill_in(phone)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(
        """(saved) => new MutationObserver(() => {
      if (document.querySelector(".said")?.textContent.includes(saved)) console.log("told");
    }).observe(document, { childList: true, subtree: true })""",
        SAVED,
    )
    page.get_by_role("button", name="Lưu lượt thăm").evaluate("(button) => button.click()")
    if closed == "context":
        device = phone.device
        context.close()
        assert len(kept_ids(live_server, device)) <= 1
        return
    page.close()
    again = PhoneApp(context.new_page())
    again.open("outbox")
    saved = saved_ids(again)
    assert len(saved) >= ("told" in said)
    again.send()
    assert kept_ids(live_server, again.device) == saved


LOCKING = ["begun", "key added", "key written"]


def locked_with(phone: PhoneApp) -> set[str | None]:
    """Return the keys that what tells of people lies under in the journal, None for none, and the PIN's key."""
    records = phone.journal()
    keys = [each["body"]["key_id"] for each in records if each["kind"] == "key"]
    told = {each["key_id"] for each in records if each["kind"] in {"operation", "draft"}}
    return told | {keys[-1] if keys else None}


@pytest.mark.parametrize("step", LOCKING)
def test_killed_while_a_pin_is_set_and_while_it_is_removed(handset: Handset, sign_in, step: str):
    page = handset.on()
    sign_in(page, "volunteer")
    phone = PhoneApp(page)
    phone.settle()
    page.context.set_offline(True)
    phone.visit("Vắng nhà")
    page.wait_for_timeout(1_500)  # local storage reaches the disk a moment later
    handset.off()
    for button, fields in (
        ("Lưu mã PIN này", {"#fresh": "2468", "#again": "2468"}),
        ("Bỏ mã PIN", {"#old": "2468"}),
    ):
        page = handset.on(stopping(step))
        page.context.set_offline(True)
        phone = PhoneApp(page)
        open_the_pin(phone, has_pin="#old" in fields)
        for field, typed in fields.items():
            page.locator(field).fill(typed)
        die_at(handset, page, step, button)
        page = handset.on()
        page.context.set_offline(True)
        phone = PhoneApp(page)
        page.goto("/phone/")
        expect(page.locator("h1")).to_be_visible()
        assert len(locked_with(phone)) == 1
        open_the_pin(phone, has_pin=locked_with(phone) != {None})
        phone.open("homes")
        expect(phone.rows.first).to_be_visible()
        assert phone.states() == ["unsent"]
        if "#fresh" in fields and locked_with(phone) == {None}:
            open_the_pin(phone, has_pin=False)
            for field in fields:
                page.locator(field).fill("2468")
            phone.tap(button)
            expect(page.locator("h1")).to_have_text("Máy này")
        handset.off()


def open_the_pin(phone: PhoneApp, *, has_pin: bool) -> None:
    """Open the screen of the PIN, unlocking the app first if need be."""
    phone.page.goto("/phone/#/pin")
    if has_pin:
        locked = phone.page.locator("#pin")
        expect(locked.or_(phone.page.locator("#old"))).to_be_visible()
        if locked.is_visible():
            locked.fill("2468")
            phone.tap("Mở khoá")
    expect(phone.page.locator("#fresh")).to_be_visible()
