"""Gunicorn as an operator runs it, to be killed at any moment."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from random import Random, SystemRandom

ROOT = Path(__file__).resolve().parent.parent.parent


class Server:
    """Gunicorn with the project's own settings. `stop` and `start` keep the address."""

    def __init__(self, folder: Path, database_url: str, data_key: str) -> None:
        self.port = _free_port()
        self.log = folder / "server.log"
        self._environment = os.environ | {
            "DATABASE_URL": database_url,
            "SECRET_KEY": "fault tests",
            "DATA_KEY": data_key,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def flask(self, *arguments: str) -> str:
        """Run a `flask` command on the server's database, beside the server; return what it printed."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self) -> None:
        """Start serving, if it does not, and wait for the first answer."""
        if self._process is not None:
            return
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "gunicorn", "wsgi:app"]
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self._answers():
                return
            assert self._process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(f"the server did not answer:\n{self.log.read_text()}")

    def stop(self) -> None:
        """Stop serving in an orderly way."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill_worker(self, chance: Random) -> None:
        """Kill one worker with -9; the master starts another."""
        if workers := self._workers():
            kill_process(chance.choice(workers))

    def kill(self, *, orphans_live: float = 0.0) -> None:
        """Kill the master with -9, and after `orphans_live` seconds its workers, which go on serving till then."""
        if self._process is None:
            return
        group = self._process.pid
        self._process.kill()
        self._process.wait()
        self._process = None
        time.sleep(orphans_live)
        until = time.monotonic() + 30
        with suppress(ProcessLookupError):
            while time.monotonic() < until:
                os.killpg(group, signal.SIGKILL)  # also a worker that was just being born
                time.sleep(0.01)

    def _workers(self) -> list[int]:
        assert self._process is not None
        pid = self._process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def _answers(self) -> bool:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)) as connection:
                connection.request("GET", "/healthz")
                return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def kill_process(pid: int) -> None:
    """Kill any process with -9, unless it is gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _free_port() -> int:
    """Choose a port below those of outgoing connections: a killed server's must not be taken by one meanwhile."""
    for port in SystemRandom().sample(range(20_000, 32_000), 100):
        with closing(socket.socket()) as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no free port")
