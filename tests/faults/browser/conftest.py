"""A phone whose browser can be killed: a profile on disk that outlives it, and what lies in its journal after."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from playwright.sync_api import Error as Gone

from tests.browser.conftest import (
    Server,
    browser,
    chromium,
    live_server,
    new_context,
    phone_page,
    playwright,
    sign_in,
)
from tests.browser.phone import PhoneApp

__all__ = ["browser", "live_server", "new_context", "phone_page", "playwright", "sign_in"]


class Handset:
    """One phone: `on()` starts its browser, `kill()` takes the battery out."""

    def __init__(self, playwright: Playwright, server: Server, profile: Path) -> None:
        self._playwright = playwright
        self._server = server
        self._profile = profile
        self._context: BrowserContext | None = None

    def on(self, script: str | None = None) -> Page:
        """Start the browser on the same profile; `script` runs in every page before the app's own."""
        context = self._playwright.chromium.launch_persistent_context(
            self._profile,
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            base_url=self._server.url,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            viewport={"width": 360, "height": 740},
        )
        context.set_default_timeout(15_000)
        if script is not None:
            context.add_init_script(script)
        self._context = context
        return context.pages[0] if context.pages else context.new_page()

    def kill(self) -> None:
        """Kill the browser's own process, as Android does with what it needs the memory of."""
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            is_ours = f"--user-data-dir={self._profile}".encode() in arguments
            if is_ours and not any(each.startswith(b"--type=") for each in arguments):
                os.kill(int(entry.name), signal.SIGKILL)
        self.off()

    def off(self) -> None:
        """Close the browser, if anything of it is left."""
        if self._context is not None:
            with suppress(Gone):
                self._context.close()
            self._context = None


@pytest.fixture
def handset(
    playwright: Playwright, browser: Browser, live_server: Server, tmp_path: Path
) -> Iterator[Handset]:
    """A phone of the test's own, not signed in yet. (`browser` skips the test where there is no Chromium.)"""
    phone = Handset(playwright, live_server, tmp_path / "profile")
    yield phone
    phone.off()


@pytest.fixture
def phone(phone_page: Page, sign_in: Callable[[Page, str], None]) -> PhoneApp:
    """The demo's volunteer, signed in on a phone of their own."""
    sign_in(phone_page, "volunteer")
    app = PhoneApp(phone_page)
    app.settle()
    return app


def kept_ids(server: Server, device: str) -> list[str]:
    """Return the ids of all operations that the server keeps of a device, in the device's order."""
    query = "SELECT op_id FROM operations WHERE replace(device_id, '-', '') = ? ORDER BY device_seq, op_id"
    return [str(row[0]) for row in server.rows(query, device.replace("-", ""))]


def saved_ids(phone: PhoneApp) -> list[str]:
    """Return the ids of all operations in the journal, as the database writes them."""
    return [each["op_id"].replace("-", "") for each in phone.journal_operations()]
