"""One run's world: a database, a server, a bad network, and volunteers who go on working whatever happens."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask

from app import create_app
from app.cli.setup import migrate
from app.config import Config
from app.core.database import db
from app.rules.permissions import OPERATOR
from app.services import sync
from tests.faults.databases import Database
from tests.faults.network import CALM, Network, Weather
from tests.faults.phone import Person, Phone
from tests.faults.servers import Server
from tests.faults.town import Day, Town, found

PATIENT = 45.0
"""Seconds that phones get to deliver everything once all is well again."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A set-up database with a town in it, of which every run gets a copy."""

    database: Database
    town: Town
    data_key: str

    @classmethod
    def make(cls, database: Database, folder: Path, data_key: str) -> "Beginning":
        """Migrate `database`, begin the first epoch and found a town."""
        app = _app(database, folder, data_key)
        with app.app_context():
            migrate()
            sync.begin_epoch(OPERATOR, "setup")
            town = found()
            db.session.commit()
            db.session.remove()
            db.engine.dispose()
        return cls(database, town, data_key)


class World:
    """One run. `operations` is how many the volunteers save in it, more or less."""

    def __init__(
        self, beginning: Beginning, folder: Path, seed: int, operations: int, disk: Path | None = None
    ) -> None:
        self.folder = folder
        self.seed = seed
        self.operations = operations
        self.town = beginning.town
        self.chance = Random(f"{seed} world")
        self.database = beginning.database.copy(disk)
        self.server = Server(folder, self.database.url, beginning.data_key)
        self.network = Network(self.server.port, seed)
        self.app = _app(self.database, folder, beginning.data_key)
        self.phones: list[Phone] = []
        self.days: dict[str, Day] = {}

    def open(self) -> None:
        """Start server and network."""
        self.server.start()
        self.network.start()

    def close(self) -> None:
        """End everything and remove the database."""
        self.network.stop()
        self.server.kill()
        with self.app.app_context():
            db.engine.dispose()
        self.database.drop()

    @contextmanager
    def rows(self) -> Iterator[None]:
        """Look at rows or change them beside the server; what is changed is committed."""
        with self.app.app_context():
            yield
            db.session.commit()
            db.session.remove()

    def let_go(self) -> None:
        """Close all connections to the database, so that it can be put back."""
        with self.app.app_context():
            db.engine.dispose()

    def give_phone(self, person: Person, name: str | None = None, **kwargs: Any) -> Phone:
        """Give someone a phone; it signs in while the weather is calm."""
        phone = Phone(self.folder, name or f"phone-{len(self.phones)}", person, seed=self.seed, **kwargs)
        phone.port = self.network.port
        patience, phone.patience = phone.patience, 60.0
        phone.sign_in()
        phone.patience = patience
        self.phones.append(phone)
        self.days[phone.name] = Day(phone, self.seed)
        return phone

    def give_phones(self, **kwargs: Any) -> list[Phone]:
        """Give every volunteer a phone, which then knows the homes of its team."""
        return [self.give_phone(person, **kwargs) for person in self.town.volunteers]

    @contextmanager
    def at_work(
        self,
        weather: Weather = CALM,
        *,
        phones: Sequence[Phone] | None = None,
        operations: int | None = None,
        crashes: float = 0.03,
    ) -> Iterator[Callable[[], bool]]:
        """Let volunteers work and sync in this weather, side by side; yields whether any still does."""
        self.network.weather = weather
        phones = self.phones if phones is None else phones
        share = (self.operations if operations is None else operations) // len(phones)
        with ThreadPoolExecutor(len(phones)) as pool:
            running: list[Future[None]] = [pool.submit(self._work, phone, share, crashes) for phone in phones]
            yield lambda: not all(each.done() for each in running)
            for each in running:
                each.result()

    def work(self, weather: Weather = CALM, **kwargs: Any) -> None:
        """Let volunteers work to the end, with nothing else going on."""
        with self.at_work(weather, **kwargs):
            pass

    def kill_at_random(self, is_anyone_working: Callable[[], bool], kill: Callable[[], None]) -> int:
        """While anyone works, `kill` a moment after a push has gone to the server; return how often.

        Not more than once in a hundred operations: something must get through in between.
        """
        kills = 0
        while is_anyone_working() and kills < max(3, self.operations // 100):
            if self.network.next_request(0.2):
                threading.Event().wait(self.chance.random() * 0.04)
                kill()
                kills += 1
                threading.Event().wait(self.chance.uniform(0.1, 0.6))
        self.network.mishaps["kill -9"] += kills
        return kills

    def settle(self, *, but: Sequence[Phone] = ()) -> None:
        """Let all be well again until every phone has delivered everything, except those named."""
        self.network.weather = CALM
        self.server.start()
        self.network.drained()
        phones = [phone for phone in self.phones if phone not in but]
        with ThreadPoolExecutor(len(phones)) as pool:
            quiet = list(pool.map(lambda phone: phone.sync_until_quiet(PATIENT), phones))
        stuck = [
            (phone.name, phone.problem, len(phone.outgoing()))
            for phone, is_quiet in zip(phones, quiet, strict=True)
            if not is_quiet
        ]
        assert not stuck, f"never got through: {stuck}\n{self.server.log.read_text()[-4000:]}"
        for phone in phones:  # once more: others may have pushed since
            assert phone.sync(), phone.problem

    def _work(self, phone: Phone, operations: int, crashes: float) -> None:
        day = self.days[phone.name]
        while operations > 0:
            some = min(operations, day.chance.choice((1, 2, 5, 10, 20)))
            day.work(some)
            operations -= some
            if day.chance.random() < crashes:
                phone.crash(with_cache=day.chance.random() < 0.3)
                self.network.mishaps["tab killed"] += 1
            phone.sync()


def _app(database: Database, folder: Path, data_key: str) -> Flask:
    return create_app(
        Config(database_url=database.url, secret_key="fault tests", data_key=data_key, instance=folder)
    )
