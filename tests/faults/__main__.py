"""The long run behind `bin/faults`: every scenario again and again with other seeds, and a table at the end."""

import argparse
import platform
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import click

from app.core import crypto
from tests import postgresql
from tests.faults.databases import Database, NoSmallDisk, PostgresDatabase, SqliteFile
from tests.faults.running import play
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.world import Beginning

ENDING = threading.Event()
"""Set when the run is to end early: what is being played is played to its end, and the table shows what was."""


@dataclass(slots=True)
class Line:
    """One scenario on one database, over all its runs."""

    title: str
    database: str
    runs: int = 0
    operations: int = 0
    lost: int = 0
    duplicated: int = 0
    mishaps: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def main() -> int:
    """Run; return 1 where a promise was broken."""
    wanted = _arguments()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ENDING.set())
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        folder.chmod(0o755)
        beginnings = list(_beginnings(wanted.database, folder, stack))
        with ThreadPoolExecutor(len(beginnings)) as pool:  # the databases side by side
            results = list(pool.map(lambda each: _run_all(each[0], each[1], folder, wanted), beginnings))
    lines = [line for result in results for line in result]
    _print_table(lines, time.monotonic() - began)
    return 1 if any(line.failures or line.lost or line.duplicated for line in lines) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=2, help="runs of each scenario, each with the next seed")
    parser.add_argument("--operations", type=int, default=3400, help="operations saved in each run, about")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this one")
    parser.add_argument("--only", nargs="+", choices=[each.name for each in SCENARIOS], metavar="SCENARIO")
    return parser.parse_args()


def _beginnings(only: str | None, folder: Path, stack: ExitStack) -> Iterator[tuple[Beginning, str]]:
    key = crypto.new_key()
    if only in (None, "sqlite"):
        database: Database = SqliteFile(folder / "beginning.sqlite3")
        yield Beginning.make(database, folder, key), "sqlite"
    if only in (None, "postgresql"):
        try:
            server = stack.enter_context(postgresql.running(haste=False))
        except postgresql.Missing as missing:
            _say(f"Not run on PostgreSQL. {missing}")
            return
        yield Beginning.make(PostgresDatabase.create(server), folder, key), "postgresql"


def _run_all(beginning: Beginning, name: str, folder: Path, wanted: argparse.Namespace) -> list[Line]:
    lines: list[Line] = []
    for scenario in SCENARIOS:
        if name not in scenario.databases or (wanted.only and scenario.name not in wanted.only):
            continue
        line = Line(scenario.title, name)
        lines.append(line)
        for seed in range(wanted.seed, wanted.seed + wanted.runs):
            _run(scenario, beginning, folder, seed, wanted.operations, line)
    return lines


def _run(
    scenario: Scenario, beginning: Beginning, folder: Path, seed: int, operations: int, line: Line
) -> None:
    if ENDING.is_set():
        return
    where = f"{line.database}: {scenario.name}, seed {seed}"
    try:
        run = play(scenario, beginning, folder, seed=seed, operations=operations)
    except NoSmallDisk as missing:
        _say(f"{where}: not run, {missing}")
        return
    except Exception as error:  # noqa: BLE001 (a broken run is a result, and the other scenarios go on)
        line.failures.append(f"{where}: {error!r}"[-3000:])
        _say(line.failures[-1])
        return
    verdict = run.verdict
    line.runs += 1
    line.operations += verdict.saved
    line.lost += len(verdict.lost)
    line.duplicated += len(verdict.duplicated)
    line.mishaps += run.mishaps
    if not verdict.is_kept:
        line.failures.append(f"{where}: {verdict}"[:3000])
    state = "kept" if verdict.is_kept else f"BROKEN {verdict}"[:3000]
    _say(f"{where}: {verdict.saved} operations in {run.seconds:.0f} s, {state}")


def _print_table(lines: list[Line], seconds: float) -> None:
    click.echo(
        f"\n{platform.python_implementation()} {platform.python_version()}, {seconds / 60:.0f} minutes\n"
    )
    click.echo("| scenario | database | runs | mishaps | operations | lost | duplicated |")
    click.echo("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    total = Line("**all**", "")
    for line in lines:
        _print_line(line)
        total.runs += line.runs
        total.operations += line.operations
        total.lost += line.lost
        total.duplicated += line.duplicated
        total.mishaps += line.mishaps
        total.failures += line.failures
    _print_line(total)
    click.echo("\nMishaps: " + ", ".join(f"{name} {count:,}" for name, count in total.mishaps.most_common()))
    for failure in total.failures:
        click.echo(f"\nFAILED {failure}")


def _print_line(line: Line) -> None:
    numbers = (line.runs, line.mishaps.total(), line.operations, line.lost, line.duplicated)
    click.echo("| " + " | ".join([line.title, line.database, *(f"{each:,}" for each in numbers)]) + " |")


def _say(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    sys.exit(main())
