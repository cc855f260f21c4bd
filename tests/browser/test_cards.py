"""A printed card brings a volunteer into the app: its picture leads to the code, and the code signs in once."""

import re

from playwright.sync_api import Page, expect

from tests.browser.phone import PhoneApp


def test_a_printed_card_signs_a_volunteer_in_once(desk_page: Page, phone_page: Page, sign_in, live_server):
    sign_in(desk_page, "official")
    desk_page.goto("/cards")
    person = desk_page.locator(".card-line").first
    name = person.get_by_role("heading").inner_text()
    person.get_by_role("button").click()
    expect(desk_page.get_by_role("heading", name=name)).to_be_visible()
    expect(desk_page.locator(".sign-in-picture svg")).to_be_visible()
    code = desk_page.locator(".sign-in-code").inner_text()

    phone_page.goto(f"/sign-in/card#{code}")
    expect(phone_page.get_by_label("Mã trên thẻ")).to_have_value(code)
    assert code not in phone_page.url
    phone_page.get_by_role("button", name="Đăng nhập", exact=True).click()
    phone_page.wait_for_url(re.compile("/phone/"))
    phone = PhoneApp(phone_page)
    phone.open("device")
    expect(phone_page.locator(".lead")).to_have_text(name)

    phone_page.context.clear_cookies()
    phone_page.goto("/sign-in")
    phone_page.get_by_role("link", name="Đăng nhập bằng mã trên thẻ").click()
    phone_page.get_by_label("Mã trên thẻ").fill(code)
    phone_page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(phone_page.get_by_role("alert")).to_contain_text("đã dùng rồi")
