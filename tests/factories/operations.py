"""Operations as phones sent them."""

import json
import uuid
from hashlib import sha256

from app.core.ids import new_id
from app.models.households import Household
from app.models.operations import FieldConflict, Operation
from app.models.users import User
from app.rules.vocabulary import OperationOutcome, OperationType
from tests.factories.rows import MORNING, number, save
from tests.factories.users import user

DEVICE_ID = str(uuid.UUID(int=1))


def operation(
    *,
    author: User | None = None,
    device_id: str = DEVICE_ID,
    type: OperationType | None = OperationType.OP_VOID,  # noqa: A002 (the column's name)
    outcome: OperationOutcome = OperationOutcome.STORED,
    data: dict[str, object] | None = None,
    device_seq: int | None = None,
    **details: object,
) -> Operation:
    """An operation with its outcome, and nothing of what it did."""
    author = author or user()
    op_id, seq = new_id(), number()
    sent = {
        "op_id": op_id,
        "device_seq": device_seq or seq,
        "type": type,
        "recorded_at": "2025-06-12T01:00:00Z",
        "data": data or {},
    }
    body = json.dumps(sent, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return save(
        Operation(
            op_id=op_id,
            author_id=author.id,
            device_id=device_id,
            device_seq=device_seq or seq,
            type=type,
            schema=1,
            recorded_at=MORNING,
            received_at=MORNING,
            body=body,
            hash=sha256(body.encode()).hexdigest(),
            receipt_seq=seq,
            outcome=outcome,
            **details,
        )
    )


def field_conflict(
    household: Household,
    *,
    operation: Operation,
    field: str = "code",
    kept: str | None = None,
    offered: str | None = "1",
) -> FieldConflict:
    """A field of `household` that the server kept and a phone wanted otherwise."""
    return save(
        FieldConflict(
            op_id=operation.op_id,
            household_id=household.id,
            field=field,
            kept=kept,
            offered=offered,
            noticed_at=MORNING,
        )
    )
