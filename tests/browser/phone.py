"""The phone's app as a volunteer's thumb meets it: what is tapped, what is read, what lies in its journal."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

SAVED = "Đã lưu"
"""What every saying that something is saved on the phone begins with."""
AGREED = re.compile(r"^Máy chủ đã nhận ((\d+)/\2|\d+/\d+ · \d+ cần sửa)$")
TITLES = {"": "Hôm nay", "homes": "Nhà của tổ", "outbox": "Sổ gửi", "register": "Thêm hộ"}


class PhoneApp:
    """The app on a page; the person has signed in already."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, place: str = "") -> None:
        """Open the app at a place of its own, such as `outbox`; without a network too."""
        self.page.goto(f"/phone/#/{place}")
        expect(self.page.locator("h1")).to_have_text(TITLES.get(place, re.compile(".")))

    def settle(self) -> None:
        """Wait until the homes are here and the service worker keeps the app for offline use."""
        expect(self.rows.first).to_be_visible()
        self.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")

    @property
    def device(self) -> str:
        """The phone's own id."""
        return str(self.page.evaluate("localStorage.getItem('tung-nha.device')"))

    @property
    def rows(self) -> Locator:
        """The homes listed."""
        return self.page.locator(".row")

    def tap(self, name: str) -> None:
        """Tap a button or link by its name."""
        button = self.page.get_by_role("button", name=name, exact=True)
        button.or_(self.page.get_by_role("link", name=name, exact=True)).first.click()

    def choose(self, group: str, option: str) -> None:
        """Choose one of a group's options, by their words."""
        self.page.get_by_role("group", name=group, exact=True).get_by_role(
            "radio", name=option, exact=True
        ).check()

    def register(self, head_name: str | None, *, consent: str = "Đồng ý") -> None:
        """Register a home and go on to its first visit."""
        self.open("register")
        self.choose("Hộ trả lời thế nào?", consent)
        if head_name is not None:
            self.page.get_by_label("Chủ hộ").fill(head_name)
        self.tap("Lưu, ghi lượt thăm")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Ghi lượt thăm")

    def visit(self, outcome: str, number: int = 0) -> str:
        """Record a visit at one of the homes listed, and return the home's id."""
        self.open("homes")
        self.rows.nth(number).click()
        home = self.page.url.rsplit("/", 1)[1]
        self.tap("Ghi lượt thăm")
        self.record(outcome)
        return home

    def record(self, outcome: str) -> None:
        """Record a visit on the form that is open, with what it holds already."""
        self.choose("Kết quả lượt thăm", outcome)
        self.save()

    def save(self) -> None:
        """Save the visit on the form that is open, and wait until the phone says so and shows the home."""
        self.tap("Lưu lượt thăm")
        expect(self.page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()
        expect(self.page.locator(".summary")).to_be_visible()

    def undo(self) -> None:
        """Undo what was just saved, and wait until that is kept: then it is no longer offered."""
        self.tap("Hoàn tác")
        expect(self.page.get_by_role("button", name="Hoàn tác", exact=True)).to_have_count(0)

    def send(self) -> None:
        """Send now, and wait for the server's count to agree with the phone's."""
        self.open("outbox")
        self.tap("Gửi ngay")
        expect(self.page.locator(".truth-line")).to_have_text(AGREED)
        expect(self.page.get_by_role("button", name="Gửi ngay")).to_be_enabled()

    def states(self) -> list[str]:
        """Read how every record stands, newest first, from the outbox."""
        self.open("outbox")
        return [state or "" for state in self._attributes(self.page.locator(".record .tag"), "data-state")]

    def journal(self) -> list[dict[str, Any]]:
        """Read the journal's records, in order."""
        found: list[dict[str, Any]] = self.page.evaluate(
            """() => new Promise((resolve, reject) => {
              const opening = indexedDB.open("journal");
              opening.onerror = reject;
              opening.onsuccess = () => {
                const reading = opening.result.transaction("records").objectStore("records").getAll();
                reading.onsuccess = () => { opening.result.close(); resolve(reading.result); };
              };
            })"""
        )
        return found

    def journal_operations(self) -> list[dict[str, Any]]:
        """Read the bodies of the journal's operations, in order."""
        return [each["body"] for each in self.journal() if each["kind"] == "operation"]

    def module(self, path: str, script: str, argument: object = None) -> Any:
        """Run `script`, a function of (module, argument), on one of the modules that the app itself runs on."""
        return self.page.evaluate(
            """async ({ path, script, argument }) => {
              const root = document.documentElement.dataset.assetRoot;
              const joined = performance.getEntriesByName(`${location.origin}${root}/app.js`).length > 0;
              const module = joined
                ? (await import(`${root}/app.js`)).modules[`js/phone/${path}`]
                : await import(`${root}/js/phone/${path}`);
              return await SCRIPT(module, argument);
            }""".replace("SCRIPT", f"({script})"),
            {"path": path, "script": script, "argument": argument},
        )

    @staticmethod
    def _attributes(found: Locator, name: str) -> list[str | None]:
        return [each.get_attribute(name) for each in found.all()]
