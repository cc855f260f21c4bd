"""Keeping operations as they were sent, each exactly once, with a receipt number."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select

from app.core.clock import now
from app.core.database import db
from app.core.statements import Prepared
from app.models.households import Household
from app.models.operations import Draft, Operation
from app.models.sync import Device
from app.queries import operations as looks
from app.rules.operations import (
    Offered,
    canonical,
    content_hash,
    derived_id,
    may_keep_personal,
    without_personal,
)
from app.rules.permissions import Actor
from app.rules.vocabulary import OperationOutcome
from app.services import operations


@dataclass(frozen=True, slots=True)
class Result:
    """What is answered for one operation: `op_id` as sent, and the row that keeps it."""

    op_id: str | None
    row: Draft | Operation
    is_repeated: bool = False
    has_receipt: bool = True

    @property
    def outcome(self) -> OperationOutcome:
        """Return the outcome to answer; a repeated operation's standing one is still `row.outcome`."""
        return OperationOutcome.DUPLICATE if self.is_repeated else self.row.outcome


_DEVICES = db.metadata.tables[Device.__tablename__]
_IS_DEVICE = and_(_DEVICES.c.id == bindparam("device_id"), _DEVICES.c.user_id == bindparam("user_id"))
_HEAD = Prepared(select(_DEVICES.c.receipt_head).where(_IS_DEVICE).with_for_update())
_NOTE_HEAD = Prepared(
    _DEVICES.update().where(_IS_DEVICE).values(receipt_head=bindparam("head"), seen_at=bindparam("at"))
)


class Intake:
    """Keeps the operations of one push for their author. The device's row is locked: receipts have no gaps."""

    def __init__(
        self, author: Actor, device_id: str, *, schema: int, sent_at: datetime | None, op_ids: Collection[str]
    ) -> None:
        self.author = author
        self.schema = schema
        self.received_at = now()
        self.offset_ms = round((self.received_at - sent_at).total_seconds() * 1000) if sent_at else None
        self.device_id = device_id
        (self._head,) = _HEAD.rows(device_id=device_id, user_id=author.id)[0]
        self.known: dict[str, Draft | Operation] = {row.op_id: row for row in looks.by_ids(op_ids)}
        self.cases: list[operations.Case] = []

    def keep(self, each: Offered) -> Result:
        """Keep one operation to be judged, unless it is kept already; one whose `op_id` is taken gets another."""
        text, digest = each.text, each.hash
        op_id = each.op_id or derived_id("no op_id", str(self.author.id), digest)
        row = self.known.get(op_id) or (None if each.op_id else db.session.get(Operation, op_id))
        if row is None:
            row = self._draft(op_id, each, text, digest, "op.failed")
            self.cases.append(operations.Case(row, each, self.author))
            return Result(each.op_id, row)
        is_mine = row.author_id == self.author.id
        if is_mine and row.hash == digest:
            return Result(each.op_id, row, is_repeated=True)
        other = self._aside("op_id reused " + op_id, each, text, digest, "op.reused")
        return Result(each.op_id, other, has_receipt=is_mine)

    def close(self) -> None:
        """Note on the device which receipts were given, once all is kept."""
        row = {"device_id": self.device_id, "user_id": self.author.id}
        _NOTE_HEAD.run([{**row, "head": self._head, "at": self.received_at}])

    def quarantine(self, each: Offered, text: str, code: str) -> Result:
        """Keep something without judging it, whatever its `op_id` says; an official decides."""
        return Result(each.op_id, self._aside(code, each, text, content_hash(text), code))

    def _aside(self, why: str, each: Offered, text: str, digest: str, code: str) -> Draft | Operation:
        op_id = derived_id(why, str(self.author.id), digest)
        row = self.known.get(op_id) or db.session.get(Operation, op_id)
        if row is None:
            row = self._draft(op_id, each, text, digest, code)
            answer = select(Household.consent_answer).where(Household.id == each.home_id)
            if not may_keep_personal(each, db.session.scalar(answer)):
                row.body = canonical(without_personal(each.raw))
            self.known[op_id] = row = Operation(**vars(row))
            db.session.add(row)
        return row

    def _draft(self, op_id: str, each: Offered, text: str, digest: str, code: str) -> Draft:
        self._head += 1
        row = Draft(
            op_id=op_id,
            author_id=str(self.author.id),
            device_id=self.device_id,
            device_seq=each.device_seq,
            replaces=each.replaces,
            type=each.type,
            schema=self.schema,
            recorded_at=each.recorded_at,
            received_at=self.received_at,
            body=text if may_keep_personal(each, None) else canonical(without_personal(each.raw)),
            hash=digest,
            household_id=each.home_id,
            receipt_seq=self._head,
            outcome=OperationOutcome.INVALID,  # with `op.failed` this stands only if judging fails
            code=code,
            clock_offset_ms=self.offset_ms,
        )
        self.known[op_id] = row
        return row
