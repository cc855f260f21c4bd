"""Every screen in each language, by day, by night and with stronger contrast; and with letters twice as large."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.phone import PhoneApp

DOUBLE = "document.documentElement.style.fontSize = '200%'"
OVERFLOW = """() => [...document.querySelectorAll("#app *")]
  .filter((each) => each.checkVisibility() && !each.closest(".filters, .for-readers, .announcer"))
  .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((each) => each.outerHTML.slice(0, 90))"""


def screens(page: Page) -> list[str]:
    """Name every screen that can be opened by its address, those of one home included."""
    home = page.evaluate("document.querySelector('.row').hash.split('/').pop()")
    plain = ["", "homes", "register", "outbox", "device", "help", "tour", "install", "rescue", "leave", "pin"]
    return [*plain, f"home/{home}", f"visit/{home}", f"visit/{home}/absent", f"amend/{home}"]


def opened(page: Page, place: str) -> None:
    page.evaluate("(place) => { location.hash = `#/${place}`; }", place)
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_timeout(150)


@pytest.mark.long
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("contrast", ["normal", "more"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["normal", "larger"])
def test_axe_finds_nothing_on_any_screen(new_context, sign_in, violations, language, contrast, theme, size):
    page = new_context(
        viewport={"width": 360, "height": 740}, bypass_csp=True, reduced_motion="reduce"
    ).new_page()
    look = json.dumps({"theme": theme, "contrast": contrast, "size": size})
    page.add_init_script(
        f"localStorage.setItem('tung-nha.look', {look!r}); localStorage.setItem('tung-nha.lang', '{language}')"
    )
    sign_in(page, "volunteer")
    PhoneApp(page).settle()
    found = {}
    for place in screens(page):
        opened(page, place)
        found[place] = violations(page)
    assert {place: each for place, each in found.items() if each} == {}


def test_letters_twice_as_large_push_nothing_out_of_sight(phone_page: Page, sign_in):
    sign_in(phone_page, "volunteer")
    PhoneApp(phone_page).settle()
    places = screens(phone_page)
    phone_page.evaluate(DOUBLE)
    found = {}
    for place in places:
        opened(phone_page, place)
        found[place] = phone_page.evaluate(OVERFLOW)
    assert {place: each for place, each in found.items() if each} == {}
