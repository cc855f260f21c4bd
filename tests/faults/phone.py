"""A phone that follows the protocol of docs/sync.md as static/js/phone does, however bad the network."""

import gzip
import http.client
import json
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from app.core.clock import rfc3339
from tests.faults.journal import Journal, Kept, Operation

MOST = 100
LARGEST = 400 * 1024


class Unreachable(Exception):
    """No answer came."""


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, status: int, code: str | None) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Person:
    """Who holds the phone."""

    id: str
    username: str
    password: str
    team_id: str
    hamlet_ids: tuple[str, ...]


@dataclass(slots=True)
class Cache:
    """What the phone was told: disposable."""

    owner: str | None = None
    cursor: str | None = None
    epoch: str | None = None
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)


class Phone:
    """One phone; `person` holds it. `clock` is what it believes the time to be."""

    def __init__(
        self,
        folder: Path,
        name: str,
        person: Person,
        *,
        seed: int,
        patience: float = 10.0,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.name = name
        self.person = person
        self.patience = patience
        self.port = 0
        self.chance = Random(f"{seed} {name}")
        self.clock = clock or (lambda: datetime.now(UTC))
        self.shuffles = False
        self.size = 40
        """How many operations go into one push at most; 100 is the server's limit."""
        self.cache = Cache()
        self.problem: str | None = None
        self._path = folder / f"{name}.journal"
        self.journal = Journal.open(self._path, self._uuid())
        self._cookie = ""
        self._token = ""
        self._requests = 0
        self._most = MOST
        self.device_secret = ""
        self.sealing_key = ""

    @property
    def epoch(self) -> str | None:
        """Return the epoch of the server as this phone last heard of it."""
        return self.cache.epoch or self.journal.epoch

    # --- recording ------------------------------------------------------------------------------------------

    def save(self, kind: str, data: dict[str, Any], replaces: str | None = None) -> Operation:
        """Save an operation; when this returns, the phone has shown it as *saved*."""
        operation: Operation = {
            "op_id": self._uuid(),
            "device_seq": self.journal.device_seq + 1,
            "type": kind,
            "recorded_at": rfc3339(self.clock()),
            "data": data,
        }
        if replaces:
            operation["replaces"] = replaces
        self.journal.append({"kind": "operation", "author_id": self.person.id, "body": operation})
        return operation

    def undo(self, kept: Kept) -> bool:
        """Take an operation back, if it was never in any request."""
        if kept.is_attempted or kept.cancelled_at:
            return False
        self.journal.append(
            {"kind": "cancellation", "op_id": kept.made["op_id"], "at": rfc3339(self.clock())}
        )
        return True

    def crash(self, *, with_cache: bool) -> None:
        """The tab is killed while something is being saved; the journal stays, the cache may be gone."""
        self.journal.tear({"kind": "operation", "author_id": self.person.id, "body": {}})
        self.journal = Journal.open(self._path, "")
        self._token = ""
        if with_cache:
            self.cache = Cache()

    def hand_to(self, person: Person) -> None:
        """Another person signs in on this phone; what the first one saved stays on it."""
        self.person = person
        self._cookie = self._token = ""
        self.cache = Cache()

    def outgoing(self) -> list[Kept]:
        """Return what the holder has saved and the server, in its present epoch, has not answered for."""
        return [each for each in self.journal.of(self.person.id) if each.is_waiting_to_go(self.epoch)]

    # --- syncing --------------------------------------------------------------------------------------------

    def sync(self) -> bool:
        """Try once: push, pull, compare. False, with `problem`, where it did not get through."""
        try:
            self._open_session()
            self.push_all()
            self.pull_all()
            self.compare()
        except Unreachable:
            self._most = max(1, self._most // 2)
            self.problem = "unreachable"
        except Refused as refused:
            self.problem = str(refused)
            if refused.status == 401:
                self._cookie = ""
        else:
            self.problem = None
        return self.problem is None

    def sync_until_quiet(self, seconds: float) -> bool:
        """Try again and again, with jitter, until nothing is outgoing; False if it is not so in time."""
        until = time.monotonic() + seconds
        failures = 0
        while time.monotonic() < until:
            if self.sync():
                failures = 0
                if not self.outgoing():
                    return True
            elif self.problem and self.problem.startswith("401"):
                return False
            failures += 1
            time.sleep(min(0.02 * 2**failures, 0.5) * (0.75 + self.chance.random() / 2))
        return False

    def push_all(self) -> None:
        """Push everything outgoing, batch by batch; what is answered is kept at once."""
        while True:
            batch = self._batch()
            if not batch:
                return
            ids = [each.made["op_id"] for each in batch]
            self.journal.append({"kind": "attempt", "op_ids": ids})
            try:
                answer = self._push([each.as_sent() for each in batch])
            except Refused as refused:
                if refused.status != 413 or len(batch) == 1:
                    raise
                self._most = (len(batch) + 1) // 2
                continue
            self._most = min(MOST, self._most * 2)
            self._receive(answer)

    def compare(self) -> None:
        """Compare counts with the server, and offer again what it does not hold although it gave a receipt."""
        own = self.journal.of(self.person.id)
        answered = {
            each.made["op_id"]: each for each in own if each.answer and each.answer["epoch"] == self.epoch
        }
        page = self.call("GET", f"sync/receipts?device_id={self.journal.device_id}")
        is_missing = page["count"] < len(answered)
        is_waiting = any(each.answer["outcome"] == "deferred" for each in answered.values())
        if is_missing:
            self._receive(self._push([]))  # its last receipt tells the server, which tells the others
        while is_missing or is_waiting:
            for item in page["items"]:
                answered.pop(item["op_id"], None)
            self._receive({"epoch": self.epoch, "results": page["items"]})
            if not page["next"]:
                break
            page = self.call("GET", f"sync/receipts?device_id={self.journal.device_id}&cursor={page['next']}")
        if is_missing and answered:
            self.journal.append(*({"kind": "missing", "op_id": op_id} for op_id in answered))

    def pull_all(self) -> None:
        """Bring the cache up to date, building it anew where another person signed in or a new epoch began."""
        if self.cache.owner != self.person.id:
            self.cache = Cache(owner=self.person.id, epoch=self.cache.epoch)
        while True:
            cursor = self.cache.cursor
            page = self.call("GET", "sync/pull" + (f"?cursor={cursor}" if cursor else ""))
            if cursor and page["epoch"] != self.cache.epoch:
                self.cache = Cache(owner=self.person.id, epoch=page["epoch"])
                continue
            for item in page["items"]:
                if item["kind"] == "household":
                    self.cache.homes[item["id"]] = item
                elif item["kind"] == "evict":
                    self.cache.homes.pop(item["id"], None)
            self.cache.cursor, self.cache.epoch = page["cursor"], page["epoch"]
            if not page["more"]:
                return

    def _batch(self) -> list[Kept]:
        queue = self.outgoing()
        if self.shuffles:
            self.chance.shuffle(queue)
        batch: list[Kept] = []
        size = 0
        for each in queue[: min(self._most, self.size)]:
            size += len(json.dumps(each.as_sent(), ensure_ascii=False).encode()) + 1
            if batch and size > LARGEST:
                break
            batch.append(each)
        return batch

    def _push(self, operations: list[Operation]) -> dict[str, Any]:
        envelope = {
            "schema": 1,
            "device_id": self.journal.device_id,
            "epoch": self.epoch,
            "sent_at": rfc3339(self.clock()),
            "last_receipt": self._last_receipt(),
            "operations": operations,
        }
        try:
            return self.call("POST", "sync/push", envelope)
        except Refused as refused:
            if refused.status not in {400, 403} or refused.code == "session.wrong_device":
                raise
            self._open_session(fresh=True)
            return self.call("POST", "sync/push", envelope)

    def _last_receipt(self) -> dict[str, Any] | None:
        """Return the highest receipt of the epoch that the envelope names."""
        held = [
            {"op_id": each.made["op_id"], **each.answer["receipt"]}
            for each in self.journal.of(self.person.id)
            if each.answer and each.answer["receipt"] and each.answer["epoch"] == self.epoch
        ]
        return max(held, key=lambda receipt: receipt["seq"], default=None)

    def _receive(self, answer: dict[str, Any]) -> None:
        records = [
            {
                "kind": "receipt",
                "op_id": result["op_id"],
                "outcome": result.get("was") or result["outcome"],
                "receipt": result["receipt"],
                "code": result["code"],
                "epoch": answer["epoch"],
                "at": rfc3339(datetime.now(UTC)),
            }
            for result in answer["results"]
            if result["op_id"] in self.journal.kept
        ]
        if records:
            self.journal.append(*records)
        if self.cache.epoch is None or not self.cache.cursor:
            self.cache.epoch = answer["epoch"]
        elif self.cache.epoch != answer["epoch"]:
            self.cache = Cache(owner=self.cache.owner, epoch=answer["epoch"])

    # --- requests -------------------------------------------------------------------------------------------

    def _open_session(self, *, fresh: bool = False) -> None:
        if not self._cookie:
            self.sign_in()
        elif fresh or not self._token:
            self._token = self.call("GET", "session")["csrf_token"]

    def sign_in(self) -> None:
        """Sign in as the holder, on this phone."""
        device = {"id": self.journal.device_id, "name": self.name}
        person = {"username": self.person.username, "password": self.person.password}
        answer = self.call("POST", "session", person | {"device": device})
        self._token = answer["csrf_token"]
        self.device_secret = answer["device"]["secret"]
        self.sealing_key = answer["device"]["sealing_key"]

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Make one request; raises Unreachable, Refused."""
        self._requests += 1
        headers = {
            "Connection": "close",
            "X-Request-ID": f"{self.name}-{self._requests:08}",
            "Cookie": self._cookie,
            "X-CSRFToken": self._token,
        }
        packed = None
        if body is not None:
            packed = gzip.compress(json.dumps(body, ensure_ascii=False).encode(), 5)
            headers |= {"Content-Type": "application/json", "Content-Encoding": "gzip"}
            if path == "session":
                packed = gzip.decompress(packed)
                del headers["Content-Encoding"]
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)) as link:
                link.request(method, f"/api/v1/{path}", packed, headers)
                with link.getresponse() as response:
                    answer = json.loads(response.read()) if response.status != 204 else None
                    if response.status < 400:
                        self._keep_cookie(response)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(repr(error)) from error
        if response.status >= 400:
            raise Refused(response.status, answer.get("error", {}).get("code"))
        return answer

    def _keep_cookie(self, response: http.client.HTTPResponse) -> None:
        for value in response.headers.get_all("Set-Cookie", []):
            if value.startswith("tung-nha="):
                self._cookie = value.partition(";")[0]

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def new_id(self) -> str:
        """Make an id from the phone's own seed."""
        return self._uuid()
