"""The promise of sync, in short: every scenario once, small and with a fixed seed. `bin/faults` runs them long."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import DATA_KEY, DATABASE
from tests.faults.databases import Database, NoSmallDisk, PostgresDatabase, SqliteFile
from tests.faults.running import play
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.world import Beginning

IN_SHORT = {
    "sqlite": {each.name for each in SCENARIOS},
    "postgresql": {
        "workers_killed",
        "disorder",
        "storm",
        "backup_restored",
        "rolled_back",
        "poison",
        "two_devices",
    },
}
CHOSEN = [each for each in SCENARIOS if DATABASE in each.databases and each.name in IN_SHORT[DATABASE]]


@pytest.fixture(scope="module")
def beginning(new_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Beginning:
    url = new_database("faults")
    database: Database
    if DATABASE == "sqlite":
        database = SqliteFile(Path(url.removeprefix("sqlite:///")))
    else:
        server, _, tail = url.partition("@/")
        name, _, host = tail.partition("?")
        database = PostgresDatabase(f"{server}@/{{}}?{host}", name)
    return Beginning.make(database, tmp_path_factory.mktemp("beginning"), DATA_KEY)


@pytest.mark.parametrize("scenario", CHOSEN, ids=lambda scenario: scenario.name)
def test_nothing_saved_is_lost_or_doubled(scenario: Scenario, beginning: Beginning, tmp_path: Path) -> None:
    try:
        run = play(scenario, beginning, tmp_path, seed=1, operations=200)
    except NoSmallDisk as missing:
        pytest.skip(str(missing))
    assert run.verdict.saved > 100
    assert run.verdict.is_kept, f"{run.verdict}\n{run.log[-6000:]}"
