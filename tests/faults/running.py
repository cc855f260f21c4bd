"""Playing one scenario in a fresh world."""

import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.faults.databases import SmallDisk
from tests.faults.scenarios import Scenario
from tests.faults.verdict import Verdict
from tests.faults.world import Beginning, World


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it: the verdict, how many mishaps of which kind there were, and the seconds it took."""

    verdict: Verdict
    mishaps: Counter[str]
    seconds: float
    log: str


def play(scenario: Scenario, beginning: Beginning, folder: Path, *, seed: int, operations: int) -> Run:
    """Play `scenario` in a copy of `beginning`, its files in a new folder under `folder`. Raises NoSmallDisk."""
    began = time.monotonic()
    home = Path(tempfile.mkdtemp(prefix=f"{scenario.name}-{seed}-", dir=folder))
    home.chmod(0o755)
    with ExitStack() as stack:
        disk = None
        if scenario.small_disk:
            disk = home / "disk"
            stack.enter_context(SmallDisk.mounted(disk, scenario.small_disk))
        world = World(beginning, home, seed, operations, disk)
        stack.callback(world.close)
        world.open()
        verdict = scenario.play(world)
    log = world.server.log
    return Run(
        verdict, world.network.mishaps, time.monotonic() - began, log.read_text() if log.exists() else ""
    )
