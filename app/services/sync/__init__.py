"""Taking in what phones push, telling them of a new epoch, taking in what was rescued from them.

Raw operations are kept first (`intake.py`) and judged after (`services/operations.py`): nothing is ever lost.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app.core import errors
from app.core.clock import now
from app.core.crypto import keyring
from app.core.database import db
from app.core.ids import new_id
from app.models.audit import AuditEntry
from app.models.operations import Draft, Operation
from app.models.sync import Epoch
from app.queries import scope
from app.queries import sync as looks
from app.rules.operations import MOST_PER_PUSH, Offered
from app.rules.permissions import Actor
from app.services import audit, households, operations, rollups
from app.services.ledger import Ledger
from app.services.sync.intake import Intake, Result
from app.services.sync.rescue import Rescued, rescue

__all__ = ["Rescued", "Result", "begin_epoch", "catch_up", "note_failure", "push", "receipt", "rescue"]

log = structlog.get_logger()


class WrongDevice(errors.Forbidden):
    """The session was opened on another device, or on none. Nothing is lost: the work stays on the phone."""

    code = "session.wrong_device"
    message = errors.message("Sign in on this phone again; the records stay on it until then.")


class TooManyOperations(errors.TooLarge):
    """More operations than one push may carry."""

    code = "sync.too_many_operations"


def catch_up(actor: Actor, cursor: looks.Cursor | None) -> None:
    """Before a pull: begin a new epoch if the phone knows more than the server, bring feeds in line with areas."""
    mine = scope.areas(actor)
    if looks.is_ahead(mine, cursor):
        begin_epoch(actor, "a cursor lay ahead")
    for team in looks.out_of_line(mine):
        households.bring_in_line(team)
        audit.note(actor, "sync.pull", team.id, {"area": "changed"})


def begin_epoch(actor: Actor, why: str) -> str:
    """Begin a new epoch: phones pull everything again and offer again what they sent in the last 30 days."""
    number = db.session.scalar(select(func.max(Epoch.number))) or 0
    epoch = Epoch(number=number + 1, id=new_id(), began_at=now())
    db.session.add(epoch)
    audit.note(actor, "sync.begin_epoch", epoch.id, {"why": why})
    db.session.flush()
    return epoch.id


def note_failure(actor: Actor, status: int, code: str) -> None:
    """Write down that a phone's sync was refused, for whoever looks after the teams."""
    audit.note(actor, "sync.push", actor.device_id, {"refused": code, "status": status})


def push(
    actor: Actor,
    *,
    device_id: str,
    schema: int,
    sent_at: datetime,
    offered: Sequence[Offered],
    read: operations.Read,
    last_receipt: Mapping[str, Any] | None = None,
) -> list[Result]:
    """Keep and judge what a phone offers; return one result per operation, in the order sent.

    `read` reads operations kept earlier that can be judged now; `last_receipt` is the latest that the phone
    holds of the present epoch. Raises WrongDevice, TooManyOperations.
    """
    if actor.device_id is None or actor.device_id != device_id:
        raise WrongDevice
    if len(offered) > MOST_PER_PUSH:
        raise TooManyOperations
    envelope = _Envelope(actor, device_id, schema, sent_at, offered, read, last_receipt)
    try:
        return envelope.take_in()
    except (errors.AppError, OperationalError):  # the latter tells of the database, not of a record
        raise
    except Exception:
        log.exception("a push failed as a set; judging one by one")
        db.session.rollback()  # nothing but this push was in the transaction
        return envelope.take_in(singly=True)


@dataclass(frozen=True, slots=True)
class _Envelope:
    actor: Actor
    device_id: str
    schema: int
    sent_at: datetime
    offered: Sequence[Offered]
    read: operations.Read
    last_receipt: Mapping[str, Any] | None

    def take_in(self, *, singly: bool = False) -> list[Result]:
        op_ids = {each.op_id for each in self.offered if each.op_id}
        if self.last_receipt:
            op_ids.add(self.last_receipt["op_id"])
        intake = Intake(self.actor, self.device_id, schema=self.schema, sent_at=self.sent_at, op_ids=op_ids)
        if self._proves_loss(intake):
            begin_epoch(self.actor, "a receipt was for what is not here")
        results = [intake.keep(each) for each in self.offered]
        intake.close()
        touched = operations.judge(
            intake.cases, lambda ids: operations.waiting_for(ids, self.read), singly=singly
        )
        households.announce(touched)
        rollups.keep_up()
        outcomes = Counter(str(result.outcome) for result in results)
        trail = Ledger()
        trail.add(AuditEntry, **audit.row(self.actor, "sync.push", self.device_id, dict(outcomes)))
        trail.write()
        return results

    def _proves_loss(self, intake: Intake) -> bool:
        """Say whether the phone holds a receipt of ours for what is not here: the server was rolled back."""
        receipt = self.last_receipt
        if receipt is None or receipt["op_id"] in intake.known:
            return False
        signed = _signed(
            receipt["op_id"], str(self.actor.id), self.device_id, receipt["seq"], receipt["hash"]
        )
        return keyring().is_signed("receipt", signed, receipt["hmac"])


def _signed(op_id: str, user_id: str, device_id: str, seq: int, content_hash: str) -> str:
    return f"{op_id}:{user_id}:{device_id}:{seq}:{content_hash}"


def receipt(row: Draft | Operation) -> dict[str, object]:
    """Return the receipt of a kept operation: a number per user and device, the hash, and our signature."""
    signed = _signed(row.op_id, row.author_id, row.device_id, row.receipt_seq, row.hash)
    return {"seq": row.receipt_seq, "hash": row.hash, "hmac": keyring().sign("receipt", signed)}
