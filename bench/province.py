"""How long a whole province waits: figures from rollups beside the best plain SQL over the raw visits.

Method: a made-up province is written in bulk (executemany, COPY) into an empty database with the register of units:
600 hamlets under its communes, 800,000 homes, 2.6 million people, 1.6 million visits over two years unless `--homes`
says less (all else follows). One home in a hundred moves, one visit in fifty does not count. `rollups rebuild` is
timed with every visit new to the rollups. Then each question is asked in turn of the rollups and of the raw tables, as
often as `--rounds` says and in the same run, so that the machine's mood falls on both; printed are medians and their
ratio. Both give the same counts, which is compared before anything is timed. The SQL uses a window on SQLite and
DISTINCT ON on PostgreSQL; no JSON is made. Everything is warm.

    python bench/province.py [--homes N] [--rounds N] [--seed N] [--database sqlite|postgresql] [--url URL]

`--url` keeps the province in a database of your own; it must be empty. Without it all is thrown away at the end.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import psycopg
from sqlalchemy import insert, select, text

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app import create_app  # noqa: E402
from app.config import Config  # noqa: E402
from app.core.crypto import new_key  # noqa: E402
from app.core.database import db, only_reading  # noqa: E402
from app.models.units import Succession, Unit, UnitSpan  # noqa: E402
from app.queries import rollups  # noqa: E402
from app.rules import naming, periods  # noqa: E402
from app.rules.permissions import OPERATOR  # noqa: E402
from app.rules.vocabulary import SuccessionPart, Topic, UnitKind  # noqa: E402
from app.services import rollups as services  # noqa: E402
from tests import postgresql  # noqa: E402

HAMLETS = 600
FIRST, DAYS = date(2024, 7, 1), 730
CHANGE = date(2025, 7, 1)
CUT_OFF = date(2026, 3, 10)
MONTH = "2026-02"
BANDS = (15, 18, 65)
CHUNK = 20_000
AUTHOR = f"{1:032x}"

COLUMNS = {
    "households": "id team_id author_id unit_id consent_answer consent_text_version consent_at consent_collector_id "
    "registered_at registered_on revisions revised_by",
    "residences": "household_id from_on unit_id",
    "visits": "id household_id team_id author_id visited_on recorded_at received_at outcome fibre other_smart_device "
    "family_id is_counting is_rolled status",
    "observations": "visit_id member_id position sex birth_year phone account skills",
    "visit_topics": "visit_id topic people",
}


# --- the province ---------------------------------------------------------------------------------------------


class Writer:
    """Collects rows by table and writes them in bulk, parents first."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.is_sqlite = not isinstance(connection, psycopg.Connection)
        self.rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
        self.written = 0

    def flush(self) -> None:
        for table, rows in self.rows.items():
            names = COLUMNS[table].split()
            if self.is_sqlite:
                marks = ", ".join("?" * len(names))
                self.connection.executemany(
                    f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",  # noqa: S608
                    rows,
                )
            else:
                with (
                    self.connection.cursor() as cursor,
                    cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy,
                ):
                    for row in rows:
                        copy.write_row(row)
            self.written += len(rows)
            rows.clear()


def hamlets(wanted: int) -> list[str]:
    """Make hamlets under old communes until the reform and under the new ones since; return their ids."""
    pairs = db.session.execute(
        select(Succession.old_id, Succession.new_id)
        .where(Succession.on == CHANGE, Succession.part == SuccessionPart.WHOLE)
        .join(Unit, Unit.id == Succession.old_id)
        .where(Unit.kind == UnitKind.COMMUNE)
        .order_by(Succession.old_id, Succession.new_id)
    ).all()
    eve, begun = CHANGE - timedelta(days=1), date(2022, 1, 1)
    units, spans = [], []
    for number in range(wanted):
        old, new = pairs[number % len(pairs)]
        code, name = f"9{number:06}", f"Ấp {number + 1} (mẫu)"
        row = {"id": f"{code}-{begun:%Y%m%d}", "code": code, "kind": UnitKind.HAMLET}
        units.append(row | {"valid_from": begun, "valid_to": None})
        for parent, first, last in ((old, begun, eve), (new, CHANGE, None)):
            span = {"unit_id": row["id"], "name": name, "sort_key": naming.place_key(name)}
            spans.append(span | {"parent_id": parent, "valid_from": first, "valid_to": last})
    db.session.execute(insert(Unit), units)
    db.session.execute(insert(UnitSpan), spans)
    return [str(row["id"]) for row in units]


def fill(wanted: int, seed: int) -> None:
    """Write the whole province."""
    names = hamlets(HAMLETS)
    db.session.execute(
        text(
            "INSERT INTO users (id, username, name, sort_key, role, is_active, created_at) "
            "VALUES (:id, 'mau', 'Mẫu', 'mau', 'volunteer', :yes, '2024-01-01 00:00:00.000000')"
        ),
        {"id": AUTHOR, "yes": True},
    )
    teams = [f"{number + 16:032x}" for number in range(HAMLETS)]
    for team, name in zip(teams, names, strict=True):
        db.session.execute(
            text(
                "INSERT INTO teams (id, kind, unit_id, name, sort_key, decision, founded_on, feed_head) "
                "VALUES (:id, 'hamlet', :unit, 'Tổ (mẫu)', 'to', '1', '2022-06-01', 0)"
            ),
            {"id": team, "unit": name},
        )
    db.session.commit()
    with db.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        connection.rollback()
        if db.engine.dialect.name == "sqlite":
            driver.execute("PRAGMA foreign_keys=OFF")
            driver.execute("PRAGMA synchronous=OFF")
            driver.execute("BEGIN")
        else:
            driver.execute("SET timezone = 'UTC'")
        writer = Writer(driver)
        chance = Random(seed)
        for number in range(wanted):
            _home(writer, chance, number, names, teams)
            if number % CHUNK == CHUNK - 1:
                writer.flush()
        writer.flush()
        driver.commit()
        if db.engine.dialect.name == "postgresql":
            driver.autocommit = True
            driver.execute("VACUUM ANALYZE")
            driver.autocommit = False
        else:
            driver.execute("ANALYZE")
            driver.execute("PRAGMA synchronous=FULL")
        connection.invalidate()
    print(f"  {writer.written:,} rows written", flush=True)


def _home(writer: Writer, chance: Random, number: int, names: list[str], teams: list[str]) -> None:
    place = int(len(names) * chance.random() ** 1.3)
    home = f"{number:012x}7{chance.getrandbits(76):019x}"
    since = FIRST + timedelta(days=chance.randrange(DAYS // 2))
    at = f"{since} 01:00:00.000000"
    lives = [(home, "1900-01-01", names[place])]
    if chance.random() < 0.01:
        moved = since + timedelta(days=chance.randrange(DAYS // 2))
        lives.append((home, str(moved), names[chance.randrange(len(names))]))
    writer.rows["households"].append(
        (home, teams[place], AUTHOR, lives[-1][2], "no", "1", at, AUTHOR, at, str(since), "{}", "{}")
    )
    writer.rows["residences"] += lives
    people = [
        (
            chance.choice(("female", "male")),
            chance.choice((None, *range(1935, 2020))) if chance.random() < 0.97 else None,
        )
        for _ in range(chance.choice((1, 2, 3, 3, 4, 4, 4, 5)))
    ]
    for turn in range(chance.choice((1, 2, 2, 3))):
        _visit(writer, chance, (home, teams[place], since), people, f"{number:012x}{turn:02x}8")


def _visit(writer: Writer, chance: Random, of: tuple[str, str, date], people: list[Any], begin: str) -> None:
    home, team, since = of
    visit = f"{begin}{chance.getrandbits(68):017x}"
    day = min(since + timedelta(days=chance.randrange(DAYS // 2)), FIRST + timedelta(days=DAYS - 1))
    outcome = chance.choice(("interviewed",) * 17 + ("absent", "absent", "refused"))
    is_met = outcome == "interviewed"
    if chance.random() < 0.003:
        outcome, is_met = "moved", False
    fibre = chance.choice(("subscribed", "subscribed", "available", "none", "unknown")) if is_met else None
    other = chance.choice((1, 0, None)) if is_met else None
    counts = int(chance.random() > 0.02)
    at = f"{day} 03:00:00.{chance.randrange(1_000_000):06}"
    writer.rows["visits"].append(
        (visit, home, team, AUTHOR, str(day), at, at, outcome, fibre, other, visit, counts, 0, "submitted")
    )
    if is_met:
        for place, (sex, born) in enumerate(people):
            phone = chance.choice(("smartphone", "smartphone", "smartphone", "basic", "none", "unknown"))
            account = chance.choice(("yes", "yes", "no", "declined", "unknown"))
            skills = chance.choice((None, chance.getrandbits(12)))
            writer.rows["observations"].append((visit, f"m{place}", place, sex, born, phone, account, skills))
        if chance.random() < 0.6:
            topic = chance.choice(tuple(Topic)).value
            writer.rows["visit_topics"].append((visit, topic, chance.randint(1, 3)))


# --- the questions, of raw visits -----------------------------------------------------------------------------

_LAST = {
    "sqlite": """
        SELECT id, household_id, outcome, fibre FROM (
            SELECT id, household_id, outcome, fibre, row_number() OVER (
                PARTITION BY household_id ORDER BY visited_on DESC, recorded_at DESC, id DESC) AS place
            FROM visits
            WHERE is_counting AND outcome IN ('interviewed', 'moved') AND visited_on <= :day AND {only})
        WHERE place = 1""",
    "postgresql": """
        SELECT DISTINCT ON (household_id) id, household_id, outcome, fibre FROM visits
        WHERE is_counting AND outcome IN ('interviewed', 'moved') AND visited_on <= :day AND {only}
        ORDER BY household_id, visited_on DESC, recorded_at DESC, id DESC""",
}
_LIVES = {
    "sqlite": """
        SELECT household_id, unit_id FROM (
            SELECT household_id, unit_id, row_number() OVER (
                PARTITION BY household_id ORDER BY from_on DESC) AS place
            FROM residences WHERE from_on <= :day AND {only})
        WHERE place = 1""",
    "postgresql": """
        SELECT DISTINCT ON (household_id) household_id, unit_id FROM residences
        WHERE from_on <= :day AND {only} ORDER BY household_id, from_on DESC""",
}
_PEOPLE = """
    WITH last AS ({last}), lives AS ({lives})
    SELECT {group}, observations.sex,
        CASE WHEN birth_year IS NULL THEN 4 WHEN :year - birth_year < 15 THEN 0 WHEN :year - birth_year < 18 THEN 1
            WHEN :year - birth_year < 65 THEN 2 ELSE 3 END AS age,
        count(*), sum(CASE WHEN phone != 'unknown' THEN 1 ELSE 0 END),
        sum(CASE WHEN phone = 'smartphone' THEN 1 ELSE 0 END),
        sum(CASE WHEN account IN ('yes', 'no') THEN 1 ELSE 0 END),
        sum(CASE WHEN account = 'yes' THEN 1 ELSE 0 END), count(skills)
    FROM last JOIN lives ON lives.household_id = last.household_id JOIN map ON map.hamlet = lives.unit_id
    JOIN observations ON observations.visit_id = last.id
    WHERE last.outcome = 'interviewed' GROUP BY 1, 2, 3"""
_HOMES = """
    WITH last AS ({last}), lives AS ({lives})
    SELECT {group}, count(*), sum(CASE WHEN fibre != 'unknown' THEN 1 ELSE 0 END),
        sum(CASE WHEN fibre = 'subscribed' THEN 1 ELSE 0 END)
    FROM last JOIN lives ON lives.household_id = last.household_id JOIN map ON map.hamlet = lives.unit_id
    WHERE last.outcome = 'interviewed' GROUP BY 1"""
_FLOW = """
    WITH lives AS ({lives})
    SELECT map.commune, count(*),
        count(DISTINCT CASE WHEN outcome = 'interviewed' THEN visits.household_id END),
        sum((SELECT coalesce(sum(people), 0) FROM visit_topics WHERE visit_id = visits.id))
    FROM visits JOIN lives ON lives.household_id = visits.household_id JOIN map ON map.hamlet = lives.unit_id
    WHERE is_counting AND visited_on BETWEEN :first AND :day GROUP BY 1"""
_ONE = "household_id IN (SELECT household_id FROM residences JOIN map ON hamlet = unit_id WHERE commune = :commune)"


def raw(
    question: str, day: date, *, commune: str | None = None, group: str = "map.commune", **more: Any
) -> Any:
    """Ask the raw tables."""
    dialect = db.engine.dialect.name
    only = "1 = 1" if commune is None else _ONE
    parts = {kind: form[dialect].format(only=only) for kind, form in (("last", _LAST), ("lives", _LIVES))}
    asked = question.format(**parts, group=group)
    if commune is not None:
        asked = asked.replace("WHERE last.outcome", "WHERE map.commune = :commune AND last.outcome")
    values: dict[str, Any] = {"day": str(day), "year": day.year} | more
    if dialect == "postgresql":
        asked = asked.replace(":day", "CAST(:day AS date)").replace(":first", "CAST(:first AS date)")
    values |= {"commune": commune} if commune else {}
    return db.session.execute(text(asked), values).all()


# --- the questions, of rollups --------------------------------------------------------------------------------


def of_rollups(places: dict[str, int], day: date) -> tuple[Any, Any]:
    """Return people by place, sex and age, and homes by place: all that indicators are made of."""
    stock = rollups.stock(places, day)
    where = np.array([places[name] for name in stock.hamlets])
    ages = np.where(
        stock.born == 0, len(BANDS) + 1, np.searchsorted(BANDS, day.year - stock.born, side="right")
    )
    people = np.zeros((len(places), 3, len(BANDS) + 2, stock.people.shape[1]), dtype=np.int64)
    np.add.at(people, (where[stock.place], stock.sex, ages), stock.people)
    homes = np.zeros((len(places), stock.homes.shape[1]), dtype=np.int64)
    np.add.at(homes, where, stock.homes)
    return people, homes


def median(asked: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    with only_reading():
        asked()
        db.session.rollback()
    return (time.perf_counter() - begun) * 1000


def measure(rounds: int) -> None:
    """Ask all questions in turn and print the table."""
    communes: dict[str, int] = {}
    by_commune: dict[str, int] = {}
    rows = db.session.execute(text("SELECT hamlet, commune FROM map ORDER BY hamlet")).all()
    for hamlet, commune in rows:
        by_commune[hamlet] = communes.setdefault(commune, len(communes))
    chosen = rows[0][1]
    in_commune = {hamlet: place for place, hamlet in enumerate(h for h, commune in rows if commune == chosen)}
    ends = [periods.parse(f"{2024 + (6 + n) // 12}-{(6 + n) % 12 + 1:02}").last for n in range(24)]
    month = periods.parse(MONTH)

    def months_of_rollups() -> None:
        for end in ends:
            of_rollups(by_commune, end)

    def months_of_raw() -> None:
        for end in ends:
            raw(_PEOPLE, end, group="'74'")
            raw(_HOMES, end, group="'74'")

    def stock_of_raw(**options: Any) -> None:
        raw(_PEOPLE, CUT_OFF, **options)
        raw(_HOMES, CUT_OFF, **options)

    people, homes = of_rollups(by_commune, CUT_OFF)
    told = np.array([[*row[3:]] for row in raw(_PEOPLE, CUT_OFF)], dtype=np.int64).sum(axis=0)
    assert told.tolist() == people.sum(axis=(0, 1, 2))[:6].tolist(), (told, people.sum(axis=(0, 1, 2)))
    told = np.array([[*row[1:]] for row in raw(_HOMES, CUT_OFF)], dtype=np.int64).sum(axis=0)
    assert told.tolist() == homes.sum(axis=0)[5:8].tolist(), (told, homes.sum(axis=0))
    told = np.array([row[1:] for row in raw(_FLOW, month.last, first=str(month.first))], dtype=np.int64).sum(
        axis=0
    )
    flow = rollups.flow(by_commune, month).counts.sum(axis=0)
    assert told.tolist() == [flow[0], flow[1], flow[2:].sum()], (told, flow)
    db.session.rollback()

    questions: list[tuple[str, Callable[[], Any], Callable[[], Any], int]] = [
        (
            "province by commune, all stock, sex and age, a day within a month",
            lambda: of_rollups(by_commune, CUT_OFF),
            stock_of_raw,
            rounds,
        ),
        (
            "one commune by hamlet, the same",
            lambda: of_rollups(in_commune, CUT_OFF),
            lambda: stock_of_raw(commune=chosen, group="map.hamlet"),
            rounds,
        ),
        ("province at 24 month ends", months_of_rollups, months_of_raw, 1),
        (
            "flow of a month by commune",
            lambda: rollups.flow(by_commune, month),
            lambda: raw(_FLOW, month.last, first=str(month.first)),
            rounds,
        ),
    ]
    print("| question | rollups | raw SQL | raw / rollups |\n| --- | ---: | ---: | ---: |")
    for title, ours, plain, times in questions:
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(times):
            taken[0].append(median(ours))
            taken[1].append(median(plain))
        one, other = (statistics.median(each) for each in taken)
        print(f"| {title} | {one:,.0f} ms | {other:,.0f} ms | {other / one:.1f} |", flush=True)


# --- the run --------------------------------------------------------------------------------------------------


@contextmanager
def database(kind: str, url: str | None, home: Path) -> Iterator[str]:
    if url:
        yield url
    elif kind == "sqlite":
        yield f"sqlite:///{home / 'province.sqlite3'}"
    else:
        with postgresql.running(haste=False) as server:
            with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
                connection.execute("CREATE DATABASE province")
            yield server.format("province")


def run(kind: str, options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder, database(kind, options.url, Path(folder)) as url:
        app = create_app(Config(url, "bench", new_key(), Path(folder)))
        app.test_cli_runner().invoke(args=["setup"], catch_exceptions=False)
        with app.app_context():
            print(f"\n{db.engine.dialect.name}, {options.homes:,} homes, {os.cpu_count()} cores", flush=True)
            begun = time.perf_counter()
            fill(options.homes, options.seed)
            print(f"  written in {time.perf_counter() - begun:.1f} s", flush=True)
            begun = time.perf_counter()
            services.rebuild(
                OPERATOR, lambda line: print(f"  {time.perf_counter() - begun:6.1f} s  {line}", flush=True)
            )
            db.session.commit()
            rebuilt = time.perf_counter() - begun
            db.session.execute(
                text(
                    "CREATE TABLE map AS SELECT units.id AS hamlet, unit_spans.parent_id AS commune FROM units "
                    "JOIN unit_spans ON unit_id = units.id WHERE kind = 'hamlet' AND unit_spans.valid_to IS NULL"
                )
            )
            db.session.execute(text("ANALYZE"))
            db.session.commit()
            measure(options.rounds)
            plain = median(lambda: (raw(_PEOPLE, CUT_OFF), raw(_HOMES, CUT_OFF)))
            print(f"| rollups rebuild, beside one stock question | {rebuilt:,.1f} s | {plain / 1000:,.1f} s "
                  f"| 1 / {rebuilt * 1000 / plain:.1f} |")  # fmt: skip
            db.session.remove()
            db.engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--homes", type=int, default=800_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=2025)
    parser.add_argument("--database", choices=["sqlite", "postgresql"])
    parser.add_argument("--url")
    options = parser.parse_args()
    for kind in [options.database] if options.database else ["sqlite", "postgresql"]:
        run(kind, options)


main()
