"""What a pull weighs and costs: a first pull, ten changed homes, nothing new.

Method: one team with HOMES homes of four members with labels, each visited and interviewed with all skills asked,
ids of homes and visits random, those of members short. Per database and kind of pull: bytes of the answer as a
phone gets it (Brotli, gzip) and plain, the time in process (Flask's test client, everything on, the median of many)
and over gunicorn with the settings of gunicorn.conf.py, as one client sees it on this machine.

    python bench/pull.py [--database sqlite|postgresql] [--homes N]
"""

import argparse
import http.client
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app import create_app  # noqa: E402
from app.config import Config  # noqa: E402
from app.core.crypto import new_key  # noqa: E402
from app.core.database import db  # noqa: E402
from bench.sync import PORTS, Phone, database, serving  # noqa: E402
from tests import factories  # noqa: E402

PULL = "/api/v1/sync/pull"
CHANGED = 10


def main() -> None:
    """Measure both databases and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=["sqlite", "postgresql"])
    parser.add_argument("--homes", type=int, default=300)
    asked = parser.parse_args()
    print("| database | pull | br | gzip | plain | ms in process | ms over gunicorn |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for name in [asked.database] if asked.database else ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as folder, database(name, Path(folder)) as url:
            measure(name, url, Path(folder), asked.homes)


def measure(name: str, url: str, folder: Path, homes: int) -> None:
    """Print one database's lines."""
    config = Config(database_url=url, secret_key="bench", data_key=new_key(), instance=folder)
    app = create_app(config)
    phone = prepare(app, homes)
    client = app.test_client()
    device = {"id": phone.device_id, "name": "bench"}
    account = {"username": phone.username, "password": factories.PASSWORD, "device": device}
    assert client.post("/api/v1/session", json=account).status_code == 200
    cookie = client.get_cookie("tung-nha")
    assert cookie is not None
    phone.cookie = f"tung-nha={cookie.value}"
    first = f"{PULL}?limit=500"
    cursor = client.get(first).get_json()["cursor"]
    early = client.get(f"{PULL}?limit={homes - CHANGED}").get_json()["cursor"]
    kinds = [
        (f"first, {homes} homes", first, 15),
        (f"{CHANGED} changed homes", f"{PULL}?cursor={early}", 60),
        ("nothing new", f"{PULL}?cursor={cursor}", 200),
    ]
    weights = [[weigh(client, path, how) for how in ("br", "gzip", "identity")] for _, path, _ in kinds]
    inside = [median(times, partial(weigh, client, path, "br")) for _, path, times in kinds]
    with app.app_context():
        db.engine.dispose()
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "bench", "DATA_KEY": config.data_key}
    with serving("wsgi:app", "app", environment):
        outside = [median(times, partial(fetch, phone, path)) for _, path, times in kinds]
    for (title, _, _), sizes, within, without in zip(kinds, weights, inside, outside, strict=True):
        print(
            f"| {name} | {title} | {' | '.join(f'{size:,}' for size in sizes)} | {within:.1f} | {without:.1f} |"
        )


def prepare(app: Flask, homes: int) -> Phone:
    """Write a team with its homes, each seen once; every home stands in the team's feed."""
    apart = patch.multiple("tests.factories.households", new_id=_random_id)
    with app.app_context(), apart, patch.multiple("tests.factories.visits", new_id=_random_id):
        app.test_cli_runner().invoke(args=["setup"])
        place = factories.hamlet()
        team = factories.team(place)
        user = factories.user(team=team, username="bench")
        for number in range(homes):  # at once, but with ids as apart as those of many days
            home = factories.household(team=team, author=user, unit=place)
            factories.feed_entry(team, home, seq=number + 1)
            visit = factories.visit(household=home, author=user)
            for member in range(1, 5):
                factories.member(home, id=f"m{member}", label=f"người {member}")
                factories.observation(
                    visit, member_id=f"m{member}", birth_year=1950 + number % 60, skills=number % 1024
                )
        team.feed_head = homes
        phone = Phone(username=user.username, team_id=team.id)
        db.session.commit()
        db.session.remove()
    return phone


def _random_id() -> str:
    return str(uuid.uuid4())


def weigh(client: FlaskClient, path: str, encoding: str) -> int:
    """Return the bytes of an answer's body."""
    answer = client.get(path, headers={"Accept-Encoding": encoding})
    assert answer.status_code == 200, answer.text
    return len(answer.data)


def fetch(phone: Phone, path: str) -> None:
    """Pull over the network, on a connection of its own as phones do."""
    connection = http.client.HTTPConnection("127.0.0.1", PORTS["app"], timeout=60)
    connection.request("GET", path, headers={"Cookie": phone.cookie, "Accept-Encoding": "br"})
    answer = connection.getresponse()
    assert answer.status == 200
    answer.read()


def median(times: int, deed: Callable[[], Any]) -> float:
    """Return the median duration in ms."""
    durations = []
    deed()
    for _ in range(times):
        begun = time.perf_counter()
        deed()
        durations.append((time.perf_counter() - begun) * 1000)
    return statistics.median(durations)


if __name__ == "__main__":
    main()
