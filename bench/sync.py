"""How much slower than bare code a push is that loses nothing, and what a pull weighs.

Method: per database two gunicorns with the settings of gunicorn.conf.py serve Từng Nhà and the references
(bench/reference.py). Eight clients, threads of this process with bodies prepared beforehand, push at both in
turn, round by round, so that the machine's mood falls on both alike. What counts is the median over rounds of
the ratio within a round; single figures are for orientation. Homes have four members with labels, and
everything is on: sign-in, validation, operation log, receipts, audit, feed, encryption.

    python bench/sync.py [--rounds N] [--seconds S] [--database sqlite|postgresql]
"""

import argparse
import gzip
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app import create_app  # noqa: E402
from app.config import Config  # noqa: E402
from app.core.crypto import new_key  # noqa: E402
from app.core.database import db  # noqa: E402
from app.models.units import Unit  # noqa: E402
from tests import factories, postgresql  # noqa: E402

CLIENTS = 8
HOMES = 60
NOW = "2026-11-20T08:00:00Z"
PORTS = {"app": 8741, "reference": 8742}


@dataclass
class Phone:
    """One client: its session, its team, its homes."""

    cookie: str = ""
    csrf: str = ""
    device_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    username: str = ""
    team_id: str = ""
    homes: list[str] = field(default_factory=list)
    seq: int = 0

    def visit(self) -> dict[str, Any]:
        """Make an operation that records a visit to the next home."""
        self.seq += 1
        data = {
            "id": str(uuid.uuid4()),
            "household_id": self.homes[self.seq % len(self.homes)],
            "team_id": self.team_id,
            "visited_on": "2026-11-20",
            "outcome": "interviewed",
            "fibre": "subscribed",
            "other_smart_device": True,
            "members": [
                {
                    "id": f"m{place}",
                    "label": f"người {place}",
                    "sex": "female" if place % 2 else "male",
                    "birth_year": 1960 + 10 * place,
                    "birth_year_to": None,
                    "phone": "smartphone",
                    "account": "yes",
                    "skills": ["message_call", "pay_online", "public_services"],
                }
                for place in range(1, 5)
            ],
            "topics": [{"topic": "public_services", "people": 2}],
            "note": None,
            "next_visit_on": None,
            "corrects": None,
        }
        operation = {"op_id": str(uuid.uuid4()), "device_seq": self.seq, "type": "visit.record"}
        return {**operation, "recorded_at": NOW, "data": data}

    def push(self, size: int) -> bytes:
        """Make the body of a push of `size` visits."""
        body = {"schema": 1, "device_id": self.device_id, "epoch": None, "sent_at": NOW}
        return json.dumps({**body, "operations": [self.visit() for _ in range(size)]}).encode()


def main() -> None:
    """Measure both databases and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--database", choices=["sqlite", "postgresql"])
    asked = parser.parse_args()
    for name in [asked.database] if asked.database else ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as folder, database(name, Path(folder)) as url:
            measure(name, url, Path(folder), asked.rounds, asked.seconds)


@contextmanager
def database(name: str, folder: Path) -> Iterator[str]:
    """Provide an empty database with the durability of a real installation."""
    if name == "sqlite":
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
    else:
        with postgresql.running(haste=False) as url:
            yield url.format("postgres")


def measure(name: str, url: str, folder: Path, rounds: int, seconds: float) -> None:
    """Run all rounds on one database and print its part of the table."""
    config = Config(database_url=url, secret_key="bench", data_key=new_key(), instance=folder)
    phones = prepare(create_app(config))
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "bench", "DATA_KEY": config.data_key}
    with serving("wsgi:app", "app", environment), serving("bench.reference:server", "reference", environment):
        for phone in phones:
            sign_in(phone)
        print(f"\n{name}: {CLIENTS} clients, {rounds} rounds of {seconds:g} s")
        hello = load(phones, seconds, lambda _: ("reference", "GET", "/hello", b""))
        print(f"  hello-world: {hello.rate:.0f} requests/s")
        for size in (20, 1):
            compare(phones, size, rounds, seconds)
        weigh(phones[0])


def prepare(app: Flask) -> list[Phone]:
    """Set the database up and write teams, volunteers and homes of four labelled members."""
    phones = []
    with app.app_context():
        app.test_cli_runner().invoke(args=["setup"])
        for number in range(CLIENTS):
            team = factories.team(factories.hamlet())
            user = factories.user(team=team, username=f"bench-{number}")
            phone = Phone(username=user.username, team_id=team.id)
            for _ in range(HOMES):
                home = factories.household(
                    team=team, author=user, unit=db.session.get_one(Unit, team.unit_id)
                )
                for place in range(1, 5):
                    factories.member(home, id=f"m{place}", label=f"người {place}")
                phone.homes.append(home.id)
            phones.append(phone)
        db.session.commit()
        db.engine.dispose()
    return phones


@contextmanager
def serving(target: str, name: str, environment: dict[str, str]) -> Iterator[None]:
    """Serve `target` by gunicorn with the project's settings."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", target],
        cwd=ROOT,
        env={**environment, "PORT": str(PORTS[name])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", PORTS[name], timeout=1)
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def sign_in(phone: Phone) -> None:
    """Open a session from the phone's device."""
    device = {"id": phone.device_id, "name": "bench"}
    body = json.dumps({"username": phone.username, "password": factories.PASSWORD, "device": device})
    connection = http.client.HTTPConnection("127.0.0.1", PORTS["app"])
    connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    found = json.loads(answer.read())
    phone.cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
    phone.csrf = found["csrf_token"]


@dataclass
class Load:
    """What a stretch of load did: requests per second, their durations in ms, and how many failed."""

    rate: float
    durations: list[float]
    failed: int


def load(phones: list[Phone], seconds: float, make: Callable[[Phone], tuple[str, str, str, bytes]]) -> Load:
    """Let every phone send what `make` gives, one after the other, for some seconds."""
    prepared = {phone.username: [make(phone) for _ in range(150 if phone else 0)] for phone in phones}
    durations: list[float] = []
    failed = [0]
    end = time.perf_counter() + seconds

    def work(phone: Phone) -> None:
        queue = iter(prepared[phone.username])
        while time.perf_counter() < end:
            server, method, path, body = next(queue, None) or make(phone)
            begun = time.perf_counter()
            status = send(phone, server, method, path, body)[0]
            durations.append((time.perf_counter() - begun) * 1000)
            failed[0] += status != 200

    threads = [threading.Thread(target=work, args=(phone,)) for phone in phones]
    begun = time.perf_counter()
    end = begun + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(len(durations) / (time.perf_counter() - begun), durations, failed[0])


def send(phone: Phone, server: str, method: str, path: str, body: bytes) -> tuple[int, bytes, Any]:
    """Send one request on a connection of its own, as phones do."""
    connection = http.client.HTTPConnection("127.0.0.1", PORTS[server], timeout=60)
    headers = {"Cookie": phone.cookie, "X-CSRFToken": phone.csrf, "Accept-Encoding": "gzip"}
    if body:
        headers["Content-Type"] = "application/json"
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read(), answer


def compare(phones: list[Phone], size: int, rounds: int, seconds: float) -> None:
    """Push at the app and at the bare endpoint in turn; print the ratio and the spread of durations."""
    ratios, ours, bare, tails = [], [], [], []
    for _ in range(rounds):
        mine = load(phones, seconds, lambda phone: ("app", "POST", "/api/v1/sync/push", phone.push(size)))
        theirs = load(phones, seconds, lambda phone: ("reference", "POST", "/bare", phone.push(size)))
        if mine.failed or theirs.failed:
            print(f"  failed: {mine.failed} of ours, {theirs.failed} of the bare endpoint's")
        ratios.append(mine.rate / theirs.rate)
        ours.append(mine.rate * size)
        bare.append(theirs.rate * size)
        ordered = sorted(mine.durations)
        tails.append(ordered[int(len(ordered) * 0.95)] / statistics.median(ordered))
    print(
        f"  pushes of {size:2}: {statistics.median(ours):6.0f} visits/s, bare {statistics.median(bare):6.0f}, "
        f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}), "
        f"p95 {statistics.median(tails):.1f} × median"
    )


def weigh(phone: Phone) -> None:
    """Print what pulls and one visit weigh on the wire, and how long pulls take on the server's side."""
    status, body, answer = send(phone, "app", "GET", "/api/v1/sync/pull?limit=500", b"")
    packed = len(body)
    page = json.loads(gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body)
    print(f"  first pull of {HOMES} homes: {status}, {packed} bytes as sent")
    begun = time.perf_counter()
    for _ in range(20):
        _, body, _ = send(phone, "app", "GET", f"/api/v1/sync/pull?cursor={page['cursor']}", b"")
    print(
        f"  empty pull: {len(body)} bytes, {(time.perf_counter() - begun) / 20 * 1000:.1f} ms as the client sees it"
    )
    print(f"  a push of one visit: {len(gzip.compress(phone.push(1)))} bytes of gzip")


if __name__ == "__main__":
    main()
