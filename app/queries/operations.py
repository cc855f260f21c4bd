"""Looks at the operation log."""

from collections.abc import Collection

from sqlalchemy import func, select

from app.core.database import db
from app.models.operations import Operation
from app.rules.permissions import Actor
from app.rules.vocabulary import OperationOutcome


def by_ids(op_ids: Collection[str]) -> list[Operation]:
    """Return the kept operations among `op_ids`, whoever sent them."""
    return list(db.session.scalars(select(Operation).where(Operation.op_id.in_(op_ids)))) if op_ids else []


def deferred_for(ids: Collection[str]) -> list[Operation]:
    """Return the deferred operations that wait for any of the homes or visits in `ids`, oldest first."""
    query = (
        select(Operation)
        .where(Operation.outcome == OperationOutcome.DEFERRED, Operation.waits_for.in_(ids))
        .order_by(Operation.received_at, Operation.op_id)
    )
    return list(db.session.scalars(query))


def receipts(actor: Actor, device_id: str, after: int, limit: int) -> list[Operation]:
    """Return the actor's own operations from a device with receipt numbers above `after`, in their order."""
    query = (
        select(Operation)
        .where(
            Operation.author_id == actor.id, Operation.device_id == device_id, Operation.receipt_seq > after
        )
        .order_by(Operation.receipt_seq)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def count(actor: Actor, device_id: str) -> int:
    """Return how many operations the server keeps of the actor's from a device."""
    query = select(func.count()).where(Operation.author_id == actor.id, Operation.device_id == device_id)
    return db.session.scalar(query) or 0
