"""How long the province waits for its figures.

Method: the demo of 3,000 homes (about 11,000 visits, 31,000 observations) in a fresh SQLite file; the question is asked
through HTTP in this process, five times after one warm-up; printed are the median and the slowest, in milliseconds.
"""

import statistics
import tempfile
import time
from pathlib import Path

from app import create_app
from app.cli.demo import PASSWORD
from app.config import Config
from app.core.crypto import new_key

QUESTIONS = {
    "all stock indicators, by commune of today": "/api/v1/indicators/values?level=commune&limit=10000",
    "one indicator by sex and age, by commune of June 2025": (
        "/api/v1/indicators/values?indicator=account&by=sex&by=age&level=commune&borders=2025-06-30&limit=10000"
    ),
    "coverage, by commune of today": "/api/v1/coverage?level=commune",
    "the workbook for Excel": "/api/v1/exports/indicators.xlsx?level=commune",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        config = Config(f"sqlite:///{home / 'bench.sqlite3'}", "bench", new_key(), home)
        app = create_app(config)
        for arguments in (["setup"], ["demo"]):
            app.test_cli_runner().invoke(args=arguments, catch_exceptions=False)
        client = app.test_client()
        client.post("/api/v1/session", json={"username": "province", "password": PASSWORD})
        for title, address in QUESTIONS.items():
            taken = []
            for _ in range(6):
                begun = time.perf_counter()
                answer = client.get(address)
                taken.append((time.perf_counter() - begun) * 1000)
                assert answer.status_code == 200, answer.text
            print(f"{statistics.median(taken[1:]):7.0f} ms  (slowest {max(taken[1:]):.0f})  {title}")


main()
