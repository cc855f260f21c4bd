"""What the phone's app costs on a slow line: few requests, few bytes, and whole before it is needed."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.phone import PhoneApp

KEPT = "() => navigator.serviceWorker.getRegistration('/phone/').then((found) => found?.active?.state === 'activated')"
FROM_NETWORK = """() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
  .filter(({ name, workerStart }) => !name.includes("/api/") && !name.startsWith("data:") && workerStart === 0)
  .map(({ name }) => new URL(name).pathname)"""


def weight(page: Page, address: str) -> int:
    """Return the bytes of an answer's body as the line carries them."""
    answer = page.request.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert answer.ok, address
    return int(answer.headers["content-length"])


def filled_in(page: Page) -> dict[str, Any]:
    """Read what the server filled in in the service worker."""
    text = page.request.get("/sw.js").text()
    return {
        name: json.loads(value)
        for name, value in re.findall(r"^const ([A-Z]+) = (.+);$", text, re.MULTILINE)
        if name in {"PARCEL", "ALONE"}
    }


def test_the_sign_in_page_takes_four_requests(phone_page: Page):
    asked: list[str] = []
    phone_page.on("request", lambda request: asked.append(request.url))
    phone_page.goto("/sign-in", wait_until="load")
    asked = [url for url in asked if not url.startswith("data:")]
    assert len(asked) <= 4
    assert sum(weight(phone_page, url) for url in asked) <= 25 * 1024


def test_the_whole_app_fits_in_80_kilobytes_and_30_requests(phone_page: Page):
    worker = filled_in(phone_page)
    asked = ["/sw.js", worker["PARCEL"], *worker["ALONE"]]
    assert len(asked) <= 30
    assert sum(weight(phone_page, url) for url in asked) <= 80 * 1024


def test_the_parcel_holds_the_app_and_both_languages_as_they_are_served(phone_page: Page):
    files = phone_page.request.get(filled_in(phone_page)["PARCEL"]).json()
    assert {"app.js", "opening.js", "vi.json", "en.json", "sprite.svg"} == {
        url.rsplit("/", 1)[1] for url in files if not url.endswith("favicon.svg")
    }
    for url, text in files.items():
        answer = phone_page.request.get(url)
        assert answer.ok, url
        if url.endswith(".json"):
            assert answer.json() == json.loads(text)
        else:
            assert answer.text() == text


def test_the_app_is_fetched_while_somebody_signs_in_and_then_opens_from_the_phone(phone_page: Page):
    phone_page.goto("/sign-in")
    for _ in range(100):
        if phone_page.evaluate(KEPT):
            break
        phone_page.wait_for_timeout(100)
    phone_page.locator("[name=username]").fill("volunteer")
    phone_page.locator("[name=password]").fill("tung-nha-demo")
    phone_page.locator("form:has([name=password]) [type=submit]").click()
    expect(PhoneApp(phone_page).rows.first).to_be_visible()
    assert phone_page.evaluate(FROM_NETWORK) == []


def test_a_first_visit_waits_for_the_parcel_instead_of_fetching_file_by_file(phone_page: Page):
    phone_page.goto("/phone/")
    expect(phone_page.get_by_role("link", name="Đăng nhập")).to_be_visible()
    by_themselves = [path.rsplit("/", 1)[1] for path in phone_page.evaluate(FROM_NETWORK)]
    assert "main.js" not in by_themselves
    assert len(by_themselves) <= 7


@pytest.mark.parametrize("blocked", ["worker", "parcel"])
def test_without_a_service_worker_the_app_opens_file_by_file(
    new_context: Callable[..., BrowserContext], sign_in, blocked: str
):
    workers = "block" if blocked == "worker" else "allow"
    context = new_context(viewport=PHONE, has_touch=True, service_workers=workers)
    if blocked == "parcel":
        context.route("**/parcel.json", lambda route: route.abort())
    page = context.new_page()
    sign_in(page, "volunteer")
    expect(PhoneApp(page).rows.first).to_be_visible()
    assert any(path.endswith("/main.js") for path in page.evaluate(FROM_NETWORK))
