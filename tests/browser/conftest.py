"""A real browser against a real server: gunicorn on a database of its own with a small demo in it.

Offline tests stop the server as well as the network, because `navigator.onLine` proves nothing. Under the
strict content security policy `page.wait_for_function("…")` fails: wait with `expect(locator)` instead.
"""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from app.core import crypto

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "tung-nha-demo"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
HOMES = 120
"""Homes of the small demo: 6 in the volunteer's hamlet, 24 in the official's ward."""


class Server:
    """Gunicorn as `bin/run` starts it. `stop()` and `start()` keep address and data."""

    def __init__(self, folder: Path) -> None:
        self.root = ROOT
        self.database = folder / "tung-nha.sqlite3"
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "server.log"
        self._environment = os.environ | {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SECRET_KEY": "browser tests",
            "DATA_KEY": crypto.new_key(),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def flask(self, *arguments: str) -> str:
        """Run a `flask` command on the server's database and return what it printed."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(
            command, cwd=self.root, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self) -> None:
        """Start serving and wait until the first answer."""
        if self._process is not None:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "wsgi:app"],
                cwd=self.root,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):  # noqa: S310 (our own address)
                    return
            except (urllib.error.URLError, ConnectionError):
                assert self._process.poll() is None, self._log.read_text()
                time.sleep(0.05)
        raise AssertionError(f"the server did not answer:\n{self._log.read_text()}")

    def stop(self) -> None:
        """Stop serving; connections are refused from then on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=15)
            self._process = None

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Look into the database, beside the server."""
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(query, values).fetchall()


def chromium() -> str | None:
    """Return the path of a Chromium, or None."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), None)


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server, set up and with the demo; a test that stops it starts it again."""
    server = Server(tmp_path_factory.mktemp("live"))
    server.flask("setup")
    server.flask("demo", "--households", str(HOMES), "--seed", "7")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers; a process has one."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = chromium()
    if path is None:
        sentence = "No Chromium found. On Debian: sudo apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    made = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
    yield made
    made.close()


@pytest.fixture
def new_context(browser: Browser, live_server: Server) -> Iterator[Callable[..., BrowserContext]]:
    """Make a browser context in Vietnamese; at the end no page in it may have failed or met the policy."""
    live_server.start()
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            complaints.append(message.text)

    def make(**options: object) -> BrowserContext:
        settings = {
            "base_url": live_server.url,
            "locale": "vi-VN",
            "timezone_id": "Asia/Ho_Chi_Minh",
            **options,
        }
        context = browser.new_context(**settings)  # type: ignore[arg-type] # names as Playwright's
        context.set_default_timeout(10_000)
        context.on("console", listen)
        context.on(
            "weberror", lambda failed: complaints.append(f"{failed.page and failed.page.url}: {failed.error}")
        )
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    live_server.start()
    assert complaints == []


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    """A context the size of a desk."""
    return new_context(viewport=DESK)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def desk_page(new_context: Callable[..., BrowserContext]) -> Page:
    """A page at a desk."""
    return new_context(viewport=DESK).new_page()


@pytest.fixture
def phone_page(new_context: Callable[..., BrowserContext]) -> Page:
    """A page on a cheap phone; `phone_page.context` goes offline."""
    return new_context(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2).new_page()


@pytest.fixture
def sign_in() -> Callable[[Page, str], None]:
    """Sign in through the form as one of the demo's accounts, and wait until the first screen has loaded."""

    def enter(page: Page, username: str) -> None:
        page.goto("/sign-in")
        page.locator("[name=username]").fill(username)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("form:has([name=password]) [type=submit]").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)

    return enter


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """Run axe on a page whose context was made with `bypass_csp=True`, which the injected script needs."""
    axe = Axe()

    def check(page: Page) -> list[str]:
        found = axe.run(page).response["violations"]
        return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]

    return check
