"""No screen has an accessibility violation that axe can find, by day and by night."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESK, PASSWORD, PHONE, Server

SIGNED_OUT = ("/sign-in", "/no-such-page")
DESK_SCREENS = {
    "official": ("/coverage", "/households", "/quarantine", "/phones", "/cards", "/releases"),
    "province": ("/indicators", "/indicators?level=district&borders=2025-06-30", "/coverage", "/releases"),
    "admin": (
        "/units",
        "/units?on=2022-09-01",
        "/units/acts",
        "/units/acts/new/merge",
        "/units/acts/new/split",
    ),
}
THEMES = ("light", "dark")
DEVICE_ID = "018f0000-0000-7000-8000-00000000a11e"


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


def test_axe_finds_nothing_on_the_page_of_a_release(open_page, violations, sign_in):
    page = open_page(viewport=DESK)
    sign_in(page, "province")
    page.goto("/releases")
    if page.locator("form[action$='/publish']").count():
        page.locator("[name=accept_missing]").check()
        page.locator("form[action$='/publish'] button").click()
    page.locator("main a[href^='/releases/']").first.click()
    page.wait_for_url(re.compile(r"/releases/[0-9a-f-]{36}"))
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


def test_axe_finds_nothing_where_an_official_decides(open_page, violations, sign_in, new_context):
    phone = new_context().request
    account = {"username": "volunteer", "password": PASSWORD, "device": {"id": DEVICE_ID, "name": "axe"}}
    token = phone.post("/api/v1/session", data=account).json()["csrf_token"]
    odd = {"op_id": DEVICE_ID, "device_seq": 1, "type": "visit.sing", "recorded_at": "2025-06-12T01:00:00Z"}
    pushed = phone.post(
        "/api/v1/sync/push",
        headers={"X-CSRFToken": token},
        data={
            "schema": 1,
            "device_id": DEVICE_ID,
            "sent_at": "2025-06-12T01:00:00Z",
            "operations": [odd | {"data": {"note": "la"}}],
        },
    )
    assert pushed.ok, pushed.text()
    page = open_page(viewport=PHONE)
    sign_in(page, "official")
    page.goto("/quarantine")
    for summary in page.locator("main summary").all():
        summary.click()
    expect(page.locator("textarea").first).to_be_visible()
    assert violations(page) == []
