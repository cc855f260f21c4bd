"""How the phone's app weighs and feels: signing in on a slow line, starting cold offline, searching, saving.

Method: Chromium at 360x740 with its processor slowed four times (the protocol's Emulation.setCPUThrottlingRate) and,
for everything that loads, a line of 400 kbit/s with 400 ms round trips against gunicorn as in gunicorn.conf.py. The
server holds a team of HOMES homes and one of 300, four people each, every home interviewed once. Times are taken
inside the page: from the start of the navigation (or of the sign-in) until the wanted element is there; typing from
the key's event until the frame after it; saving from the tap until *saved* is said. Tasks longer than 50 ms are
listed by the browser (longtask); the longest is given. The protocol slows the line of a page
(Network.emulateNetworkConditions), not that of its service worker; so the usual first visit, on which the worker
fetches the app in one parcel while somebody types, goes through a proxy that is such a line (slow_line.py). Name and
password take TYPING seconds. The visit without a worker, file by file, is measured the protocol's way.

    python bench/phone.py [--homes N]
"""

import argparse
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app import create_app  # noqa: E402
from app.config import Config  # noqa: E402
from app.core.crypto import new_key  # noqa: E402
from app.core.database import db  # noqa: E402
from bench.slow_line import slow_line  # noqa: E402
from bench.sync import PORTS, serving  # noqa: E402
from tests import factories  # noqa: E402

URL = f"http://127.0.0.1:{PORTS['app']}"
SLOW_LINE = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
SLOWDOWN = 4
PROXY = 8743
TYPING = 10
PHONE = {"width": 360, "height": 740}
FAMILY, MIDDLE = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh"), ("Văn", "Thị", "Minh", "Kim", "Ngọc")
GIVEN = ("An", "Bình", "Dung", "Hương", "Khánh", "Lan", "Mai", "Phượng", "Quý", "Tư")
OWN = """performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
  .filter(({ name }) => !name.includes("/api/")).map(({ encodedBodySize }) => encodedBodySize)"""
WATCH = """
window.__tasks = []; window.__at = {};
new PerformanceObserver((list) => window.__tasks.push(...list.getEntries()
    .map(({ startTime, duration }) => [startTime, duration])))
  .observe({ type: "longtask", buffered: true });
const seen = () => {
  for (const [name, selector] of [["row", ".row"], ["form", "[name=password]"]]) {
    if (!(name in window.__at) && document.querySelector(selector)) window.__at[name] = performance.now();
  }
};
new MutationObserver(seen).observe(document, { childList: true, subtree: true });
document.addEventListener("input", ({ target }) => {
  if (target.id !== "find") return;
  const begun = performance.now();
  requestAnimationFrame(() => setTimeout(() => (window.__typed ??= []).push(performance.now() - begun)));
}, true);
document.addEventListener("click", ({ target }) => {
  if (!target.closest(".thumb .button")) return;
  const begun = performance.now();
  const look = new MutationObserver(() => {
    if (!document.querySelector(".said")?.textContent) return;
    look.disconnect();
    (window.__saved ??= []).push(performance.now() - begun);
  });
  look.observe(document, { childList: true, subtree: true, characterData: true });
}, true);
"""


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--homes", type=int, default=5000)
    homes = parser.parse_args().homes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = Config(
            database_url=f"sqlite:///{folder / 'db.sqlite3'}",
            secret_key="bench",
            data_key=new_key(),
            instance=folder,
        )
        prepare(create_app(config), homes)
        environment = {**os.environ, "DATABASE_URL": config.database_url, "SECRET_KEY": "bench"}
        with (
            serving("wsgi:app", "app", {**environment, "DATA_KEY": config.data_key}),
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            print("| what | measured | wanted |\n| --- | ---: | ---: |")
            measure_first(browser.new_context(viewport=PHONE, service_workers="block"))
            with slow_line(PROXY, PORTS["app"], rate=50_000, round_trip=0.4):
                measure_usual(browser.new_context(viewport=PHONE))
            measure_large(browser.new_context(viewport=PHONE), homes)


def prepare(app: Any, homes: int) -> None:
    """Write two teams, of 300 homes and of `homes`, every home interviewed once."""
    with app.app_context():
        app.test_cli_runner().invoke(args=["setup"])
        for username, count in (("small", 300), ("large", homes)):
            place = factories.hamlet()
            team = factories.team(place)
            user = factories.user(team=team, username=username)
            for number in range(count):
                words = (FAMILY[number % 5], MIDDLE[number // 5 % 5], GIVEN[number // 25 % 10])
                home = factories.household(
                    team=team, author=user, unit=place, head_name=" ".join(words),
                    address=f"Số {number % 300} đường Mẫu {number // 300}", phone=f"09{number:08d}",
                )  # fmt: skip
                factories.feed_entry(team, home, seq=number + 1)
                visit = factories.visit(household=home, author=user)
                for member in range(1, 5):
                    factories.member(home, id=f"m{member}", label=f"người {member}")
                    factories.observation(
                        visit, member_id=f"m{member}", birth_year=1950 + number % 60, skills=number % 1024
                    )
            team.feed_head = count
            db.session.commit()
        db.session.remove()
        db.engine.dispose()


def slowed(context: BrowserContext, line: dict[str, Any] | None) -> tuple[Page, CDPSession, dict[str, int]]:
    """Open a page with a slow processor and, with `line`, on a slow line; count what it fetches."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.set_default_timeout(180_000)
    protocol = context.new_cdp_session(page)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    protocol.send("Network.enable")
    if line:
        protocol.send("Network.emulateNetworkConditions", line)
    fetched = {"bytes": 0, "requests": 0}

    def finished(event: dict[str, Any]) -> None:
        fetched["bytes"] += int(event["encodedDataLength"])
        fetched["requests"] += 1

    protocol.on("Network.loadingFinished", finished)
    return page, protocol, fetched


def sign_in(page: Page, username: str) -> None:
    page.fill("[name=username]", username)
    page.fill("[name=password]", factories.PASSWORD)
    page.click("form:has([name=password]) [type=submit]", no_wait_after=True)


def line(what: str, measured: str, wanted: str) -> None:
    print(f"| {what} | {measured} | {wanted} |", flush=True)


def measure_first(context: BrowserContext) -> None:
    """Sign in on a slow line and wait for *Today*."""
    page, _, fetched = slowed(context, SLOW_LINE)
    page.goto(f"{URL}/sign-in", wait_until="load")
    page.wait_for_timeout(1500)
    usable = page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive")
    loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    line(
        "sign-in page, compressed",
        f"{fetched['bytes'] / 1024:.1f} KB, {fetched['requests']} requests",
        "25 KB, 4 requests",
    )
    line("sign-in page usable (styled, loaded)", f"{usable / 1000:.1f} s ({loaded / 1000:.1f} s)", "2 s")
    begun = page.evaluate("performance.timeOrigin + performance.now()")
    sign_in(page, "small")
    page.wait_for_selector(".row")
    early = page.evaluate(OWN)
    shown = page.evaluate("performance.timeOrigin + window.__at.row")
    line("Today after signing in, 300 homes, file by file", f"{(shown - begun) / 1000:.1f} s", "8 s")
    line(
        "the app as needed for Today, file by file", f"{sum(early) / 1024:.1f} KB, {len(early)} requests", "–"
    )
    worker = page.request.get(f"{URL}/sw.js").text()
    listed = dict(re.findall(r"^const (PARCEL|ALONE) = (.+);$", worker, re.MULTILINE))
    parts = ["/sw.js", json.loads(listed["PARCEL"]), *json.loads(listed["ALONE"])]
    weight = sum(int(page.request.get(f"{URL}{part}").headers["content-length"]) for part in parts)
    line(
        "the whole app, as the service worker fetches it",
        f"{weight / 1024:.1f} KB, {len(parts)} requests",
        "80 KB, 30 requests",
    )
    context.close()


def measure_usual(context: BrowserContext) -> None:
    """Sign in at a person's pace on a slow line while the service worker fetches the app, and wait for *Today*."""
    page, _, _ = slowed(context, None)
    page.goto(f"http://127.0.0.1:{PROXY}/sign-in", wait_until="load")
    page.wait_for_timeout(TYPING * 1000)
    begun = page.evaluate("performance.timeOrigin + performance.now()")
    sign_in(page, "small")
    page.wait_for_selector(".row")
    shown = page.evaluate("performance.timeOrigin + window.__at.row")
    line(
        "Today after signing in, 300 homes, with the service worker", f"{(shown - begun) / 1000:.1f} s", "8 s"
    )
    page.wait_for_selector(".fetching", state="detached")
    context.close()


def measure_large(context: BrowserContext, homes: int) -> None:
    """Start cold without a network, type and save, with many homes stored."""
    page, protocol, _ = slowed(context, None)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.goto(f"{URL}/sign-in")
    sign_in(page, "large")
    page.wait_for_selector(".row")
    page.wait_for_selector(".fetching", state="detached")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_timeout(3000)
    page.close()
    context.set_offline(True)
    starts, tasks = [], []
    for _ in range(7):
        page, _, _ = slowed(context, None)
        page.goto(f"{URL}/phone/", wait_until="commit")
        page.wait_for_selector(".row")
        page.wait_for_timeout(500)
        starts.append(page.evaluate("window.__at.row"))
        tasks.append(max((task[1] for task in page.evaluate("window.__tasks")), default=0))
        page.close()
    line(
        f"cold start offline to Today, {homes} homes: median (worst of 7)",
        f"{statistics.median(starts):.0f} ms ({max(starts):.0f} ms)",
        "1,000 ms",
    )
    line("longest task while starting: median", f"{statistics.median(tasks):.0f} ms", "200 ms")
    page, _, _ = slowed(context, None)
    page.goto(f"{URL}/phone/#/homes")
    page.wait_for_selector(".row")
    page.wait_for_timeout(1000)
    page.evaluate("window.__tasks.length = 0")
    for query in ("nguyeenx", "huwowng", "00001234", "tran kim", "so 27", "zzz"):
        page.fill("#find", "")
        page.locator("#find").press_sequentially(query, delay=120)
        page.wait_for_timeout(200)
    typed = page.evaluate("window.__typed")
    line(
        f"typing to results, {len(typed)} keys: p50, p95",
        f"{statistics.median(typed):.0f} ms, {percentile(typed):.0f} ms",
        "p95 50 ms",
    )
    line(
        "longest task while typing",
        f"{max((task[1] for task in page.evaluate('window.__tasks')), default=0):.0f} ms",
        "200 ms",
    )
    page.fill("#find", "")
    addresses = page.locator(".row").evaluate_all("(rows) => rows.slice(0, 20).map((row) => row.hash)")
    saved: list[float] = []
    page.evaluate("window.__tasks.length = 0")
    for address in addresses:
        page.evaluate("(hash) => { location.hash = hash }", address.replace("home", "visit") + "/absent")
        page.wait_for_selector(".thumb .button.primary:has-text('Lưu')")
        page.wait_for_timeout(300)
        page.evaluate("window.__saved = []")
        page.click(".thumb .button.primary")
        page.wait_for_selector(".summary")
        page.wait_for_timeout(300)
        saved += page.evaluate("window.__saved")[:1]
        page.wait_for_selector(".announcer.nothing", state="attached", timeout=15_000)
    line(
        f"saving a visit, {len(saved)} times: p50, p95",
        f"{statistics.median(saved):.0f} ms, {percentile(saved):.0f} ms",
        "p95 100 ms",
    )
    line(
        "longest task while saving",
        f"{max((task[1] for task in page.evaluate('window.__tasks')), default=0):.0f} ms",
        "200 ms",
    )
    context.close()


def percentile(values: list[float], part: float = 0.95) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


if __name__ == "__main__":
    main()
