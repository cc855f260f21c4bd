"""A new version comes while a form is half filled in: it waits, is taken in with a tap, and nothing is lost."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, ROOT, Server
from tests.browser.phone import PhoneApp
from tests.faults.browser.conftest import kept_ids, saved_ids

PARTS = ["app", "static", "templates", "translations", "migrations", "data", "wsgi.py", "gunicorn.conf.py"]


class CopiedServer(Server):
    """A server on a copy of the app, so that its files can change between two starts."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.tree = folder / "tree"
        self.tree.mkdir()
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, self.tree / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, self.tree / part)
        self.root = self.tree


@pytest.fixture
def copied_server(tmp_path: Path) -> Iterator[CopiedServer]:
    server = CopiedServer(tmp_path)
    server.flask("setup")
    server.flask("demo", "--households", "30", "--seed", "7")
    server.start()
    yield server
    server.stop()


def version(phone: PhoneApp) -> str | None:
    """Return where the running version's files lie."""
    return phone.page.locator("html").get_attribute("data-asset-root")


def look_for_an_update(phone: PhoneApp) -> None:
    """Let the browser look for a new version, as it does when the app comes back into view, and fetch it."""
    phone.page.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.getRegistration("/phone/");
          await registration.update();
          while (!registration.waiting) await new Promise((resolve) => setTimeout(resolve, 50));
        }"""
    )


@pytest.mark.long
def test_an_update_waits_until_the_form_is_left_and_tapped(new_context, copied_server: CopiedServer, sign_in):
    page = new_context(base_url=copied_server.url, viewport=PHONE).new_page()
    sign_in(page, "volunteer")
    phone = PhoneApp(page)
    phone.settle()
    page.reload()  # from here on the service worker serves the page
    phone.visit("Vắng nhà")
    before = version(phone)
    phone.open("homes")
    phone.rows.nth(1).click()
    page.locator(".thumb .primary").click()
    phone.choose("Kết quả lượt thăm", "Từ chối")
    page.get_by_label("Ghi chú").fill("Hẹn buổi tối")
    place = page.url
    copied_server.stop()
    with (copied_server.tree / "static" / "css" / "phone.css").open("a") as style:
        style.write("\n/* A later version. */\n")
    copied_server.start()
    look_for_an_update(phone)
    update = page.get_by_role("button", name="Cập nhật")
    expect(update).to_have_count(0)
    assert version(phone) == before
    phone.open()
    with page.expect_navigation():
        update.click()
    expect(page.locator("h1")).to_be_visible()
    assert version(phone) != before
    page.goto(place)
    expect(page.get_by_label("Ghi chú")).to_have_value("Hẹn buổi tối")
    phone.tap("Lưu lượt thăm")
    expect(page.locator(".summary")).to_be_visible()
    phone.send()
    assert len(saved_ids(phone)) == 2
    assert kept_ids(copied_server, phone.device) == saved_ids(phone)
