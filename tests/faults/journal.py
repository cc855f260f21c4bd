"""A phone's journal, as static/js/phone/store keeps it: append-only, on disk, read anew after a crash."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Operation = dict[str, Any]

KEPT_AFTER_RECEIPT = timedelta(days=30)


@dataclass(slots=True)
class Kept:
    """An operation with what the journal tells of it. `answer` is the last result, with its epoch."""

    author_id: str
    made: Operation
    is_attempted: bool = False
    cancelled_at: str | None = None
    answer: dict[str, Any] | None = None

    def as_sent(self) -> Operation:
        """Return what goes over the wire: the operation, or op.void in its place once it was undone."""
        if self.cancelled_at is None:
            return self.made
        head = {name: self.made[name] for name in ("op_id", "device_seq")}
        return head | {"type": "op.void", "recorded_at": self.cancelled_at, "data": {}}

    def is_waiting_to_go(self, epoch: str | None) -> bool:
        """Say whether it is to be offered: never answered, or answered in an epoch before `epoch`."""
        if self.answer is None:
            return True
        if epoch is None or self.answer["epoch"] == epoch:
            return False
        answered_at = datetime.fromisoformat(self.answer["at"])
        return datetime.now(UTC) - answered_at < KEPT_AFTER_RECEIPT


@dataclass(slots=True)
class Journal:
    """Everything that was done on one phone, by whomever, in order. One line of the file is one transaction."""

    path: Path
    device_id: str = ""
    device_seq: int = 0
    epoch: str | None = None
    """That of the last answer: it must outlive the cache, or a server rolled back meanwhile would go unnoticed."""
    kept: dict[str, Kept] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, new_device_id: str) -> "Journal":
        """Read the journal; a torn last line was never shown as saved and is dropped. A new one gets the id."""
        journal = cls(path)
        if path.exists():
            whole, _, torn = path.read_bytes().rpartition(b"\n")
            if torn:
                path.write_bytes(whole + b"\n" if whole else b"")
            for line in whole.splitlines():
                journal._fold(json.loads(line))
        if not journal.device_id:
            journal.append({"kind": "device", "device_id": new_device_id})
        return journal

    def append(self, *records: Record) -> None:
        """Write records in one transaction; when this returns they are saved."""
        with self.path.open("ab") as file:
            file.write(json.dumps(records, ensure_ascii=False).encode() + b"\n")
        self._fold(list(records))

    def tear(self, record: Record) -> None:
        """Write half a transaction, as when the tab is killed in the midst of saving: nothing was saved."""
        with self.path.open("ab") as file:
            file.write(json.dumps([record]).encode()[:-5])

    def of(self, author_id: str) -> list[Kept]:
        """Return one person's operations, oldest first."""
        return [each for each in self.kept.values() if each.author_id == author_id]

    def _fold(self, records: list[Record]) -> None:
        for record in records:
            match record["kind"]:
                case "device":
                    self.device_id = record["device_id"]
                case "operation":
                    made = record["body"]
                    self.kept[made["op_id"]] = Kept(record["author_id"], made)
                    self.device_seq = max(self.device_seq, made["device_seq"])
                case "attempt":
                    for op_id in record["op_ids"]:
                        self.kept[op_id].is_attempted = True
                case "receipt":
                    self.kept[record["op_id"]].answer = record
                    self.epoch = record["epoch"]
                case "missing":
                    self.kept[record["op_id"]].answer = None
                case "cancellation":
                    self.kept[record["op_id"]].cancelled_at = record["at"]
