"""The phone's screens can be used: by thumb, by keyboard, by ear, in sun and dark, on a slow line, over plain HTTP."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.phone import PhoneApp

SMALLEST = 48
"""The least side of a target in CSS pixels (docs/look.md)."""


@pytest.fixture(params=["light", "dark"])
def phone(request: pytest.FixtureRequest, new_context, sign_in) -> PhoneApp:
    """The demo's volunteer on a phone by day and by night; axe needs the policy out of its way."""
    size = {"width": 360, "height": 740}
    page = new_context(viewport=size, has_touch=True, color_scheme=request.param, bypass_csp=True).new_page()
    sign_in(page, "volunteer")
    app = PhoneApp(page)
    app.settle()
    return app


def small_targets(page: Page) -> list[str]:
    """List what is to be tapped and is smaller than a thumb."""
    found: list[str] = page.evaluate(
        """(smallest) => [...document.querySelectorAll(
            "a[href], button, input, select, textarea, .option, .chip, .filter"
          )]
          .filter((each) => !each.closest(".option, .chip, .filter") || each.matches(".option, .chip, .filter"))
          .filter((each) => each.checkVisibility())
          .map((each) => [each, each.getBoundingClientRect()])
          .filter(([, { width, height }]) => Math.min(width, height) < smallest - 0.5)
          .map(([each, { width, height }]) => `${each.outerHTML.slice(0, 80)} ${width}x${height}`)""",
        SMALLEST,
    )
    return found


def sideways(page: Page) -> int:
    """Say by how many pixels the page is wider than the screen."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


def test_every_screen_can_be_read_and_tapped(phone: PhoneApp, violations):
    page = phone.page

    def sound() -> None:
        page.evaluate("Promise.allSettled(document.getAnimations().map((each) => each.finished))")
        assert violations(page) == []
        assert small_targets(page) == []
        assert sideways(page) == 0

    sound()
    phone.open("homes")
    page.get_by_role("searchbox").fill("zzz")
    sound()
    page.get_by_role("searchbox").fill("")
    phone.rows.first.click()
    expect(page.locator(".summary")).to_be_visible()
    sound()
    phone.tap("Ghi lượt thăm")
    expect(page.locator(".tiles")).to_be_visible()
    sound()
    phone.choose("Kết quả lượt thăm", "Đã gặp")
    phone.tap("Thêm người")
    page.locator(".member-form").get_by_role("radio", name="Đã hỏi").check()
    page.get_by_role("checkbox", name="An toàn trên mạng").check()
    page.get_by_role("group", name="Hẹn lần sau").get_by_role("radio", name="Ngày khác").check()
    phone.tap("Lưu lượt thăm")
    expect(page.locator(".error")).to_be_visible()
    sound()
    page.get_by_label("Ngày hẹn").fill("2099-01-01")
    phone.tap("Lưu lượt thăm")
    expect(page.locator(".history")).to_be_visible()
    page.get_by_role("button", name="Rút lại", exact=True).or_(page.locator(".entry")).first.click()
    sound()
    phone.open("outbox")
    sound()
    phone.open("register")
    phone.tap("Chỉ lưu")
    expect(page.locator(".error").first).to_be_visible()
    sound()
    phone.choose("Hộ trả lời thế nào?", "Đồng ý")
    sound()
    phone.open("homes")
    phone.rows.first.click()
    phone.tap("Sửa thông tin hộ")
    expect(page.locator("form, .form")).to_be_visible()
    sound()
    page.context.set_offline(True)
    phone.visit("Vắng nhà")
    for place in ("rescue", "leave"):
        phone.open(place)
        expect(page.get_by_role("link", name="Lưu ra tệp")).to_be_visible()
        sound()
    for place in ("device", "help", "tour", "install", "pin"):
        phone.open(place)
        sound()
    page.locator("#fresh").fill("2468")
    phone.tap("Lưu mã PIN này")
    expect(page.locator(".error")).to_be_visible()
    sound()
    page.locator("#again").fill("2468")
    phone.tap("Lưu mã PIN này")
    expect(page.locator("h1")).to_have_text("Máy này")
    phone.open("pin")
    expect(page.locator("#old")).to_be_visible()
    sound()
    page.reload()
    phone.tap("Quên mã PIN?")
    expect(page.get_by_role("button", name="Đăng nhập lại")).to_be_visible()
    sound()


def test_each_screen_begins_at_its_title_and_works_by_keyboard(phone: PhoneApp):
    page = phone.page
    phone.rows.first.press("Enter")
    title = page.get_by_role("heading", level=1)
    expect(title).to_be_focused()
    expect(page).to_have_title(re.compile(" · Từng Nhà$"))
    page.get_by_role("link", name="Ghi lượt thăm").press("Enter")
    expect(title).to_have_text("Ghi lượt thăm")
    expect(title).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("radio", name="Đã gặp", exact=True)).to_be_checked()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Vắng nhà", exact=True)).to_be_checked()
    page.get_by_role("button", name="Lưu lượt thăm").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Đã lưu lượt thăm trên máy")).to_be_visible()


def test_over_plain_http_it_says_that_it_cannot_work_offline(phone_page: Page, sign_in):
    phone_page.add_init_script("Object.defineProperty(window, 'isSecureContext', { get: () => false })")
    phone_page.goto("/sign-in")
    expect(phone_page.locator("[data-connection]")).to_contain_text("không dùng được khi mất mạng")
    sign_in(phone_page, "volunteer")
    expect(phone_page.locator(".banner")).to_contain_text("không dùng được khi mất mạng")


def test_english_is_complete_too(phone_page: Page, sign_in):
    sign_in(phone_page, "volunteer")
    phone = PhoneApp(phone_page)
    phone.open("device")
    with phone_page.expect_navigation():
        phone_page.get_by_role("radio", name="English").check()
    expect(phone_page.get_by_role("heading", level=1)).to_have_text("This phone")
    expect(phone_page.locator("html")).to_have_attribute("lang", "en")
