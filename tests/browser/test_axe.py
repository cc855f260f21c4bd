"""No screen has an accessibility violation that axe can find, by day and by night."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESK, PHONE, Server

SIGNED_OUT = ("/sign-in", "/no-such-page")
DESK_SCREENS = {
    "official": ("/coverage", "/households", "/quarantine"),
    "province": ("/indicators", "/indicators?level=district&borders=2025-06-30", "/coverage"),
    "admin": ("/units", "/units?on=2022-09-01"),
}
THEMES = ("light", "dark")


@pytest.fixture(params=THEMES)
def open_page(
    request: pytest.FixtureRequest, new_context: Callable[..., BrowserContext]
) -> Callable[..., Page]:
    """Open a page into which axe may be injected, in a theme."""

    def make(**size: object) -> Page:
        return new_context(
            bypass_csp=True, color_scheme=request.param, reduced_motion="reduce", **size
        ).new_page()

    return make


@pytest.mark.parametrize("address", SIGNED_OUT)
def test_axe_finds_nothing_before_signing_in(open_page, violations, address):
    page = open_page(viewport=PHONE)
    page.goto(address)
    assert violations(page) == []


@pytest.mark.parametrize("username", DESK_SCREENS)
def test_axe_finds_nothing_at_the_desk(open_page, violations, sign_in, username):
    page = open_page(viewport=DESK)
    sign_in(page, username)
    found = {}
    for address in DESK_SCREENS[username]:
        answer = page.goto(address)
        assert answer is not None, address
        assert answer.ok, address
        found[address] = violations(page)
    assert {address: each for address, each in found.items() if each} == {}


def test_axe_finds_nothing_on_the_page_of_one_home(open_page, violations, sign_in):
    page = open_page(viewport=DESK)
    sign_in(page, "official")
    page.goto("/households")
    page.locator("main a[href^='/households/']").first.click()
    page.wait_for_url(re.compile(r"/households/[0-9a-f-]{36}"))
    assert violations(page) == []


def test_axe_finds_nothing_on_the_phone(open_page, violations, sign_in, live_server: Server):
    page = open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    sign_in(page, "volunteer")
    page.wait_for_url(re.compile("/phone/"))
    expect(page.locator(".row").first).to_be_visible()
    home = page.locator(".row").first.get_attribute("href")
    assert home is not None
    household_id = home.rsplit("/", 1)[1]
    places = ("", f"home/{household_id}", f"visit/{household_id}", "register", "outbox")
    found = {}
    for place in places:
        page.goto(f"{live_server.url}/phone/#/{place}")
        expect(page.locator("h1")).to_be_visible()
        found[place] = violations(page)
    assert {place: each for place, each in found.items() if each} == {}
