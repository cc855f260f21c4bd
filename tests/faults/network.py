"""The network between phones and server: a proxy that loses, doubles, delays, cuts and reorders requests.

What befalls a request is drawn from the run's seed and the request's own name, so it does not depend on how
threads happen to take turns.
"""

import asyncio
import re
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_NAME = re.compile(rb"\r\nx-request-id: *([\w.-]+)", re.IGNORECASE)
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Weather:
    """How likely each mishap is for one request; `round_trip` is the longest delay there and back, in seconds."""

    lost_before: float = 0.0
    """Never reaches the server."""
    lost_answer: float = 0.0
    """Served and committed; the answer never arrives."""
    cut_answer: float = 0.0
    """Served; the connection breaks off in the midst of the answer."""
    cut_request: float = 0.0
    """The connection breaks off in the midst of the request."""
    doubled: float = 0.0
    """Reaches the server twice at the same time."""
    late: float = 0.0
    """Given up by the phone, reaches the server up to a second later, behind newer requests."""
    slow: float = 0.0
    """Trickles in."""
    round_trip: float = 0.0

    def mishap(self, chance: Random) -> str | None:
        """Draw what befalls a request; None for nothing."""
        names = ("lost_before", "lost_answer", "cut_answer", "cut_request", "doubled", "late", "slow")
        drawn = chance.random()
        for name in names:
            drawn -= getattr(self, name)
            if drawn < 0:
                return name
        return None


CALM = Weather()


class Network:
    """Listens on a port of its own and forwards to the server's; `weather` may change at any time."""

    def __init__(self, server_port: int, seed: int) -> None:
        self.server_port = server_port
        self.weather = CALM
        self.mishaps: Counter[str] = Counter()
        self.port = 0
        self._under_way = threading.Semaphore(0)
        self._seed = seed
        self._ready = threading.Event()
        self._later: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        """Stop listening, once everything that was late has arrived."""
        self._wait_for(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def drained(self) -> None:
        """Wait until everything that was late has arrived."""
        self._wait_for(self._drain())

    def next_request(self, timeout: float) -> bool:
        """Wait until a push goes to the server; False where none did in `timeout` seconds."""
        while self._under_way.acquire(blocking=False):
            pass
        return self._under_way.acquire(timeout=timeout)

    def _wait_for(self, deed: Coroutine[Any, Any, None]) -> None:
        try:
            asyncio.run_coroutine_threadsafe(deed, self._loop).result(_LONGEST)
        except TimeoutError as error:
            frame = sys._current_frames().get(self._thread.ident or 0)
            where = "".join(traceback.format_stack(frame)) if frame else "its thread has ended"
            raise AssertionError(f"the network hangs:\n{where}") from error

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._listener = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**22, backlog=1024)
        )
        self.port = self._listener.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _drain(self) -> None:
        while self._later:
            await asyncio.gather(*self._later, return_exceptions=True)

    async def _end(self) -> None:
        self._listener.close()
        await self._drain()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await asyncio.wait_for(self._pass_on(reader), _LONGEST)
            writer.write(answer)
            await writer.drain()
        except asyncio.CancelledError:
            pass  # the run is over; nobody waits for this task
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # for the phone, all of these are a broken connection
        finally:
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader) -> bytes:
        """Read one request and return what the phone gets to see of its answer; nothing at all where empty."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        request = head + (await reader.readexactly(int(length[1])) if length else b"")
        name = _NAME.search(head)
        weather, chance = self.weather, Random(f"{self._seed} {name[1].decode() if name else ''}")
        mishap = weather.mishap(chance)
        if mishap:
            self.mishaps[mishap] += 1
        await asyncio.sleep(weather.round_trip * chance.random() / 2)
        answer = await self._deliver(request, mishap, chance)
        await asyncio.sleep(weather.round_trip * chance.random() / 2)
        return answer

    async def _deliver(self, request: bytes, mishap: str | None, chance: Random) -> bytes:
        if mishap == "lost_before":
            return b""
        if mishap == "late":
            task = asyncio.ensure_future(self._ask_later(request, chance.random()))
            self._later.add(task)
            task.add_done_callback(self._later.discard)
            return b""
        if mishap == "cut_request":
            request = request[: chance.randrange(1, len(request))]
        if mishap == "doubled":
            both = await asyncio.gather(self._ask(request), self._ask(request))
            answer = both[chance.randrange(2)]
        else:
            answer = await self._ask(request, pause=0.05 if mishap == "slow" else 0.0)
        kept = {"lost_answer": 0, "cut_answer": chance.randrange(len(answer) or 1)}
        return answer[: kept.get(mishap or "", len(answer))]

    async def _ask_later(self, request: bytes, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._ask(request)

    async def _ask(self, request: bytes, pause: float = 0.0) -> bytes:
        """Send to the server, in eight parts where there is a `pause`, and read until it closes."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            return b""
        try:
            if b"/sync/push" in request[:60]:
                self._under_way.release()
            if pause:
                part = len(request) // 8 + 1
                for start in range(0, len(request), part):
                    writer.write(request[start : start + part])
                    await writer.drain()
                    await asyncio.sleep(pause)
            else:
                writer.write(request)
            if _is_whole(request):
                await writer.drain()
            else:
                writer.write_eof()
            return await reader.read()
        except OSError:
            return b""
        finally:
            writer.close()


def _is_whole(request: bytes) -> bool:
    head, _, body = request.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return b"\r\n\r\n" in request and len(body) == (int(length[1]) if length else 0)
