"""A slow line in front of a server: whatever goes through it, a service worker's requests too, takes its time."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 1400  # bytes, about a packet


class Direction:
    """One way of the line, which all connections share."""

    def __init__(self, rate: float, delay: float) -> None:
        self.rate = rate
        self.delay = delay
        self.free_at = 0.0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Bring all that `reader` gives to `writer`, in order, as late and as slowly as the line does."""
        loop = asyncio.get_running_loop()
        on_its_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=1000)

        async def arrive() -> None:
            while True:
                at, piece = await on_its_way.get()
                await asyncio.sleep(at - loop.time())
                if not piece:
                    break
                writer.write(piece)
                await writer.drain()
            with suppress(OSError):
                writer.write_eof()

        arriving = asyncio.create_task(arrive())
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                self.free_at = max(self.free_at, loop.time()) + len(piece) / self.rate
                await on_its_way.put((self.free_at + self.delay, piece))
                await asyncio.sleep(self.free_at - loop.time())
        await on_its_way.put((loop.time() + self.delay, b""))
        with suppress(OSError):
            await arriving


@contextmanager
def slow_line(port: int, target: int, *, rate: float, round_trip: float) -> Iterator[None]:
    """Listen on `port` and pass on to `target`: `rate` bytes a second each way, `round_trip` seconds there and back.

    Opening a connection costs a round trip too, as it does on a real line.
    """
    loop = asyncio.new_event_loop()
    up, down = Direction(rate, round_trip / 2), Direction(rate, round_trip / 2)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(round_trip)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
            await asyncio.gather(up.carry(reader, far_writer), down.carry(far_reader, writer))
            far_writer.close()
        except OSError:
            pass  # the server or the browser has hung up
        finally:
            writer.close()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = asyncio.start_server(connected, "127.0.0.1", port)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
