"""Taking in what phones push. Raw operations are kept first and judged after, so that nothing is ever lost."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.core import errors
from app.core.clock import now
from app.core.crypto import keyring
from app.core.database import db
from app.models.operations import Operation
from app.models.sync import Device
from app.queries import operations as operation_looks
from app.rules.operations import MOST_PER_PUSH, Offered, canonical, content_hash, derived_id
from app.rules.permissions import Actor
from app.rules.vocabulary import OperationOutcome
from app.services import audit, households, operations


class WrongDevice(errors.Forbidden):
    """The session was opened on another device, or on none. Nothing is lost: the work stays on the phone."""

    code = "session.wrong_device"
    message = errors.message("Sign in on this phone again; the records stay on it until then.")


class TooManyOperations(errors.TooLarge):
    """More operations than one push may carry."""

    code = "sync.too_many_operations"


@dataclass(frozen=True, slots=True)
class Result:
    """What is answered for one operation: `op_id` as sent, and the row that keeps it."""

    op_id: str | None
    row: Operation
    is_repeated: bool = False
    has_receipt: bool = True

    @property
    def outcome(self) -> OperationOutcome:
        """Return the outcome to answer; a repeated operation's standing one is still `row.outcome`."""
        return OperationOutcome.DUPLICATE if self.is_repeated else self.row.outcome


def push(
    actor: Actor,
    *,
    device_id: str,
    schema: int,
    sent_at: datetime,
    offered: Sequence[Offered],
    read: operations.Read,
) -> list[Result]:
    """Keep and judge what a phone offers; return one result per operation, in the order sent.

    `read` reads operations kept earlier that can be judged now. Raises WrongDevice, TooManyOperations.
    """
    if actor.device_id is None or actor.device_id != device_id:
        raise WrongDevice
    if len(offered) > MOST_PER_PUSH:
        raise TooManyOperations
    intake = _Intake(actor, device_id, schema, sent_at, offered)
    results = [intake.keep(each) for each in offered]
    db.session.flush()  # the raw rows stand before anything is judged
    touched = operations.judge(intake.cases, lambda ids: _now_ready(ids, read))
    households.announce(touched)
    outcomes = Counter(str(result.outcome) for result in results)
    audit.note(actor, "sync.push", device_id, dict(outcomes))
    return results


def receipt(row: Operation) -> dict[str, object]:
    """Return the receipt of a kept operation: a number per user and device, the hash, and our signature."""
    signed = f"{row.op_id}:{row.author_id}:{row.device_id}:{row.receipt_seq}:{row.hash}"
    return {"seq": row.receipt_seq, "hash": row.hash, "hmac": keyring().sign("receipt", signed)}


def _now_ready(ids: set[str], read: operations.Read) -> list[operations.Case]:
    rows = operation_looks.deferred_for(ids)
    return [operations.Case(row, read(json.loads(row.body)), operations.author_of(row)) for row in rows]


class _Intake:
    """Keeps the operations of one push. The device's row is locked, so receipts number without gaps."""

    def __init__(
        self, actor: Actor, device_id: str, schema: int, sent_at: datetime, offered: Sequence[Offered]
    ) -> None:
        self.actor = actor
        self.schema = schema
        self.received_at = now()
        self.offset_ms = round((self.received_at - sent_at).total_seconds() * 1000)
        locked = select(Device).where(Device.id == device_id, Device.user_id == actor.id).with_for_update()
        self.device = db.session.scalars(locked, execution_options={"populate_existing": True}).one()
        self.device.seen_at = self.received_at
        self.known = {
            row.op_id: row for row in operation_looks.by_ids({each.op_id for each in offered if each.op_id})
        }
        self.cases: list[operations.Case] = []

    def keep(self, each: Offered) -> Result:
        """Keep one operation unless it is already; one whose `op_id` is taken gets a derived one."""
        text = canonical(each.raw)
        digest = content_hash(text)
        op_id = each.op_id or derived_id("no op_id", str(self.actor.id), digest)
        row = self.known.get(op_id) or (None if each.op_id else db.session.get(Operation, op_id))
        if row is None:
            row = self._add(op_id, each, text, digest, "op.failed")
            self.cases.append(operations.Case(row, each, self.actor))
            return Result(each.op_id, row)
        is_mine = row.author_id == self.actor.id
        if is_mine and row.hash == digest:
            return Result(each.op_id, row, is_repeated=True)
        other_id = derived_id("op_id reused", op_id, str(self.actor.id), digest)
        other = self.known.get(other_id) or db.session.get(Operation, other_id)
        other = other or self._add(other_id, each, text, digest, "op.reused")
        return Result(each.op_id, other, has_receipt=is_mine)

    def _add(self, op_id: str, each: Offered, text: str, digest: str, code: str) -> Operation:
        self.device.receipt_head += 1
        row = Operation(
            op_id=op_id,
            author_id=self.actor.id,
            device_id=self.device.id,
            device_seq=each.device_seq,
            type=each.type,
            schema=self.schema,
            recorded_at=each.recorded_at,
            received_at=self.received_at,
            body=text,
            hash=digest,
            receipt_seq=self.device.receipt_head,
            outcome=OperationOutcome.INVALID,  # with `op.failed` this stands only if judging fails
            code=code,
            clock_offset_ms=self.offset_ms,
        )
        self.known[op_id] = row
        db.session.add(row)
        return row
